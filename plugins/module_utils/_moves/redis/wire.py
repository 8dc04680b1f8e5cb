"""Redis, spoken to directly: https://redis.io/docs/latest/develop/reference/protocol-spec/, version 2 of it."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from collections.abc import Sequence
from typing import Any, TypeAlias

from ..._common.errors import StairwayError
from ..._stores import reach
from ..._stores.model import Login, Server

Word: TypeAlias = "bytes | str | int"
KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
SILENT_MILLISECONDS = 20_000


class _NothingYetError(Exception):
    """What has come is no data."""


class RedisError(StairwayError):
    """What a server said no to; ``code`` is its first word."""

    def __init__(self, message: str, *, where: str) -> None:
        super().__init__(message, where=where)
        self.code = message.split(" ")[0]


class Connection:
    """One session. Not for two threads at once.

    :raises StairwayError: when the server cannot be reached, or does not let the user in.
    """

    def __init__(self, server: Server, user: Login) -> None:
        self.server = server
        self.where = f"{server.host}:{server.port}"
        self.open = True
        self._buffer = bytearray()
        self._at = 0
        self._database = 0
        self.socket = reach.connected(server)
        _keep_alive(self.socket)
        self.socket.settimeout(None)
        try:
            if user.password:
                who = [user.user] if user.user not in ("", "default") else []
                self.call("AUTH", *who, user.password)
            self.call("CLIENT", "SETNAME", "stairway_move")
        except StairwayError:
            self.close()
            raise

    def call(self, *words: Word) -> Any:
        """One command, and its answer: bytes, a number, None, or a list of such.

        :raises RedisError: when the server refuses it.
        """
        return self.pipeline([words])[0]

    def pipeline(self, commands: Sequence[Sequence[Word]], *, strict: bool = True) -> list[Any]:
        """Many at once, and their answers in order; without ``strict`` a refusal is an answer too."""
        self._send(b"".join(encoded(one) for one in commands))
        answers = [self._answer() for _one in commands]
        for one in answers:
            if strict and isinstance(one, RedisError):
                raise one
        return answers

    def send(self, *words: Word) -> None:
        """A command whose answer comes among what the server says on its own."""
        self._send(encoded(words))

    def use(self, database: int) -> None:
        if database != self._database:
            self.call("SELECT", database)
            self._database = database

    def said(self, seconds: float) -> list[Any]:
        """What the server says on its own, as a subscriber hears it."""
        found: list[Any] = []
        while self.readable(seconds if not found else 0.0):
            found.append(self._answer())
        return found

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
        if self.open:
            self.socket.settimeout(None)

    def close(self) -> None:
        self.open = False
        with contextlib.suppress(OSError, ValueError):
            self.socket.close()

    # --- the protocol ----------------------------------------------------------------------------------------------

    def _send(self, data: bytes) -> None:
        try:
            self.socket.sendall(data)
        except (OSError, ssl.SSLError) as error:
            raise self._lost(error) from error

    def _answer(self) -> Any:
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"-":
            return RedisError(rest.decode(errors="replace"), where=self.where)
        size = int(rest)
        if size < 0:
            return None
        if kind == b"$":
            return self._exactly(size + 2)[:-2]
        return [self._answer() for _number in range(size)]

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n", self._at)) < 0:
            self._more()
        taken = bytes(self._buffer[self._at : end])
        self._at = end + 2
        return taken

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) - self._at < size:
            self._more()
        taken = bytes(self._buffer[self._at : self._at + size])
        self._at += size
        return taken

    def _more(self) -> None:
        try:
            chunk = self.socket.recv(262_144)
        except (BlockingIOError, ssl.SSLWantReadError) as error:
            raise _NothingYetError from error
        except (OSError, ssl.SSLError) as error:
            raise self._lost(error) from error
        if not chunk:
            raise self._lost(ConnectionError("it hung up"))
        del self._buffer[: self._at]
        self._at = 0
        self._buffer += chunk

    @property
    def waiting(self) -> bool:
        """Whether something was read already; for TLS a socket that looks empty may hold more."""
        pending = self.socket.pending() if isinstance(self.socket, ssl.SSLSocket) else 0
        return len(self._buffer) > self._at or pending > 0

    def readable(self, seconds: float) -> bool:
        """Whether something has come, or comes in that time. TLS has messages of its own, nothing for us: whoever
        waited for the rest of those would wait for ever.
        """
        if self.waiting:
            return True
        ready, _unused, _unused_too = select.select([self.socket], [], [], seconds)
        if not ready:
            return False
        patience = self.socket.gettimeout()
        self.socket.settimeout(0.0)
        try:
            self._more()
        except _NothingYetError:
            return False
        finally:
            if self.open:
                self.socket.settimeout(patience)
        return True

    def _lost(self, error: Exception) -> StairwayError:
        self.close()
        late = isinstance(error, TimeoutError)
        return StairwayError(
            f"The store {self.server.name} did not answer in time." if late else "The connection to a store was lost.",
            where=self.where,
            found=str(error),
            fix="see whether the server runs and has memory left; then run the same command again",
        )


def encoded(words: Sequence[Word]) -> bytes:
    parts = [one if isinstance(one, bytes) else str(one).encode() for one in words]
    return b"*%d\r\n" % len(parts) + b"".join([b"$%d\r\n%s\r\n" % (len(part), part) for part in parts])


def info(connection: Connection) -> dict[str, str]:
    """What a server says of itself, by name."""
    text = bytes(connection.call("INFO")).decode(errors="replace")
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def databases(connection: Connection) -> list[int]:
    """Those that have keys."""
    found = info(connection)
    return [number for number in range(1024) if f"db{number}" in found]


def _keep_alive(plain: socket.socket) -> None:
    """A network that is cut is noticed within half a minute."""
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in KEEPALIVE.items():
        plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_MILLISECONDS)
