"""Redis, spoken to directly: https://redis.io/docs/latest/develop/reference/protocol-spec/, version 2 of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..session import Session

Word: TypeAlias = "bytes | str | int"


class RedisError(StairwayError):
    """What a server said no to; ``code`` is its first word."""

    def __init__(self, message: str, *, where: str) -> None:
        super().__init__(message, where=where)
        self.code = message.split(" ")[0]


class Connection(Session):
    """One session. Not for two threads at once.

    :raises StairwayError: when the server cannot be reached, or does not let the user in.
    """

    SCARCE = "memory left"

    def __init__(self, server: Server, user: Login) -> None:
        super().__init__(server, f"{server.host}:{server.port}")
        self._database = 0
        self._opened(lambda: self._start(user))

    def call(self, *words: Word) -> Any:
        """One command, and its answer: bytes, a number, None, or a list of such.

        :raises RedisError: when the server refuses it.
        """
        return self.pipeline([words])[0]

    def pipeline(self, commands: Sequence[Sequence[Word]], *, strict: bool = True) -> list[Any]:
        """Many at once, and their answers in order; without ``strict`` a refusal is an answer too."""
        self._put(b"".join(encoded(one) for one in commands))
        answers = [self._answer() for _one in commands]
        for one in answers:
            if strict and isinstance(one, RedisError):
                raise one
        return answers

    def send(self, *words: Word) -> None:
        """A command whose answer comes among what the server says on its own."""
        self._put(encoded(words))

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

    # --- the protocol ----------------------------------------------------------------------------------------------

    def _start(self, user: Login) -> None:
        if user.password:
            who = [user.user] if user.user not in ("", "default") else []
            self.call("AUTH", *who, user.password)
        self.call("CLIENT", "SETNAME", "stairway_move")

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
