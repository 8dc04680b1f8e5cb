"""What is different between two values, leaf by leaf, and how a value is shown. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..._resource.types import Unknown

HIDDEN = "(hidden)"
LONGEST = 120


@dataclass(frozen=True)
class Leaf:
    """One difference at ``path``: another value, or an element of a list that comes or goes."""

    path: str
    before: Any
    after: Any
    verb: Literal["change", "add", "remove"] = "change"


def leaves(path: str, before: Any, after: Any) -> Iterator[Leaf]:
    """What differs: key by key in dictionaries, element by element in lists."""
    if isinstance(before, Mapping) and isinstance(after, Mapping) and (before or after):
        for key in [*before, *(key for key in after if key not in before)]:
            if before.get(key) != after.get(key):
                yield from leaves(f"{path}.{key}", before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and _changed(before, after):
        yield from (Leaf(path, one, None, "remove") for one in _without(before, after))
        yield from (Leaf(path, None, one, "add") for one in _without(after, before))
    else:
        yield Leaf(path, before, after)


def _changed(before: list[Any], after: list[Any]) -> bool:
    """Whether elements came or went; not when they only stand in another order."""
    return bool(_without(before, after) or _without(after, before))


def _without(some: list[Any], others: list[Any]) -> list[Any]:
    left = list(others)
    result = []
    for one in some:
        if one in left:
            left.remove(one)
        else:
            result.append(one)
    return result


def plain(value: Any) -> Any:
    """The value with what JSON does not know as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def shown(value: Any, longest: int = LONGEST) -> str:
    """The value on one line, cut where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, Unknown) or value == HIDDEN:
        return str(value)
    text = json.dumps(plain(value), ensure_ascii=False)
    return text if len(text) <= longest else text[: longest - 1] + "…"
