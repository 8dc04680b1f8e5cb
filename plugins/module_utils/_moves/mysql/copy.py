"""Definitions and rows from one server to the other through this host, several tables at once, never on a disk between.

No session can see what another sees, as PostgreSQL's can. So every reader has a snapshot of its own, and knows at which
place of the binary log that was taken; the tables that it copies are followed from there. Tables that foreign keys
join go with one reader, so that what a foreign key takes along happens after both were copied.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Sequence

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..parallel import in_parallel
from . import catalogue
from .binlog import Position, end_of
from .catalogue import ACTING, NAMES, Column, Table
from .quote import identifier
from .statements import columns
from .wire import TOO_LARGE, Connection, SqlError

# Bytes of one INSERT; four times that has to go into the target's max_allowed_packet.
PORTION = 1_000_000
_NO_SUCH_TABLE, _NO_SUPER = 1146, 1419


class Reader:
    """A session that sees its database as of one moment, and which moment that was."""

    def __init__(self, server: Server, admin: Login, *, followed: bool) -> None:
        self.connection = Connection(server, admin)
        self.position: Position | None = None
        self.lock = threading.Lock()
        if not followed:
            return
        if "MariaDB" in (self.connection.one("SELECT VERSION()") or ""):
            self.connection.run("START TRANSACTION WITH CONSISTENT SNAPSHOT")
            told = self.connection.rows("SHOW STATUS LIKE 'binlog_snapshot_%'")
            found = {str(row[0]).lower(): row[1] for row in told}
            self.position = Position.of(found["binlog_snapshot_file"] or "", found["binlog_snapshot_position"] or 0)
        else:
            self._locked(Connection(server, admin))

    def _locked(self, other: Connection) -> None:
        """MySQL has no such word: a moment without commits."""
        try:
            names = ", ".join(f"{one.sql} READ" for one in catalogue.tables(other))
            if names:
                other.run(f"SET lock_wait_timeout = 60; LOCK TABLES {names}")
            self.position = end_of(other)
            self.connection.run("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        finally:
            other.close()


def groups(connection: Connection, tables: Sequence[Table]) -> list[list[Table]]:
    """Tables that foreign keys join, largest group first."""
    group = {table.name: [table] for table in tables}
    for one, other in catalogue.references(connection):
        mine, its = group.get(one), group.get(other)
        if mine is not None and its is not None and mine is not its:
            mine += its
            group.update({table.name: mine for table in its})
    found = {id(one): one for one in group.values()}
    return sorted(found.values(), key=lambda one: -sum(table.size for table in one))


# --- definitions -----------------------------------------------------------------------------------------------------


def make(source: Connection, target: Connection, kinds: Sequence[str]) -> None:
    """Make there what is here, of these kinds (``TABLE`` or one of ``NAMES``)."""
    for kind in kinds:
        names = catalogue.names(source, kind) if kind in NAMES else [one.name for one in catalogue.tables(source)]
        while names:
            again = [name for name in names if not _made(source, target, kind, name)]
            if len(again) == len(names):
                raise StairwayError(f"The {kind.lower()} {again[0]} needs a table that is not there.")
            names = again


def _made(source: Connection, target: Connection, kind: str, name: str) -> bool:
    """Whether it could be made: a view may need another that comes later."""
    statement, settings = catalogue.create(source, kind, name)
    if kind == "EVENT":
        statement = re.sub(r" ENABLE(?= DO | COMMENT )", " DISABLE", statement, count=1)
    if settings:
        target.run(f"SET @before = @@sql_mode; SET {settings}")
    try:
        target.run(statement)
    except SqlError as error:
        if error.number == _NO_SUCH_TABLE and kind == "VIEW":
            return False
        raise StairwayError(
            f"The {kind.lower()} {name} could not be made on the target: {error.message}",
            where=error.where,
            found=error.found,
            fix="on RDS log_bin_trust_function_creators = 1 in its parameter group"
            if error.number == _NO_SUPER
            else None,
        ) from None
    finally:
        if settings:
            target.run("SET NAMES utf8mb4; SET sql_mode = @before, time_zone = '+00:00'")
    return True


def clear(target: Connection, kinds: Sequence[str] = ACTING) -> None:
    """Drop everything of these kinds."""
    for kind in kinds:
        for name in catalogue.names(target, kind):
            target.run(f"DROP {kind} IF EXISTS {identifier(name)}")


def let_act(source: Connection, target: Connection) -> None:
    """The events that ran at the source run at the target.

    :raises StairwayError: when one of them does not.
    """
    running = [name for name, state in catalogue.state_of_events(source).items() if state == "ENABLED"]
    for name in running:
        target.run(f"ALTER EVENT {identifier(name)} ENABLE")
    there = catalogue.state_of_events(target)
    # one that is not there any more had a single time to run, and ran
    for name in running:
        if there.get(name, "ENABLED") != "ENABLED":
            raise StairwayError(
                f"The event {name} does not run on the target.",
                where=target.where,
                found=there[name],
                expected="ENABLED, as at the source",
                fix=f"ALTER EVENT {identifier(name)} DISABLE at the source if nobody needs it; then run the same "
                "command again",
            )


# --- rows ------------------------------------------------------------------------------------------------------------


class Copier:
    """Copies tables as their readers see them."""

    def __init__(self, target: tuple[Server, Login], readers: Sequence[Reader]) -> None:
        self.target, self.readers = target, readers
        self.reader_of: dict[str, Reader] = {}

    def run(self, work: Sequence[Sequence[Table]]) -> None:
        """Each group by one reader, whichever is free.

        :raises StairwayError: when a side is lost, or refuses: a full disk, a value that does not fit.
        """
        local = threading.local()
        free = list(self.readers)
        opened: list[Connection] = []

        def one(group: Sequence[Table]) -> None:
            if not hasattr(local, "reader"):
                local.reader, local.target = free.pop(), Connection(*self.target)
                opened.append(local.target)
                _for_loading(local.target)
            for table in group:
                self.reader_of[table.name] = local.reader
                self._table(table, local.reader.connection, local.target)

        try:
            in_parallel([lambda group=group: one(group) for group in work], len(self.readers))  # type: ignore[misc]
        finally:
            for connection in opened:
                connection.close()

    def _table(self, table: Table, source: Connection, target: Connection) -> None:
        try:
            if not self._loaded(table, written(source, table), target):
                # a row that is larger than what one value may be: its columns come one by one
                self._loaded(table, put_together(source, table), target)
        except SqlError as error:
            fix = "see whether the target's disk is full; then run the same command again"
            if error.number == TOO_LARGE:
                fix = "raise the target's max_allowed_packet: a value needs up to twice its size"
            raise StairwayError(
                f"The rows of {table.name} could not be copied: {error.message}",
                where=error.where,
                found=error.found,
                fix=fix,
            ) from None

    def _loaded(self, table: Table, rows: Iterator[bytes | None], target: Connection) -> bool:
        """In one transaction into the empty table: the server may then build the indexes sorted."""
        head = f"INSERT INTO {table.sql} ({columns(table.written)}) VALUES ".encode()
        target.run("BEGIN")
        part: list[bytes] = []
        size, whole = 0, True
        for row in rows:
            if row is None or not whole:
                whole = False  # the rest has to be read, and is thrown away
                continue
            part.append(row)
            size += len(row)
            if size > PORTION:
                _insert(target, head, part)
                part, size = [], 0
        if part and whole:
            _insert(target, head, part)
        target.run("COMMIT" if whole else "ROLLBACK")
        return whole


def _insert(target: Connection, head: bytes, rows: Sequence[bytes]) -> None:
    target.say(head + b"(" + b"),(".join(rows) + b")")


def _for_loading(target: Connection) -> None:
    target.run("SET unique_checks = 0")
    with contextlib.suppress(SqlError):  # who may, spares the target's log the whole copy
        target.run("SET SESSION sql_log_bin = 0")


def written(source: Connection, table: Table) -> Iterator[bytes | None]:
    """The rows, written by the server as an INSERT takes them; None for one that was too large for that."""
    # CONCAT_WS would leave out a value that was too large, and give the rest
    values = ", ',', ".join(one.written for one in table.written)
    for row in source.each(f"SELECT CONCAT({values}) FROM {table.sql}"):
        yield row[0]


def put_together(source: Connection, table: Table) -> Iterator[bytes | None]:
    """The same, written here."""
    asked = ", ".join(one.value for one in table.written)
    kinds = table.written
    for row in source.each(f"SELECT {asked} FROM {table.sql}"):
        yield b",".join([_literal(column, value) for column, value in zip(kinds, row, strict=True)])


def _literal(column: Column, value: bytes | None) -> bytes:
    if value is None:
        return b"NULL"
    if column.kind in ("number", "index"):
        return value
    safe = value.replace(b"\\", b"\\\\").replace(b"'", b"\\'").replace(b"\0", b"\\0")
    return (b"_binary'" if column.kind == "binary" else b"'") + safe + b"'"
