"""The way back that a move keeps by choice: where the new place's binary log stood when the app was let in there.

Nothing is made for it. The log lasts as long as the server keeps it: on RDS ``keep_source_days``, in a container a day.
"""

from __future__ import annotations

from ..model import DUMP, FOLLOW, REFUSE, SAY, Finding, Wish
from . import survey
from .binlog import Position
from .wire import Connection


def hinders_keeping(wish: Wish, how: str, target: Connection) -> list[Finding]:
    """What of the target hinders that it keeps a way back."""
    at = wish.target.words
    found = survey.tells_changes(survey.ask(target), at, hinders="")
    if how != FOLLOW:
        fix = "leave way_back out: the move back then copies everything anew"
        found.append(Finding(REFUSE, "a way back follows its changes, and this move does not", at, fix))
    if not found:
        days = wish.limits.keep_source_days if wish.target.place == "managed" else 1
        found.append(Finding(SAY, f"the target's log is a way back for {days} day(s)", at))
    return found


def hinders_returning(wish: Wish, source: Connection, place: Position) -> list[Finding]:
    """What of the source hinders that its changes are carried back."""
    at, fix = wish.source.words, f"copy everything anew: -e replace_target={wish.store} in the place of way_back"
    found = []
    kept = {row[0] for row in source.rows("SHOW BINARY LOGS")}
    if place.file not in kept:
        what = f"the way back is not there any more: the source has let go of {place.file}"
        found.append(Finding(REFUSE, what, at, fix))
    if wish.how == DUMP:
        found.append(Finding(REFUSE, "a way back follows what was kept", at, "leave move_how out"))
    return found
