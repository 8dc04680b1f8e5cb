"""The options of the module ``atlas_cluster``."""

from __future__ import annotations

from typing import Any

from .client import BASE

_TEXT: dict[str, Any] = {"type": "str"}
_NEEDED: dict[str, Any] = {"type": "str", "required": True}
_SECRET: dict[str, Any] = {"type": "str", "no_log": True}

SPEC: dict[str, Any] = {
    "project": _NEEDED,
    "name": _NEEDED,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "region": _TEXT,
    "tier": _TEXT,
    "nodes": {"type": "int"},
    "version": _TEXT,
    "disk_gb": {"type": "int"},
    "backup": {"type": "bool"},
    "point_in_time": {"type": "bool"},
    "encryption": {"type": "str", "choices": ["NONE", "AWS"]},
    "termination_protection": {"type": "bool"},
    "access_list": {"type": "list", "elements": "str"},
    "open_because": _TEXT,
    "peering": {
        "type": "dict",
        "options": {"vpc": _NEEDED, "cidr": _NEEDED, "account": _NEEDED, "region": _NEEDED, "atlas_cidr": _TEXT},
    },
    "user": {
        "type": "dict",
        "options": {
            "name": _NEEDED,
            "password": _SECRET,
            "update_password": {
                "type": "str",
                "choices": ["on_create", "always"],
                "default": "on_create",
                "no_log": False,
            },
            "database": _TEXT,
            "roles": {
                "type": "list",
                "elements": "dict",
                "options": {"role": _NEEDED, "database": _NEEDED},
            },
        },
    },
    "give_up": {"type": "dict", "default": {}},
    "wait": {"type": "bool", "default": True},
    "timeout_seconds": {"type": "int", "default": 3600},
    "poll_seconds": {"type": "float", "default": 15.0},
    "public_key": _TEXT,
    "private_key": _SECRET,
    "client_id": _TEXT,
    "client_secret": _SECRET,
    "base_url": {"type": "str", "default": BASE},
}
