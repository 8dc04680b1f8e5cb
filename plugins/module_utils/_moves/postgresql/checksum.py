"""Whether tables hold the same rows, computed inside each server.

A row's checksum is a 64-bit hash of its text, of every column. The checksums of a table's rows are added up in 64
buckets, by their last bits: sums do not depend on the order of rows, so each side may read its blocks as it likes, many
at once, and a bucket that differs says where to look for the rows that do.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Sequence

from ..._stores.model import Login, Server
from ..model import Difference
from .catalogue import Table
from .copy import in_parallel, reader
from .quote import identifier, literal
from .statements import ALL
from .wire import Connection

BUCKETS = 64
# Blocks of one question. Before PostgreSQL 14 no server finds a range of blocks without reading all of them.
BLOCKS = 8192
RANGES_SINCE = 14
# Rows that are named, of those that differ; and how many are looked at to find them.
NAMED, LOOKED_AT = 10, 200_000

Sums = dict[int, tuple[int, int]]


def row_hash(table: Table) -> str:
    """The checksum of a row, as SQL."""
    columns = ", ".join(identifier(name) for name in table.all_columns)
    return f'hashtextextended(ROW({columns})::text COLLATE "C", 0)'


def key_text(table: Table) -> str:
    """A row's key as the stream of changes writes it: ``concat`` asks the type's own output, where a cast would write
    ``true`` for ``t`` and cut the blanks of a ``char(8)``. :func:`key_of` makes one text of it.
    """
    return ", ".join(f"concat({identifier(name)})" for name in table.keys)


def key_of(values: Sequence[str | None]) -> str:
    return json.dumps(list(values))


def questions(table: Table, blocks: int, version: int) -> list[str]:
    """The questions whose answers, added up, are the table's sums."""
    ends: list[str] = [""]
    if version >= RANGES_SINCE and blocks > BLOCKS:
        starts = range(0, blocks, BLOCKS)
        ends = [f" WHERE ctid >= '({one},0)' AND ctid < '({one + BLOCKS},0)'" for one in starts]
        # whatever was added after the blocks were counted
        ends[-1] = f" WHERE ctid >= '({starts[-1]},0)'"
    return [
        f"SELECT h & {BUCKETS - 1}, count(*), sum(h) FROM (SELECT {row_hash(table)} AS h FROM ONLY {table.sql}{end}) x "
        "GROUP BY 1"
        for end in ends
    ]


def add(sums: Sums, rows: Sequence[Sequence[str | None]]) -> None:
    for bucket, count, total in rows:
        mine = sums.get(int(bucket or 0), (0, 0))
        sums[int(bucket or 0)] = (mine[0] + int(count or 0), mine[1] + int(total or 0))


def rows_of(sums: Sums) -> int:
    return sum(count for count, _total in sums.values())


def digest(sums: Sums) -> str:
    """One short number for people, the same where the sums are."""
    return f"{sum(total * (bucket + 1) for bucket, (_count, total) in sums.items()) % 2**64:016x}"


class Summer:
    """Adds up the tables of one side; ``snapshot`` is what is seen of it, or None for what is there. Every answer has
    to come until ``until`` (``time.monotonic``).
    """

    def __init__(
        self, server: Server, admin: Login, version: int, snapshot: str | None = None, until: float | None = None
    ) -> None:
        self.server, self.admin, self.version, self.snapshot, self.until = server, admin, version, snapshot, until
        self._local = threading.local()
        self._opened: list[Connection] = []
        self.sums: dict[str, Sums] = {}
        self._lock = threading.Lock()

    def work(self, tables: Sequence[Table]) -> list[Callable[[], None]]:
        """One piece for each question, to be done by several threads."""
        sizes = self._blocks(tables)
        self.sums = {table.label: {} for table in tables}
        return [
            lambda table=table, question=question: self._one(table, question)  # type: ignore[misc]
            for table in tables
            for question in questions(table, sizes.get(table.label, 0), self.version)
        ]

    def _blocks(self, tables: Sequence[Table]) -> dict[str, int]:
        if not tables:
            return {}
        asked = ", ".join(f"({literal(one.label)}, {literal(one.sql)})" for one in tables)
        sql = (
            "SELECT label, pg_relation_size(name::regclass) / current_setting('block_size')::int "
            f"FROM (VALUES {asked}) AS t(label, name)"
        )
        return {row[0] or "": int(row[1] or 0) for row in self._connection().rows(sql)}

    def _one(self, table: Table, question: str) -> None:
        rows = self._connection().rows(question)
        with self._lock:
            add(self.sums[table.label], rows)

    def _connection(self) -> Connection:
        found: Connection | None = getattr(self._local, "connection", None)
        if found is None:
            if self.snapshot is None:
                found = Connection(self.server, self.admin)
            else:
                found = reader(self.server, self.admin, self.snapshot)
            self._local.connection = found
            self._opened.append(found)
            if self.until is not None:  # the server too is to give up what nobody waits for any more
                found.within(self.until)
                left = max(1, int((self.until - time.monotonic()) * 1000))
                found.run(f"SET statement_timeout = {left}")
        found.within(self.until)
        return found

    def rows_in(self, table: Table, buckets: Sequence[int]) -> set[tuple[str, str]]:
        """Key and checksum of each row in these buckets."""
        hashed = row_hash(table)
        sql = (
            f"SELECT {key_text(table)}, {hashed} FROM ONLY {table.sql} "
            f"WHERE {hashed} & {BUCKETS - 1} IN ({', '.join(map(str, buckets))}) LIMIT {2 * LOOKED_AT}"
        )
        return {(key_of(row[:-1]), row[-1] or "") for row in self._connection().rows(sql)}

    def close(self) -> None:
        for connection in self._opened:
            connection.close()


