"""What a host remembers of its backups and drills, so that anybody can be told without asking S3."""

from __future__ import annotations

import json
from typing import Any

from .._common import atomic
from .places import Host

# How many successful runs are remembered, to tell how far apart they really were.
REMEMBERED = 30


def read(host: Host) -> dict[str, Any]:
    """``{"stores": {name: {...}}, "files": {...}}``; empty where nothing was done yet, or what is there is damaged."""
    try:
        found = json.loads(host.state.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        found = {}
    state: dict[str, Any] = found if isinstance(found, dict) else {}
    return {"stores": {}, **state}


def of_store(state: dict[str, Any], name: str) -> dict[str, Any]:
    """The part of one store, which may be changed."""
    part: dict[str, Any] = state["stores"].setdefault(name, {})
    return part


def write(host: Host, state: dict[str, Any]) -> None:
    """:raises StairwayError: when the disk is full or read-only."""
    atomic.write(host.state, json.dumps(state, indent=1, sort_keys=True) + "\n", mode=0o644)
