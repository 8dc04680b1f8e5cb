"""PostgreSQL, spoken to directly: sessions that can be watched, ended in time, and that stream changes.

The messages are those of https://www.postgresql.org/docs/current/protocol-message-formats.html, version 3.0. Everything
is text; what a session says is UTF-8 and set to one way of writing each type, so that two servers write the same value
as the same text.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import time
from dataclasses import dataclass, field
from typing import TypeAlias

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..._stores.reach import connected
from . import login as logins

Row: TypeAlias = "tuple[str | None, ...]"
SETTINGS = {
    "application_name": "stairway_move",
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
KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
SILENT_MILLISECONDS = 20_000


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


class Connection:
    """One session. Not for two threads at once.

    :raises StairwayError: when the server cannot be reached, or does not let the user in.
    """

    def __init__(self, server: Server, user: Login, *, replication: bool = False) -> None:
        self.server = server
        self.where = f"{server.host}:{server.port}/{user.database}"
        self.socket = connected(server)
        _keep_alive(self.socket)
        self.socket.settimeout(30)
        self._buffer = bytearray()
        self.open = True
        try:
            self._start(user, replication)
        except (OSError, ssl.SSLError) as error:
            self.close()
            raise self._lost(error) from error
        except StairwayError:
            self.close()
            raise
        self.socket.settimeout(None)

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

    def within(self, until: float | None) -> None:
        """From now on every answer has to come in the time that is left until ``until`` (``time.monotonic``).

        :raises StairwayError: when none is left.
        """
        if until is None:
            return
        left = until - time.monotonic()
        if left <= 0:
            raise StairwayError("The time for this is over.", where=self.where)
        self.socket.settimeout(left)

    def patient(self) -> None:
        """Let an answer take as long as it takes."""
        if self.open:
            self.socket.settimeout(None)

    def close(self) -> None:
        self.open = False
        with contextlib.suppress(OSError, ValueError):
            self.socket.close()

    # --- messages --------------------------------------------------------------------------------------------------

    def send(self, kind: bytes, body: bytes = b"") -> None:
        try:
            self.socket.sendall(_HEAD.pack(kind, len(body) + 4) + body)
        except (OSError, ssl.SSLError) as error:
            raise self._lost(error) from error

    def receive(self) -> tuple[bytes, bytes]:
        """The next message that is for us; notices and settings are not.

        :raises StairwayError: when the connection is lost, or the time is over.
        """
        while True:
            kind, length = _HEAD.unpack(self._exactly(5))
            body = self._exactly(length - 4)
            if kind not in (b"N", b"S", b"A"):
                return kind, body

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self.more()
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def more(self) -> None:
        """Read what has come."""
        try:
            chunk = self.socket.recv(262_144)
        except (OSError, ssl.SSLError) as error:
            raise self._lost(error) from error
        if not chunk:
            raise self._lost(ConnectionError("it hung up"))
        self._buffer += chunk

    def taken(self) -> bytes:
        """Everything that was read and not looked at yet."""
        found = bytes(self._buffer)
        self._buffer.clear()
        return found

    def give_back(self, rest: bytes) -> None:
        self._buffer[:0] = rest

    @property
    def waiting(self) -> bool:
        """Whether something was read already; for TLS a socket that looks empty may hold more."""
        pending = self.socket.pending() if isinstance(self.socket, ssl.SSLSocket) else 0
        return bool(self._buffer) or pending > 0

    def error(self, body: bytes) -> SqlError:
        """An ErrorResponse, without its detail: that holds values of rows."""
        fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
        place = fields.get(b"W", "").split("\n")[0]
        where = f"{self.where}, {place}" if place else self.where
        return SqlError(fields.get(b"M", "unknown error"), state=fields.get(b"C", ""), where=where)

    def _lost(self, error: Exception) -> StairwayError:
        self.close()
        late = isinstance(error, TimeoutError)
        return StairwayError(
            f"The store {self.server.name} did not answer in time." if late else "The connection to a store was lost.",
            where=self.where,
            found=str(error),
            fix="see whether the server runs and has room on its disk; then run the same command again",
        )

    # --- letting in ------------------------------------------------------------------------------------------------

    def _start(self, user: Login, replication: bool) -> None:
        said = {"user": user.user, "database": user.database, **SETTINGS}
        if replication:
            said["replication"] = "database"
        body = b"".join(f"{key}\0{value}\0".encode() for key, value in said.items()) + b"\0"
        self.socket.sendall(struct.pack("!ii", len(body) + 8, 196_608) + body)
        exchange = logins.Exchange(user, secure=isinstance(self.socket, ssl.SSLSocket))
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


def _keep_alive(plain: socket.socket) -> None:
    """A network that is cut is noticed within half a minute, also while a statement takes hours."""
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in KEEPALIVE.items():
        plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_MILLISECONDS)


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
