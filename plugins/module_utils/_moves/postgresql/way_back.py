"""The way back that a move keeps by choice: the new place notes what is written there since the switch.

A publication and a slot at the new place, made before the switch; ``lsn`` is where its log stood when the app began to
write there. What the slot keeps is bounded by ``max_slot_wal_keep_size``: where nothing bounds it, no way back is kept,
because a database that nobody looks after for a week would fill its disk with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model import REFUSE, SAY, Finding, Wish
from ..way_back import WITHOUT, gone, not_followed
from . import clean, survey
from .catalogue import Table
from .quote import identifier, literal
from .wire import Connection

_BOUND = "SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size'"
# The publication's comment says that the bound is ours too, and goes with it.
_SAID, _BOUNDED = (
    "SELECT obj_description(oid, 'pg_publication') FROM pg_publication WHERE pubname = {}",
    "with its bound",
)
# Of the free room on the host's disk, where the new place is a container of ours and has no bound.
PART_OF_FREE = 3


def name_of(move: str) -> str:
    """Of the slot and the publication, by the name of the move's own."""
    return f"{move[:58]}_back"


def keep(wish: Wish, target: Connection, tables: Sequence[Table], name: str) -> None:
    """Let the target note from now on what is written to ``tables``; again is anew."""
    clean.source(target, name)
    listed = ", ".join(table.sql for table in tables)
    target.run(f"CREATE PUBLICATION {identifier(name)}" + (f" FOR TABLE {listed}" if listed else ""))
    _bound(wish, target, name)
    target.run(f"SELECT pg_create_logical_replication_slot({literal(name)}, 'pgoutput')")


def let_go(connection: Connection, name: str) -> None:
    """Take away what :func:`keep` has made, if it has."""
    bounded = connection.one(_SAID.format(literal(name))) == _BOUNDED
    clean.source(connection, name)
    if bounded:
        connection.run("ALTER SYSTEM RESET max_slot_wal_keep_size")
        connection.run("SELECT pg_reload_conf()")


def _bound(wish: Wish, target: Connection, name: str) -> None:
    free = survey.free_bytes(wish)
    if int(target.one(_BOUND) or -1) < 0 and free is not None and survey.ask(target).superuser:
        target.run(f"COMMENT ON PUBLICATION {identifier(name)} IS {literal(_BOUNDED)}")
        target.run(f"ALTER SYSTEM SET max_slot_wal_keep_size = '{free // PART_OF_FREE // 1024**2}MB'")
        target.run("SELECT pg_reload_conf()")


# --- preflights ------------------------------------------------------------------------------------------------------


def hinders_keeping(wish: Wish, how: str, target: Connection) -> list[Finding]:
    """What of the target hinders that it keeps a way back."""
    there, at = survey.ask(target), wish.target.words
    found = [*not_followed(wish, how), *survey.tells_changes(there, at, wish.target.admin.user, hinders="")]
    bounded = int(target.one(_BOUND) or -1) >= 0
    if not bounded and not (there.superuser and survey.free_bytes(wish) is not None):
        fix = "set max_slot_wal_keep_size there (on RDS in its parameter group: managed.parameters), in MB; or "
        found.append(Finding(REFUSE, "nothing bounds the log that it would keep for a way back", at, fix + WITHOUT))
    if not any(one.weight == REFUSE for one in found):
        found.append(Finding(SAY, "from the switch on, the target keeps what is written for a way back", at))
    return found


_SLOT = "SELECT wal_status FROM pg_replication_slots WHERE slot_name = {}"


def hinders_returning(wish: Wish, source: Connection, name: str) -> list[Finding]:
    """What of the source hinders that its changes are carried back."""
    found = not_followed(wish, wish.how)
    status = source.one(_SLOT.format(literal(name)))
    if status is None or not source.one(f"SELECT 1 FROM pg_publication WHERE pubname = {literal(name)}"):
        found.append(gone(wish, f"no slot and publication {name} (an upgrade drops them)"))
    elif status == "lost":
        found.append(gone(wish, "more was written since than max_slot_wal_keep_size allows"))
    return found
