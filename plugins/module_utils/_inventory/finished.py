"""A finished inventory: what is left to do is to hand it to Ansible, so this is what the cache keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = 1


@dataclass
class Finished:
    """``hosts``: name -> variables. ``groups``: name -> its hosts. ``children``: group -> groups below it."""

    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, None]] = field(default_factory=dict)
    children: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, group: str, host: str) -> None:
        self.groups.setdefault(group, {})[host] = None

    def add_child(self, group: str, child: str) -> None:
        self.groups.setdefault(group, {})
        self.groups.setdefault(child, {})
        self.children.setdefault(group, {})[child] = None

    def groups_of(self, host: str) -> list[str]:
        """The groups that a host is in, and those above them, sorted."""
        found = {group for group, names in self.groups.items() if host in names}
        above = {parent for parent, below in self.children.items() if not found.isdisjoint(below)}
        while not above <= found:
            found |= above
            above = {parent for parent, below in self.children.items() if not found.isdisjoint(below)}
        return sorted(found)

    def kept(self, settings: str) -> dict[str, Any]:
        """For the cache. One text: a cache plugin of Ansible would look at each of a million values."""
        numbers = {name: number for number, name in enumerate(self.hosts)}
        whole = {
            "hosts": self.hosts,
            "groups": {group: [numbers[name] for name in names] for group, names in self.groups.items()},
            "children": {group: list(names) for group, names in self.children.items()},
        }
        text = json.dumps(whole, separators=(",", ":"), check_circular=False)
        return {"version": VERSION, "settings": settings, "inventory": text}

    @classmethod
    def from_cache(cls, kept: Any, settings: str) -> Finished | None:
        """What ``kept`` made; nothing when it was made by another version or with other settings."""
        if not isinstance(kept, Mapping) or kept.get("version") != VERSION or kept.get("settings") != settings:
            return None
        whole = json.loads(str(kept["inventory"]))
        names = list(whole["hosts"])
        return cls(
            whole["hosts"],
            {group: {names[number]: None for number in numbers} for group, numbers in whole["groups"].items()},
            {group: dict.fromkeys(below) for group, below in whole["children"].items()},
        )
