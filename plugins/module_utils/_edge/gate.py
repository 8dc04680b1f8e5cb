"""The gate: holds the requests of an app for a bounded time and then lets each of them go, exactly once.

A program of its own: Python's standard library, no import from the collection. ``gates.py`` copies it to the host and
starts it by ``systemd-run``. Its one argument is JSON::

    {"state": "/var/lib/stairway/chat/edge", "link": "/run/stairway/chat/hold", "hold": "/run/stairway/chat/hold.17",
     "seconds": 30, "services": {"api": {"socket": "/run/stairway/chat/api.sock", "blue": [20480], "green": [20484]}}}

It listens on the sockets, then makes the file ``hold`` and lets ``link`` lead to it (from then on the edge sends
requests here), then tells systemd that it is ready. It accepts connections and reads nothing, so nothing is executed.
When ``hold`` is gone, whoever removed it, or after ``seconds`` (then it removes it itself), each waiting connection is
carried to the colour that serves now. Where the client hung up meanwhile its request is dropped: the user already saw
it fail. Where nothing answers on the serving colour's port, the gate says 503 with Retry-After. It lives on as long as
a connection that it carries, so that a WebSocket which was held stays open.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

MOST = 10_000  # connections that may wait; each costs two file descriptors at most
LOOK_SECONDS = 0.02  # how often it looks whether the hold is over
LINGER_SECONDS = 2.0  # how long it goes on listening: the edge may have looked at the file just before it went
CONNECT_SECONDS = 3.0  # how long it tries the serving colour; nothing was sent yet, so trying again is safe
BATCH, BATCH_SECONDS = 50, 0.01  # let go 5000 a second: a listen queue of 511 must not overflow
CHUNK = 64 * 1024
RETRY_AFTER = 5

REFUSAL = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    f"Retry-After: {RETRY_AFTER}\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: 25\r\n\r\n"
    "Busy, please try it again"
).encode()


@dataclass(frozen=True)
class Service:
    """One routed service: where its requests come in, and the ports of both colours on 127.0.0.1."""

    socket: str
    blue: tuple[int, ...]
    green: tuple[int, ...]


@dataclass(frozen=True)
class Order:
    """What the gate was started for; see the docstring of this file."""

    state: str
    link: str
    hold: str
    seconds: float
    services: dict[str, Service]

    @property
    def result(self) -> str:
        """Where the gate counts what became of the connections, while it listens."""
        return f"{self.hold}.result"


@dataclass(frozen=True)
class Door:
    """A listening socket; ``inode`` tells whether ``service.socket`` still leads to it."""

    service: Service
    socket: socket.socket
    inode: int


@dataclass
class Count:
    """What became of the connections. ``dropped``: the client hung up while it waited; ``refused``: got the 503."""

    held: int = 0
    forwarded: int = 0
    refused: int = 0
    dropped: int = 0
    expired: bool = False
    held_seconds: float = 0.0


def parse(text: str) -> Order:
    """The order in the argument of the program."""
    raw: dict[str, Any] = json.loads(text)
    services = {
        name: Service(one["socket"], tuple(one["blue"]), tuple(one["green"])) for name, one in raw["services"].items()
    }
    return Order(raw["state"], raw["link"], raw["hold"], float(raw["seconds"]), services)


def hung_up(peer: socket.socket) -> bool:
    """Whether the other side closed, also when what it sent before was not read yet."""
    poll = select.poll()
    poll.register(peer, select.POLLRDHUP)
    return any(event & (select.POLLRDHUP | select.POLLHUP | select.POLLERR) for _unused, event in poll.poll(0))


@dataclass
class Gate:
    """One hold from its begin to its last connection."""

    order: Order
    count: Count = field(default_factory=Count)
    _waiting: list[tuple[Service, socket.socket]] = field(default_factory=list)
    _carried: set[asyncio.Task[None]] = field(default_factory=set)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _connecting: int = 0
    _turn: int = 0

    async def run(self) -> None:
        """Hold, let go, carry on until the last connection is closed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._over.set)
        doors = [listen(service) for service in self.order.services.values()]
        guards = [asyncio.create_task(self._accept(door)) for door in doors]
        begun = time.monotonic()
        make(self.order.hold, self.order.link)
        tell_systemd("READY=1")
        try:
            await self._wait(begun + self.order.seconds)
        finally:
            remove(self.order.hold)
            self._over.set()
        self.count.held_seconds = round(time.monotonic() - begun, 3)
        await self._let_go()
        while self._connecting:
            await asyncio.sleep(LOOK_SECONDS)
        self._report()
        await asyncio.sleep(LINGER_SECONDS)
        await self._close(doors, guards)
        await self._let_go()
        while self._carried:
            await asyncio.wait(self._carried)
        remove(self.order.result)

    async def _wait(self, until: float) -> None:
        swept = time.monotonic()
        while os.path.exists(self.order.hold) and not self._over.is_set():
            now = time.monotonic()
            if now >= until:
                self.count.expired = True
                return
            if now - swept > 0.5:
                swept = now
                self._sweep()
            await asyncio.sleep(min(LOOK_SECONDS, until - now))

    async def _accept(self, door: Door) -> None:
        loop = asyncio.get_running_loop()
        service = door.service
        while True:
            peer, _unused = await loop.sock_accept(door.socket)
            if self._over.is_set():
                self._carry(service, peer)
                continue
            self.count.held += 1
            if len(self._waiting) >= MOST:
                self._start(self._refuse(peer))
            else:
                self._waiting.append((service, peer))

    async def _let_go(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            for service, peer in batch:
                if hung_up(peer):
                    self._drop(peer)
                else:
                    self._carry(service, peer)
            await asyncio.sleep(BATCH_SECONDS)

    async def _close(self, doors: list[Door], guards: list[asyncio.Task[None]]) -> None:
        """Take what still stands in the queue, then close; a later hold may have put sockets of its own there."""
        for door in doors:
            if inode(door.service.socket) == door.inode:
                remove(door.service.socket)
        await asyncio.sleep(LOOK_SECONDS)  # the guards take what connected before the name was gone
        for guard in guards:
            guard.cancel()
        for door in doors:
            door.socket.close()

    def _sweep(self) -> None:
        gone = [peer for _unused, peer in self._waiting if hung_up(peer)]
        if gone:
            self._waiting = [(service, peer) for service, peer in self._waiting if peer not in gone]
            for peer in gone:
                self._drop(peer)

    def _drop(self, peer: socket.socket) -> None:
        self.count.dropped += 1
        peer.close()

    def _carry(self, service: Service, peer: socket.socket) -> None:
        self._connecting += 1
        self._start(self._forward(service, peer))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._carried.add(task)
        task.add_done_callback(self._carried.discard)

    async def _forward(self, service: Service, peer: socket.socket) -> None:
        try:
            upstream = await self._connect(service, peer)
            self.count.forwarded += upstream is not None
        finally:
            self._connecting -= 1
        if upstream is None:
            await self._refuse(peer)
            return
        reader, writer = await asyncio.open_unix_connection(sock=peer)
        await relay(reader, writer, *upstream)

    async def _connect(
        self, service: Service, peer: socket.socket
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        until = time.monotonic() + CONNECT_SECONDS
        while time.monotonic() < until and not hung_up(peer):
            green = os.path.exists(os.path.join(self.order.state, "green"))
            ports = service.green if green else service.blue
            self._turn += 1
            try:
                connecting = asyncio.open_connection("127.0.0.1", ports[self._turn % len(ports)])
                return await asyncio.wait_for(connecting, until - time.monotonic())
            except (OSError, asyncio.TimeoutError):
                await asyncio.sleep(0.05)
        return None

    async def _refuse(self, peer: socket.socket) -> None:
        """Say 503, then read what the edge still sends: closing earlier would throw the answer away."""
        if hung_up(peer):
            self._drop(peer)
            return
        self.count.refused += 1
        reader, writer = await asyncio.open_unix_connection(sock=peer)
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            writer.write(REFUSAL)
            writer.write_eof()
            await asyncio.wait_for(swallow(reader), RETRY_AFTER)
        await shut(writer)

    def _report(self) -> None:
        """Leave the count for whoever ended the hold."""
        text = json.dumps(vars(self.count))
        with open(f"{self.order.result}.new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(f"{self.order.result}.new", self.order.result)
        sys.stderr.write(f"{text}\n")


async def relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    up_reader: asyncio.StreamReader,
    up_writer: asyncio.StreamWriter,
) -> None:
    """Carry bytes both ways until either side is done; the edge keeps no half-open connections."""
    ways = [asyncio.create_task(copy(reader, up_writer)), asyncio.create_task(copy(up_reader, writer))]
    _done, other = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for task in other:
        task.cancel()
    await asyncio.gather(*ways, return_exceptions=True)
    await asyncio.gather(shut(writer), shut(up_writer))


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way until the end or until the receiver hangs up."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()


async def swallow(reader: asyncio.StreamReader) -> None:
    """Read to the end."""
    while await reader.read(CHUNK):
        pass


async def shut(writer: asyncio.StreamWriter) -> None:
    """Send what is left, then close."""
    with contextlib.suppress(OSError):
        writer.close()
        await writer.wait_closed()


def listen(service: Service) -> Door:
    """A listening socket that every user of the host may connect to, put there in one step."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.setblocking(False)
    new = f"{service.socket}.new"
    remove(new)
    door.bind(new)
    os.chmod(new, 0o666)  # noqa: S103  the edge's user connects, as to the app's ports on 127.0.0.1
    door.listen(4096)
    os.replace(new, service.socket)
    return Door(service, door, os.stat(service.socket).st_ino)


def inode(path: str) -> int | None:
    """The number of the file at ``path``, if there is one."""
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return None


def make(path: str, link: str) -> None:
    """Make an empty file, and let ``link`` lead to it in one step."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
    remove(f"{link}.new")
    os.symlink(path, f"{link}.new")
    os.replace(f"{link}.new", link)


def remove(path: str) -> None:
    """Take a file away that may be gone already."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def tell_systemd(text: str) -> None:
    """What sd_notify(3) does; nothing when it was not started by systemd."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.connect("\0" + address[1:] if address.startswith("@") else address)
            notify.sendall(text.encode())


if __name__ == "__main__":
    asyncio.run(Gate(parse(sys.argv[1])).run())
