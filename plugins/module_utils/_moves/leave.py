"""What the module ``store_leave`` does: refuse a change of place after which the app misses data, or cannot write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._stores.work import Side, count, unmoved
from .journal import STATE, Journal, folder_of


def leave(given: Mapping[str, Any], state: Path = STATE) -> dict[str, int | None]:
    """How many rows or keys there are on both sides, ``None`` where that was not asked.

    :raises StairwayError: when something would be lost, or the store would start where nothing can be written.
    """
    name = str(given["name"])
    if given["start_empty"]:
        Journal.load(folder_of(given["app"], state) / f"{name}.json").require_writable(name, given["to"])
        return {"source": None, "target": None}
    source, target = Side(given["source"]), Side(given["target"])
    held = count(source, given)
    there = count(target, given) if held else None
    problem = unmoved(name, held, there, source=source.words, target=target.words)
    if problem is not None:
        raise problem
    return {"source": held, "target": there}
