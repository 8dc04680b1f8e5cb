"""The arguments of the module ``docker_engine``, and what they ask for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._files.model import parse_entries
from .._files.spec import ENTRIES, UNITS
from .._files.units import parse_units
from .converge import Engine
from .login import Registry

REGISTRY: dict[str, Any] = {
    "server": {"type": "str", "required": True},
    "username": {"type": "str", "required": True},
    "password": {"type": "str", "required": True, "no_log": True},
}
SPEC: dict[str, Any] = {
    "options": {"type": "dict"},
    "path": {"type": "str", "default": "/etc/docker/daemon.json"},
    "registries": {"type": "list", "elements": "dict", "default": [], "options": REGISTRY},
    "config_dir": {"type": "str", "default": "/root/.docker"},
    "wait_seconds": {"type": "int", "default": 60},
    "entries": ENTRIES,
    "units": UNITS,
}


def parse(arguments: Mapping[str, Any]) -> Engine:
    """What the module is asked for.

    :raises StairwayError: naming the entry whose options contradict each other.
    """
    return Engine(
        options=arguments["options"],
        path=arguments["path"],
        registries=tuple(Registry(**item) for item in arguments["registries"]),
        config_dir=arguments["config_dir"],
        wait_seconds=arguments["wait_seconds"],
        entries=parse_entries(arguments["entries"]),
        units=parse_units(arguments["units"]),
    )
