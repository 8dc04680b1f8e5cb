"""The way back that a move keeps by choice: where the new place's binary log stood when the app was let in there.

Nothing is made for it. The log lasts as long as the server keeps it: on RDS ``keep_source_days``, in a container a day.
"""

from __future__ import annotations

from ..model import SAY, Finding, Wish
from ..way_back import gone, not_followed
from . import survey
from .binlog import Position, still_has
from .wire import Connection


def hinders_keeping(wish: Wish, how: str, target: Connection) -> list[Finding]:
    """What of the target hinders that it keeps a way back."""
    at = wish.target.words
    found = [*not_followed(wish, how), *survey.tells_changes(survey.ask(target), at, hinders="")]
    if not found:
        days = wish.limits.keep_source_days if wish.target.place == "managed" else 1
        found.append(Finding(SAY, f"the target's log is a way back for {days} day(s)", at))
    return found


def hinders_returning(wish: Wish, source: Connection, place: Position) -> list[Finding]:
    """What of the source hinders that its changes are carried back."""
    found = not_followed(wish, wish.how)
    if not still_has(source, place):
        found.append(gone(wish, f"the source has let go of {place.file}"))
    return found
