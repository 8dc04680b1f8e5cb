"""Whether tables hold the same rows, computed inside each server.

A row's checksum is 64 bits of the MD5 of all its columns, each to the last bit and none to be mistaken for another. The
checksums of a table's rows are added up in 64 buckets: sums do not depend on the order of rows, and a bucket that
differs says where to look for the rows that do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..model import Difference
from ..parallel import in_parallel
from .catalogue import Table
from .copy import Reader
from .quote import identifier
from .statements import of_keys
from .wire import Connection

BUCKETS = 64
# Rows that are named, of those that differ; and how many are looked at to find them.
NAMED, LOOKED_AT = 10, 200_000

Sums = dict[int, tuple[int, int]]


def row_hash(table: Table) -> str:
    """The checksum of a row, as SQL."""
    columns = ", ".join(one.summed for one in table.columns)
    return f"CAST(CONV(LEFT(MD5(CONCAT_WS(',', {columns})), 16), 16, 10) AS UNSIGNED)"


def sums_of(connection: Connection, table: Table) -> Sums:
    """:raises StairwayError: when a row has no checksum, so that a sum would not have it."""
    rows = connection.rows(
        f"SELECT h & {BUCKETS - 1}, COUNT(*), SUM(h), COUNT(h) FROM (SELECT {row_hash(table)} AS h FROM {table.sql}) x "
        "GROUP BY 1"
    )
    if any(row[1] != row[3] for row in rows):
        raise StairwayError(f"Rows of {table.name} are too large for a checksum.", where=connection.where)
    return {int(row[0] or 0): (int(row[1] or 0), int(row[2] or 0)) for row in rows}


def rows_of(sums: Sums) -> int:
    return sum(count for count, _total in sums.values())


def digest(sums: Sums) -> str:
    """One short number for people, the same where the sums are."""
    return f"{sum(total * (bucket + 1) for bucket, (_count, total) in sums.items()) % 2**64:016x}"


Figures = dict[str, dict[str, object]]


class Summer:
    """Adds up tables on both sides at once; of the source as ``readers`` see it, or as it is."""

    def __init__(
        self, source: tuple[Server, Login], target: tuple[Server, Login], readers: Mapping[str, Reader] | None = None
    ) -> None:
        self.source, self.target, self.readers = source, target, readers
        self._local = threading.local()
        self._opened: list[Connection] = []
        self.sums: dict[tuple[str, str], Sums] = {}

    def compared(self, tables: Sequence[Table], jobs: int) -> tuple[Figures, list[Difference]]:
        """What each table adds up to, and which do not to the same."""
        work: list[Callable[[], None]] = []
        for table in tables:
            work.append(lambda table=table: self._of_source(table))  # type: ignore[misc]
            work.append(lambda table=table: self._of_target(table))  # type: ignore[misc]
        try:
            in_parallel(work, max(2, jobs))
            return self._told(tables)
        finally:
            for one in self._opened:
                one.close()

    def _told(self, tables: Sequence[Table]) -> tuple[Figures, list[Difference]]:
        figures: Figures = {}
        differences = []
        for table in tables:
            here, there = self.sums["source", table.name], self.sums["target", table.name]
            figures[table.name] = {
                "source_rows": rows_of(here),
                "target_rows": rows_of(there),
                "source_checksum": digest(here),
                "target_checksum": digest(there),
            }
            if here != there:
                differences.append(self._difference(table, here, there))
        return figures, differences

    def _session(self, name: str, end: tuple[Server, Login]) -> Connection:
        if not hasattr(self._local, name):
            setattr(self._local, name, Connection(*end))
            self._opened.append(getattr(self._local, name))
        found: Connection = getattr(self._local, name)
        return found

    def _of_source(self, table: Table) -> None:
        if self.readers is None:
            self.sums["source", table.name] = sums_of(self._session("source", self.source), table)
            return
        reader = self.readers[table.name]
        with reader.lock:
            self.sums["source", table.name] = sums_of(reader.connection, table)

    def _of_target(self, table: Table) -> None:
        self.sums["target", table.name] = sums_of(self._session("target", self.target), table)

    def _difference(self, table: Table, here: Sums, there: Sums) -> Difference:
        wrong = [bucket for bucket in range(BUCKETS) if here.get(bucket) != there.get(bucket)]
        named = ""
        if table.keys and sum(here.get(one, (0, 0))[0] for one in wrong) <= LOOKED_AT:
            reader = self.readers[table.name].connection if self.readers else self._session("source", self.source)
            mine, other = rows_in(reader, table, wrong), rows_in(self._session("target", self.target), table, wrong)
            keys = sorted({key for key, _hash in mine ^ other})
            more = len(keys) - NAMED
            named = f"; {', '.join(table.keys)} " + ", ".join(keys[:NAMED]) + (f" and {more} more" if more > 0 else "")
        return Difference(
            "rows",
            table.name,
            f"{rows_of(here)} rows, checksum {digest(here)}",
            f"{rows_of(there)} rows, checksum {digest(there)}{named}",
        )


def _key(table: Table) -> str:
    return f"CONCAT_WS(',', {', '.join(identifier(name) for name in table.keys)})"


def rows_in(connection: Connection, table: Table, buckets: Sequence[int]) -> set[tuple[str, str]]:
    """Key and checksum of the rows of these buckets."""
    listed = ", ".join(map(str, buckets))
    rows = connection.rows(
        f"SELECT {_key(table)} AS k, {row_hash(table)} AS h FROM {table.sql} HAVING h & {BUCKETS - 1} IN ({listed})"
    )
    return {(row[0] or "", row[1] or "") for row in rows}


def same_keys(source: Connection, target: Connection, table: Table, keys: Collection[str]) -> set[str]:
    """Those of ``keys`` whose rows are the same on both sides, or on neither: halves are asked for as long as a part
    is not.
    """
    told = sorted(keys)
    asked = f"SELECT {row_hash(table)} FROM {table.sql} WHERE {of_keys(table, told)} ORDER BY 1"
    here, there = source.rows(asked), target.rows(asked)
    if here == there:
        return set(told)
    if len(told) == 1:
        return set()
    half = len(told) // 2
    return same_keys(source, target, table, told[:half]) | same_keys(source, target, table, told[half:])
