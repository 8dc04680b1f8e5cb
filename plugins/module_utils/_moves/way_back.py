"""What the engines that can keep a way back have in common: what they say, and how carried rows are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .model import DUMP, REFUSE, Finding, Wish

WITHOUT = "leave way_back out: the move back then copies everything anew"


def anew(wish: Wish) -> str:
    """What is left where the way back is not one any more."""
    return f"copy everything anew: -e replace_target={wish.store} in the place of way_back"


def not_followed(wish: Wish, how: str) -> list[Finding]:
    """A move that does not follow has nothing that could be kept, and no use for what was."""
    if how != DUMP:
        return []
    what = "a way back follows its changes, and this move does not"
    return [Finding(REFUSE, what, wish.target.words, f"leave move_how out; or {WITHOUT}")]


def gone(wish: Wish, why: str) -> Finding:
    """The source keeps it no longer."""
    return Finding(REFUSE, f"the way back is not there any more: {why}", wish.source.words, anew(wish))


def changed(wish: Wish, names: Sequence[str]) -> list[Finding]:
    """Changes carry rows. What a migration has done since the switch, and who was granted what, they do not."""
    if not names:
        return []
    what = f"definitions have changed since the switch: {', '.join(names[:3])}{' and more' if len(names) > 3 else ''}"
    return [Finding(REFUSE, what, wish.target.words, anew(wish))]


def rows_at_the_switch(tables: Mapping[str, Mapping[str, Any]], counts: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """How many rows each table had before the first change that was carried: what is carried is counted from there."""
    found = {}
    for name, figures in tables.items():
        inserted, _updated, deleted = counts.get(name, (0, 0, 0))
        found[name] = figures["source_rows"] - inserted + deleted
    return found
