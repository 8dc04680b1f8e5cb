"""The arguments of the module ``compose_project``, and what they ask for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._docker.compose import Project
from .._files.model import parse_entries
from .._files.spec import ENTRIES
from .converge import Wish

SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "file": {"type": "path", "required": True},
    "services": {"type": "list", "elements": "str", "required": True},
    "entries": ENTRIES,
    "network": {"type": "str"},
    "tasks": {"type": "list", "elements": "str", "default": []},
    "build": {"type": "bool", "default": False},
}


def parse(arguments: Mapping[str, Any]) -> Wish:
    """What the module is asked for.

    :raises StairwayError: naming the entry whose options contradict each other.
    """
    return Wish(
        project=Project(arguments["name"], Path(arguments["file"])),
        services=frozenset(arguments["services"]),
        entries=parse_entries(arguments["entries"]),
        network=arguments["network"],
        tasks=tuple(arguments["tasks"]),
        build=arguments["build"],
    )
