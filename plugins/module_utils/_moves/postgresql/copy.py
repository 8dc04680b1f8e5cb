"""Rows from one server to the other through this host, several tables at once, never on a disk between."""

from __future__ import annotations

import struct
import threading
from collections.abc import Sequence

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..parallel import in_parallel
from .catalogue import Table
from .quote import identifier, literal
from .wire import Connection, SqlError

_LENGTH = struct.Struct("!i")
_DATA, _DONE = ord("d"), ord("c")


def reader(server: Server, admin: Login, snapshot: str) -> Connection:
    """A session that sees what ``snapshot`` sees."""
    connection = Connection(server, admin)
    connection.run(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT {literal(snapshot)}")
    return connection


class Copier:
    """Copies tables as one snapshot sees them."""

    def __init__(self, source: tuple[Server, Login], target: tuple[Server, Login], snapshot: str) -> None:
        self.source, self.target, self.snapshot = source, target, snapshot

    def run(self, tables: Sequence[Table], jobs: int) -> None:
        """Largest first, so that no large one is left for the end.

        :raises StairwayError: when a side is lost, or refuses: a full disk, a value that does not fit.
        """
        local = threading.local()
        opened: list[Connection] = []

        def one(table: Table) -> None:
            if not hasattr(local, "ends"):
                local.ends = (reader(*self.source, self.snapshot), Connection(*self.target))
                opened.extend(local.ends)
                local.ends[1].run("SET session_replication_role = replica; SET synchronous_commit = off")
            self._table(table, *local.ends)

        try:
            in_parallel([lambda table=table: one(table) for table in tables], jobs)  # type: ignore[misc]
        finally:
            for connection in opened:
                connection.close()

    def _table(self, table: Table, source: Connection, target: Connection) -> None:
        columns = ", ".join(identifier(name) for name in table.columns)
        listed = f"({columns})" if columns else ""
        # Emptied in the same transaction, so that the server may write the rows as visible to everyone at once.
        target.run(f"BEGIN; TRUNCATE ONLY {table.sql}")
        source.send(b"Q", f"COPY {table.sql} {listed} TO STDOUT".encode() + b"\0")
        source.answer()
        target.send(b"Q", f"COPY {table.sql} {listed} FROM STDIN WITH (FREEZE)".encode() + b"\0")
        target.answer()
        try:
            relay(source, target)
        except SqlError as error:
            raise StairwayError(
                f"The rows of {table.label} could not be copied: {error.message}",
                where=error.where,
                found=error.found,
                fix="see whether the target's disk is full; then run the same command again",
            ) from None
        target.run("COMMIT")


def relay(source: Connection, target: Connection) -> None:
    """Everything that the source sends of one COPY to the target, as it is: both ways it is the same message."""
    while True:
        data = source.taken()
        at, size = 0, len(data)
        while size - at >= 5 and data[at] == _DATA:
            length = _LENGTH.unpack_from(data, at + 1)[0] + 1
            if size - at < length:
                break
            at += length
        if at:
            target.pass_on(memoryview(data)[:at])
            if target.readable(0):  # in the middle of a COPY that is always a refusal
                target.answer()
        source.give_back(data[at:])
        if size - at >= 5 and data[at] != _DATA:
            break
        source.more()
    kind, body = source.receive()
    if kind[0] != _DONE:
        raise source.error(body)
    source.answer()
    target.send(b"c")
    target.answer()
