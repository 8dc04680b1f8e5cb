"""The stream of changes of a slot, and the slot itself."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator

from ..._common import wait
from ..._stores.model import Login, Server
from .pgoutput import Message, lsn_of, number_of, parse
from .quote import identifier, literal
from .wire import Connection, SqlError

_STATUS = struct.Struct("!cqqqqB")
_DATA = struct.Struct("!cqqq")
STATUS_SECONDS = 5.0
IN_USE, TAKEN_SECONDS = "55006", 10.0


class Slot:
    """A slot that was just made; its snapshot lives as long as this session."""

    def __init__(self, server: Server, admin: Login, name: str, *, passing: bool = False) -> None:
        """``passing``: the slot goes with its session."""
        self.connection = Connection(server, admin, replication=True)
        words = f"{identifier(name)}{' TEMPORARY' if passing else ''} LOGICAL pgoutput EXPORT_SNAPSHOT"
        made = self.connection.rows(f"CREATE_REPLICATION_SLOT {words}")
        self.lsn = number_of(made[0][1] or "0/0")
        self.snapshot = made[0][2] or ""

    def close(self) -> None:
        self.connection.close()


class Stream:
    """What a slot sends from ``start`` on. What was :meth:`confirmed` the server may forget."""

    def __init__(self, server: Server, admin: Login, slot: str, publication: str, start: int) -> None:
        self.received = start
        self.sure = start
        self._told = time.monotonic()
        options = f"proto_version '1', publication_names {literal(identifier(publication))}"
        words = f"START_REPLICATION SLOT {identifier(slot)} LOGICAL {lsn_of(start)} ({options})"
        self.connection = self._begun(server, admin, words)

    @staticmethod
    def _begun(server: Server, admin: Login, words: str) -> Connection:
        """Where its last reader was ours a moment ago, the server may still hold the slot for it."""
        until = time.monotonic() + TAKEN_SECONDS
        while True:
            connection = Connection(server, admin, replication=True)
            connection.send(b"Q", words.encode() + b"\0")
            try:
                connection.answer()
            except SqlError as error:
                connection.close()
                if error.state != IN_USE or time.monotonic() > until:
                    raise
                wait.pause(0.1)
            else:
                return connection

    def messages(self, seconds: float) -> Iterator[Message]:
        """What is there, and what comes within ``seconds`` where nothing is."""
        first = True
        while self.connection.readable(seconds if first else 0.0):
            first = False
            kind, body = self.connection.receive()
            if kind == b"E":
                raise self.connection.error(body)
            if kind == b"d" and body[:1] == b"w":
                _kind, start, _end, _at = _DATA.unpack_from(body)
                self.received = max(self.received, start)
                yield parse(body[_DATA.size :])
            elif kind == b"d" and body[:1] == b"k":
                self._alive(body)

    def confirmed(self, lsn: int) -> None:
        """Everything before ``lsn`` stands on the target; the server is told from time to time."""
        self.sure = max(self.sure, lsn)
        if time.monotonic() - self._told > STATUS_SECONDS:
            self.tell()

    def tell(self, *, answer: bool = False) -> None:
        """Say how far we are; with ``answer`` the server says at once how far it is."""
        self._told = time.monotonic()
        status = _STATUS.pack(b"r", self.received, self.sure, self.sure, 0, int(answer))
        self.connection.send(b"d", status)

    def close(self) -> None:
        self.connection.close()

    def _alive(self, body: bytes) -> None:
        """The server says how far its log goes, and may want an answer."""
        (end,) = struct.unpack_from("!q", body, 1)
        self.received = max(self.received, end)
        if body[17]:
            self.tell()
