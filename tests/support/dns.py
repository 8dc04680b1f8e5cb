"""A question to one name server, and addresses that are believed for as long as it says. Standard library only."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Found:
    """Addresses of a name, and for how many seconds they may be believed."""

    addresses: tuple[str, ...]
    seconds: int


def question(name: str) -> bytes:
    """A query for addresses (A)."""
    labels = b"".join(bytes([len(one)]) + one.encode() for one in name.rstrip(".").split("."))
    return b"\0\7\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"


def understood(reply: bytes, asked: bytes) -> Found:
    """What the reply to ``asked`` says; no address and 0 seconds for a name that is nowhere."""
    found, seconds, at = [], [], len(asked)
    for _each in range(struct.unpack(">H", reply[6:8])[0]):
        while reply[at]:
            at += 1 + reply[at] if reply[at] < 192 else 1
        kind, lives, size = struct.unpack(">H2xIH", reply[at + 1 : at + 11])
        seconds.append(lives)
        if kind == 1:
            found.append(socket.inet_ntoa(reply[at + 11 : at + 15]))
        at += 11 + size
    return Found(tuple(sorted(found)), min(seconds, default=0))


def look_up(server: str, name: str, patience: float = 5) -> Found:
    """Ask ``server``, an address with a port (``10.213.0.1:5512``).

    :raises OSError: when it does not answer within ``patience`` seconds.
    """
    host, _, port = server.partition(":")
    asked = question(name)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(patience)
        line.sendto(asked, (host, int(port or 53)))
        return understood(line.recv(4096), asked)


@dataclass
class Resolver:
    """One name as a well-behaved client sees it: asked again when its time is over, never before.

    Without an answer it goes on with what it knew; so does every resolver that would rather serve stale than nothing.
    """

    name: str
    ask: Callable[[str], Found]
    clock: Callable[[], float] = time.monotonic
    _known: tuple[str, ...] = ()
    _until: float = field(default=-1.0)
    _turn: int = 0

    def addresses(self) -> tuple[str, ...]:
        """All of them, each time another one first.

        :raises OSError: when there is none, and there never was.
        """
        if self.clock() >= self._until:
            try:
                found = self.ask(self.name)
            except OSError:
                if not self._known:
                    raise
                found = Found((), 1)
            self._known = found.addresses or self._known
            self._until = self.clock() + max(1, found.seconds)
        if not self._known:
            raise OSError(f"{self.name} has no address")
        self._turn = (self._turn + 1) % len(self._known)
        return (*self._known[self._turn :], *self._known[: self._turn])
