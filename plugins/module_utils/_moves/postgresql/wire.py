"""PostgreSQL, spoken to directly: sessions that can be watched, ended in time, and that stream changes.

The messages are those of https://www.postgresql.org/docs/current/protocol-message-formats.html, version 3.0. Everything
is text; what a session says is UTF-8 and set to one way of writing each type, so that two servers write the same value
as the same text.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..session import Session
from . import login as logins

Row: TypeAlias = "tuple[str | None, ...]"
OURS = "stairway_move"  # what a server calls our sessions
SETTINGS = {
    "application_name": OURS,
    "client_encoding": "UTF8",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "0",
    "default_transaction_read_only": "off",
    # so that a regclass, a regtype and an expression in the catalogue are written with their schema
    "search_path": "pg_catalog",
}
_HEAD = struct.Struct("!ci")


class SqlError(StairwayError):
    """What a server said no to. ``state`` is its SQLSTATE."""

    def __init__(self, message: str, *, state: str, where: str, fix: str | None = None) -> None:
        super().__init__(message, where=where, found=f"SQLSTATE {state}" if state else None, fix=fix)
        self.state = state


@dataclass
class Result:
    """What one statement gave; ``tag`` is what it did, such as ``UPDATE 1``."""

    tag: str = ""
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)


class Connection(Session):
    """One session. Not for two threads at once.

    :raises StairwayError: when the server cannot be reached, or does not let the user in.
    """

    begins_with: ClassVar[Mapping[str, str]] = SETTINGS

    def __init__(self, server: Server, user: Login, *, replication: bool = False) -> None:
        super().__init__(server, f"{server.host}:{server.port}/{user.database}")
        self._opened(lambda: self._start(user, replication))

    # --- for everyone ----------------------------------------------------------------------------------------------

    def rows(self, sql: str) -> list[Row]:
        """The rows of the last statement that gave any."""
        found = [one for one in self.run(sql) if one.columns]
        return found[-1].rows if found else []

    def one(self, sql: str) -> str | None:
        """The first value of the first row."""
        rows = self.rows(sql)
        return rows[0][0] if rows else None

    def run(self, sql: str) -> list[Result]:
        """Every statement of ``sql``, in one transaction if it begins none itself.

        :raises SqlError: when the server refuses one; the session goes on.
        """
        self.send(b"Q", sql.encode() + b"\0")
        return self.answer()

    def answer(self) -> list[Result]:
        """What the server says to what was sent, until it is ready for more."""
        results, now = [], Result()
        problem: SqlError | None = None
        while True:
            kind, body = self.receive()
            if kind == b"T":
                now.columns = _columns(body)
            elif kind == b"D":
                now.rows.append(_row(body))
            elif kind in (b"C", b"I"):
                now.tag = body.rstrip(b"\0").decode()
                results.append(now)
                now = Result()
            elif kind == b"E":
                problem = self.error(body)
            elif kind in (b"G", b"H", b"W"):
                return results
            elif kind == b"Z":
                if problem is not None:
                    raise problem
                return results

    # --- messages --------------------------------------------------------------------------------------------------

    def send(self, kind: bytes, body: bytes = b"") -> None:
        """:raises StairwayError: when the connection is lost, or the time is over."""
        self._put(_HEAD.pack(kind, len(body) + 4) + body)

    def receive(self) -> tuple[bytes, bytes]:
        """The next message that is for us; notices and settings are not.

        :raises StairwayError: when the connection is lost, or the time is over.
        """
        while True:
            kind, length = _HEAD.unpack(self._exactly(5))
            body = self._exactly(length - 4)
            if kind not in (b"N", b"S", b"A"):
                return kind, body

    def more(self) -> None:
        """Read what has come."""
        self._more()

    def taken(self) -> bytes:
        """Everything that was read and not looked at yet."""
        found = bytes(self._buffer[self._at :])
        self._buffer.clear()
        self._at = 0
        return found

    def give_back(self, rest: bytes) -> None:
        self._buffer[: self._at] = rest
        self._at = 0

    def pass_on(self, data: memoryview) -> None:
        """Send messages that are whole already.

        :raises StairwayError: when the connection is lost, or the time is over.
        """
        self._put(data)

    def error(self, body: bytes) -> SqlError:
        """An ErrorResponse, without its detail: that holds values of rows."""
        fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
        place = fields.get(b"W", "").split("\n")[0]
        where = f"{self.where}, {place}" if place else self.where
        return SqlError(fields.get(b"M", "unknown error"), state=fields.get(b"C", ""), where=where)

    # --- letting in ------------------------------------------------------------------------------------------------

    def _start(self, user: Login, replication: bool) -> None:
        said = {"user": user.user, "database": user.database, **self.begins_with}
        if replication:
            said["replication"] = "database"
        body = b"".join(f"{key}\0{value}\0".encode() for key, value in said.items()) + b"\0"
        self._put(struct.pack("!ii", len(body) + 8, 196_608) + body)
        exchange = logins.Exchange(user, secure=self.secure)
        while True:
            kind, message = self.receive()
            if kind == b"E":
                raise self.error(message)
            if kind == b"R":
                said_back = exchange.answer(message)
                if said_back is not None:
                    self.send(b"p", said_back)
            elif kind == b"Z":
                if not exchange.proven:
                    raise StairwayError("The server did not prove that it knows the password.", where=self.where)
                return


def _columns(body: bytes) -> tuple[str, ...]:
    (count,) = struct.unpack_from("!h", body)
    at, names = 2, []
    for _number in range(count):
        end = body.index(b"\0", at)
        names.append(body[at:end].decode())
        at = end + 19
    return tuple(names)


def _row(body: bytes) -> Row:
    (count,) = struct.unpack_from("!h", body)
    at = 2
    values: list[str | None] = []
    for _number in range(count):
        (length,) = struct.unpack_from("!i", body, at)
        at += 4
        if length < 0:
            values.append(None)
        else:
            values.append(body[at : at + length].decode())
            at += length
    return tuple(values)
