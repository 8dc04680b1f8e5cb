"""Tags, as the blueprint has them (a dictionary) and as AWS wants them (several ways)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def as_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """``[{"Key": ..., "Value": ...}]``; ECS spells both in small letters."""
    return [{key: name, value: text} for name, text in sorted(tags.items())]


def as_dict(tags: Iterable[Mapping[str, Any]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """The way back. AWS's own tags (``aws:...``) are left out: nobody can set them."""
    return {str(t[key]): str(t[value]) for t in tags or () if not str(t[key]).startswith("aws:")}


def specification(resource_type: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """EC2's ``TagSpecifications`` for something that is being made."""
    return [{"ResourceType": resource_type, "Tags": as_list(tags)}]
