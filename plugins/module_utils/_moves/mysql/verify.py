"""The proof: what is compared while the app writes on, and what behind the fence."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from ..model import Difference, Verification
from . import catalogue, checksum, rights
from .apply import Applier
from .catalogue import Definitions, Table
from .quote import identifier
from .statements import ALL
from .wire import Connection

KEYS = 300
# So few of a table are left for the fence.
FEW = 20
# Up to that size a table is compared from end to end behind the fence; above it its rows are counted.
WHOLE_MOST_BYTES = 32 * 1024**2
# A table of that size is counted in a few hundredths of a second.
COUNTED_MOST_BYTES = 8 * 1024**2
LAST = 100


def definitions(
    source: Connection, target: Connection, user: str, *, acting: bool
) -> tuple[dict[str, int], list[Difference]]:
    """How many definitions of each kind are the same, and those that are not."""
    mine, other = (_of(one, user, acting) for one in (source, target))
    counts: dict[str, int] = {}
    differences: list[Difference] = []
    for kind, here in mine.items():
        there = other[kind]
        wrong = [name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name)]
        counts[kind] = len(here.keys() | there.keys()) - len(wrong)
        differences += [
            Difference(kind, name, here.get(name, "not there")[:200], there.get(name, "not there")[:200])
            for name in wrong
        ]
    return counts, differences


def _of(connection: Connection, user: str, acting: bool) -> Definitions:
    found = catalogue.definitions(connection, acting=acting)
    found["grant"] = rights.others(connection, user)
    return found


def positions(source: Connection, target: Connection) -> tuple[dict[str, int], list[Difference]]:
    """Sequences and AUTO_INCREMENT: how many stand at the same value, and those that do not."""
    counts, differences = {}, []
    for kind, ask in (("sequence value", catalogue.sequences), ("auto_increment", catalogue.counters)):
        here, there = ask(source), ask(target)
        names = sorted(here.keys() | there.keys())
        wrong = [name for name in names if here.get(name) != there.get(name)]
        counts[kind] = len(names) - len(wrong)
        differences += [
            Difference(kind, name, here.get(name, "not there"), there.get(name, "not there")) for name in wrong
        ]
    return counts, differences


def set_positions(source: Connection, target: Connection) -> None:
    """Changes do not carry them where no row stands for them: let each stand where the source's does."""
    here, there = catalogue.sequences(source), catalogue.sequences(target)
    for name, value in here.items():
        if there.get(name) != value:
            target.run(f"ALTER SEQUENCE {identifier(name)} RESTART {value}")
    here, there = catalogue.counters(source), catalogue.counters(target)
    for name, value in here.items():
        if there.get(name) != value:
            target.run(f"ALTER TABLE {identifier(name)} AUTO_INCREMENT = {value}")


class Changed:
    """The rows that were touched since everything was compared, compared in turn until few are left."""

    def __init__(self, source: Connection, target: Connection, tables: Mapping[str, Table], applier: Applier) -> None:
        self.source, self.target, self.tables, self.applier = source, target, tables, applier

    @property
    def left(self) -> int:
        return sum(len(keys) for keys in self.applier.changed.values())

    def round(self, until: float | None = None) -> list[Difference]:
        """Compare every one of them once; those that are the same are forgotten. What differs now may only not have
        been carried yet: behind the fence that is the end of it.
        """
        differences = []
        for name, keys in sorted((name, set(found)) for name, found in self.applier.changed.items() if found):
            told = sorted(keys - {ALL})
            for at in range(0, len(told), KEYS):
                part = told[at : at + KEYS]
                for session in (self.source, self.target):
                    session.within(until)
                same = checksum.same_keys(self.source, self.target, self.tables[name], part)
                self.applier.forget(name, same)
                differences += [
                    Difference("row", f"{name} {key}", "another", "another") for key in part if key not in same
                ]
        return differences

    def some(self) -> None:
        """Forget those of one table that are the same already, as far as one question goes."""
        name, found = max(self.applier.changed.items(), key=lambda one: len(one[1]), default=("", set()))
        part = sorted(found - {ALL})[:KEYS]
        if len(part) >= FEW:
            self.applier.forget(name, checksum.same_keys(self.source, self.target, self.tables[name], part))

    def whole(self) -> list[Table]:
        """Tables that have to be compared from end to end: they were emptied."""
        return [self.tables[name] for name, keys in self.applier.changed.items() if ALL in keys]


def taken_along(connection: Connection, counts: Mapping[str, Sequence[int]]) -> set[str]:
    """Tables that a foreign key may have changed with what was carried: that is in no log, each server does it."""
    asked = (
        "SELECT table_name, referenced_table_name, update_rule, delete_rule "
        "FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()"
    )
    doing = ("CASCADE", "SET NULL", "SET DEFAULT")
    rules = connection.rows(asked)
    found: set[str] = set()
    changed = {name for name, (_inserted, updated, deleted) in counts.items() if updated or deleted}
    while changed - found:
        found |= changed
        changed = {
            child or ""
            for child, parent, on_update, on_delete in rules
            if parent in found
            and (
                (on_update in doing and (parent not in counts or counts[parent][1]))
                or (on_delete in doing and (parent not in counts or counts[parent][2]))
            )
        }
    return {row[0] or "" for row in rows_of(rules, found)}


def rows_of(rules: Sequence[Sequence[str | None]], parents: set[str]) -> list[Sequence[str | None]]:
    """The foreign keys that do something on their own, of these parents."""
    return [row for row in rules if row[1] in parents and {row[2], row[3]} & {"CASCADE", "SET NULL", "SET DEFAULT"}]


def counted(source: Connection, target: Connection, tables: Sequence[Table]) -> list[Difference]:
    """Tables that have not the same number of rows."""
    found = []
    for table in tables:
        here, there = (one.one(f"SELECT COUNT(*) FROM {table.sql}") or "" for one in (source, target))
        if here != there:
            found.append(Difference("rows", table.name, f"{here} rows", f"{there} rows"))
    return found


def last_rows(source: Connection, target: Connection, tables: Sequence[Table]) -> list[Difference]:
    """The end of each table, whatever the stream of changes said: a stream that lost something loses it there too, and
    nobody has marked those rows as touched. Small tables are counted as well.
    """
    found = []
    for table in tables:
        if not table.keys:
            continue
        order = ", ".join(f"{identifier(name)} DESC" for name in table.keys)
        asked = f"SELECT {checksum.row_hash(table)} FROM {table.sql} ORDER BY {order} LIMIT {LAST}"
        if source.rows(asked) != target.rows(asked):
            found.append(Difference("rows", table.name, f"its last {LAST} rows", "others"))
    return found + counted(source, target, [one for one in tables if one.size <= COUNTED_MOST_BYTES])


def timed(found: Verification, begun: float) -> Verification:
    found.seconds = round(time.monotonic() - begun, 3)
    return found
