"""The proof: what is compared while the app writes on, and what behind the fence."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from ..._common import wait
from ..model import Difference, Verification
from . import catalogue, checksum
from .apply import Applier
from .catalogue import WORDED_BY_VERSION, Table
from .extension_rows import kept
from .quote import literal
from .statements import ALL
from .wire import Connection

KEYS = 500
# A server tells what was written at most a second later.
STATISTICS_SECONDS = 1.5


def definitions(
    source: Connection, target: Connection, *, same_version: bool, grants: bool
) -> tuple[dict[str, int], list[Difference]]:
    """How many definitions of each kind are the same, and those that are not."""
    mine, other = ({**catalogue.objects(one), "extension table": kept(one)} for one in (source, target))
    if not grants:
        mine.pop("grant"), other.pop("grant")
    counts: dict[str, int] = {}
    differences: list[Difference] = []
    for kind, here in mine.items():
        there = other[kind]
        by_name = not same_version and kind in WORDED_BY_VERSION
        wrong = [
            name
            for name in sorted(here.keys() | there.keys())
            if (name in here) != (name in there) or (not by_name and here.get(name) != there.get(name))
        ]
        counts[kind] = len(here.keys() | there.keys()) - len(wrong)
        differences += [
            Difference(kind, name, here.get(name, "not there")[:200], there.get(name, "not there")[:200])
            for name in wrong
        ]
    return counts, differences


def sequence_values(source: Connection, target: Connection) -> tuple[int, list[Difference]]:
    """How many sequences stand at the same value, and those that do not."""
    here, there = catalogue.sequences(source), catalogue.sequences(target)
    wrong = [name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name)]
    found = [Difference("sequence", name, _value(here.get(name)), _value(there.get(name))) for name in wrong]
    return len(here.keys() | there.keys()) - len(wrong), found


def _value(found: tuple[str, str] | None) -> str:
    if found is None:
        return "not there"
    return f"{found[0]} ({'given out' if found[1] == 't' else 'not given out'})"


def set_sequences(source: Connection, target: Connection) -> None:
    """Changes do not carry them: let each stand where the source's does."""
    calls = [
        f"setval({literal(name)}, {value}, {'true' if called == 't' else 'false'})"
        for name, (value, called) in catalogue.sequences(source).items()
    ]
    if calls:
        target.run(f"SELECT {', '.join(calls[:1600])}")
    for at in range(1600, len(calls), 1600):
        target.run(f"SELECT {', '.join(calls[at : at + 1600])}")


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
        for label, keys in sorted((name, set(found)) for name, found in self.applier.changed.items() if found):
            table = self.tables.get(label)
            if table is None:
                differences.append(Difference("table", label, "made since the move began", "not there"))
                continue
            told = sorted(keys - {ALL})
            for at in range(0, len(told), KEYS):
                part = told[at : at + KEYS]
                if until is not None:
                    self.source.within(until)
                    self.target.within(until)
                same = checksum.same_keys(self.source, self.target, table, part)
                self.applier.forget(label, same)
                differences += [
                    Difference("row", f"{label} {key}", "another", "another") for key in part if key not in same
                ]
        return differences

    def whole(self) -> list[Table]:
        """Tables that have to be compared from end to end: without a key, or emptied."""
        return [self.tables[name] for name, keys in self.applier.changed.items() if ALL in keys and name in self.tables]


Counts = dict[str, list[int]]
_WRITTEN = """SELECT schemaname || '.' || relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables"""


def written(connection: Connection) -> Counts:
    """How many rows of each table the server says were inserted, updated and deleted since it began to count."""
    return {row[0] or "": [int(value or 0) for value in row[1:]] for row in connection.rows(_WRITTEN)}


def strangers(
    connection: Connection, before: Mapping[str, Sequence[int]], ours: Mapping[str, Sequence[int]]
) -> list[str]:
    """Tables of which the target says that others than we have written to them since ``before``."""

    def odd() -> list[str]:
        found = written(connection)
        names = sorted(before.keys() | ours.keys())
        zero = (0, 0, 0)
        return [
            name
            for name in names
            if [one - other for one, other in zip(found.get(name, zero), before.get(name, zero), strict=True)]
            != list(ours.get(name, zero))
        ]

    return wait.until(lambda: [] if not odd() else None, seconds=STATISTICS_SECONDS, every=0.1) or odd()


def timed(found: Verification, begun: float) -> Verification:
    found.seconds = round(time.monotonic() - begun, 3)
    return found
