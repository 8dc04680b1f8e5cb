"""Names for what AWS names: ``app-name``, made to fit the limits of each service."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

HASH = 8

Namer = Callable[[str, str, Mapping[str, Any]], str]


def joined(app: str, name: str, most: int, separator: str = "-") -> str:
    """``app-name`` in at most ``most`` characters. A longer one loses its end to a hash of the whole, so that two never
    become the same.
    """
    whole = f"{app}{separator}{name}"
    if len(whole) <= most:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:HASH]
    return f"{whole[: most - HASH - 1].rstrip('-/')}-{digest}"


def namer(most: int) -> Namer:
    """An ``aws_name`` for a kind whose AWS names have at most ``most`` characters."""
    return lambda app, name, _attrs: joined(app, name, most)
