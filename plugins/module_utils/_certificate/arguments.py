"""The arguments of the module ``certificate``, and what they ask for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._files import converge as files
from .._files.model import parse_entries
from .._files.spec import ENTRIES, UNITS
from .._files.units import parse_units
from .converge import Order, Places
from .model import Authority, parse_wanted

CERTIFICATE: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "domains": {"type": "list", "elements": "str", "required": True},
    "challenge": {"type": "str", "choices": ["webroot", "standalone", "dns"], "default": "webroot"},
    "auth_hook": {"type": "str"},
    "cleanup_hook": {"type": "str"},
}
SPEC: dict[str, Any] = {
    "certificates": {"type": "list", "elements": "dict", "required": True, "options": CERTIFICATE},
    "directory_url": {"type": "str", "default": "https://acme-v02.api.letsencrypt.org/directory"},
    "ca": {"type": "str", "default": ""},
    "email": {"type": "str", "default": ""},
    "webroot": {"type": "path", "default": "/var/lib/stairway/acme"},
    "http_port": {"type": "int", "default": 80},
    "key_type": {"type": "str", "choices": ["ecdsa", "rsa"], "default": "ecdsa", "no_log": False},
    "renew_before_days": {"type": "int", "default": 30},
    "tls_dir": {"type": "path", "default": "/etc/stairway/tls"},
    "config_dir": {"type": "path", "default": "/etc/letsencrypt"},
    "deploy_hook": {"type": "path", "default": "/etc/letsencrypt/renewal-hooks/deploy/stairway"},
    "wait_seconds": {"type": "int", "default": 300},
    "entries": ENTRIES,
    "units": UNITS,
}


def parse(arguments: Mapping[str, Any]) -> Order:
    """What the module is asked for.

    :raises StairwayError: naming the entry whose options contradict each other.
    """
    common = {key: arguments[key] for key in ("webroot", "http_port", "key_type", "renew_before_days")}
    return Order(
        wishes=tuple(parse_wanted(item, **common) for item in arguments["certificates"]),
        authority=Authority(directory_url=arguments["directory_url"], email=arguments["email"], ca=arguments["ca"]),
        places=Places(Path(arguments["config_dir"]), Path(arguments["tls_dir"]), Path(arguments["deploy_hook"])),
        beside=files.Wish(entries=parse_entries(arguments["entries"]), units=parse_units(arguments["units"])),
        seconds=arguments["wait_seconds"],
    )
