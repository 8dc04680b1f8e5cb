"""The argument specs of entries and units, for each module that takes them. Pure data."""

from __future__ import annotations

from typing import Any

ENTRY: dict[str, Any] = {
    "path": {"type": "str", "required": True},
    "content": {"type": "str"},
    "secret_content": {"type": "str", "no_log": True},
    "link": {"type": "str"},
    "state": {"type": "str", "choices": ["file", "link", "directory", "absent"]},
    "mode": {"type": "str"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "validate": {"type": "list", "elements": "str", "default": []},
    "label": {"type": "str"},
    "create_only": {"type": "bool", "default": False},
}
UNIT: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "enabled": {"type": "bool"},
    "state": {"type": "str", "choices": ["started", "stopped"]},
    "reload_on": {"type": "list", "elements": "str", "default": []},
    "restart_on": {"type": "list", "elements": "str", "default": []},
    "probe": {"type": "list", "elements": "str", "default": []},
    "optional": {"type": "bool", "default": False},
}
ENTRIES: dict[str, Any] = {"type": "list", "elements": "dict", "default": [], "options": ENTRY}
UNITS: dict[str, Any] = {"type": "list", "elements": "dict", "default": [], "options": UNIT}
