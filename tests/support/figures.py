"""A figure of a seed beside the same figure of a blueprint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple


class Figure(NamedTuple):
    """``says`` is a line of the document, ``where`` the place in the blueprint, ``has`` what stands there."""

    says: str
    where: str
    has: Any


MISSING = object()


def at(blueprint: Sequence[Mapping[str, Any]], where: str) -> Any:
    """What stands at ``kind/name.field.part[0]``; ``MISSING`` where nothing does. Keys with a dot are not needed."""
    key, _dot, path = where.partition(".")
    kind, _slash, name = key.partition("/")
    found: Any = next((entry for entry in blueprint if entry.get(kind) == name and next(iter(entry)) == kind), MISSING)
    for part in re.findall(r"[^.\[\]]+|\[\d+\]", path):
        found = _step(found, part)
    return found


def _step(value: Any, part: str) -> Any:
    if part.startswith("["):
        index = int(part[1:-1])
        return value[index] if isinstance(value, Sequence) and index < len(value) else MISSING
    return value.get(part, MISSING) if isinstance(value, Mapping) else MISSING


def names(blueprint: Sequence[Mapping[str, Any]], kind: str) -> list[str]:
    """The names of the entries of one kind."""
    return [entry[kind] for entry in blueprint if next(iter(entry)) == kind]


def ids(figures: Iterable[Figure]) -> list[str]:
    return [figure.where for figure in figures]