def compared(
    source: Summer, target: Summer, tables: Sequence[Table], jobs: int
) -> tuple[dict[str, dict[str, object]], list[Difference]]:
    """The figures of every table on both sides, and where they differ.

    :raises StairwayError: when a side is lost.
    """
    mine, other = source.work(tables), target.work(tables)
    mixed = [piece for pair in zip(mine, other, strict=False) for piece in pair]
    mixed += mine[len(other) :] + other[len(mine) :]
    in_parallel(mixed, max(2, jobs))
    figures: dict[str, dict[str, object]] = {}
    differences = []
    for table in tables:
        here, there = source.sums[table.label], target.sums[table.label]
        figures[table.label] = {
            "source_rows": rows_of(here),
            "target_rows": rows_of(there),
            "source_checksum": digest(here),
            "target_checksum": digest(there),
        }
        if here != there:
            differences.append(_difference(table, here, there, source, target))
    return figures, differences


def _difference(table: Table, here: Sums, there: Sums, source: Summer, target: Summer) -> Difference:
    wrong = [bucket for bucket in range(BUCKETS) if here.get(bucket) != there.get(bucket)]
    named = ""
    if table.keys and sum(here.get(one, (0, 0))[0] for one in wrong) <= LOOKED_AT:
        mine, other = (one.rows_in(table, wrong) for one in (source, target))
        keys = sorted({key for key, _hash in mine.symmetric_difference(other)})
        more = len(keys) - NAMED
        named = f"; {', '.join(table.keys)} " + ", ".join(keys[:NAMED]) + (f" and {more} more" if more > 0 else "")
    return Difference(
        "rows",
        table.label,
        f"{rows_of(here)} rows, checksum {digest(here)}",
        f"{rows_of(there)} rows, checksum {digest(there)}{named}",
    )


def of_keys(connection: Connection, table: Table, keys: Collection[str]) -> dict[str, str]:
    """The checksums of these rows, as far as they are there."""
    lists = [json.loads(key) for key in keys]
    if len(table.keys) == 1:
        told = f"{identifier(table.keys[0])} IN ({', '.join(literal(one[0]) for one in lists)})"
    else:
        names = ", ".join(identifier(name) for name in table.keys)
        values = ", ".join(f"({', '.join(literal(part) for part in one)})" for one in lists)
        told = f"({names}) IN ({values})"
    rows = connection.rows(f"SELECT {key_text(table)}, {row_hash(table)} FROM ONLY {table.sql} WHERE {told}")
    return {key_of(row[:-1]): row[-1] or "" for row in rows}


def same_keys(source: Connection, target: Connection, table: Table, keys: Collection[str]) -> set[str]:
    """Those of ``keys`` whose rows are the same on both sides, or on neither."""
    here, there = of_keys(source, table, keys), of_keys(target, table, keys)
    if not here.keys() | there.keys() <= set(keys):
        return set()  # a key that is written in another way than the stream does: nothing is proven
    return {key for key in keys if key != ALL and here.get(key) == there.get(key)}
