"""A small WebSocket client (RFC 6455) that holds sockets open and records when and how each was closed.

As a process: ``python -m tests.support.websocket wss://chat.stairway.test/ws --ip 10.213.0.11 --sockets 20 --seconds 60
--json out.json``. Each socket pings once a second. A socket that was closed is recorded and, unless ``--once``,
followed by a new one, so that each rollout finds the same number of them open.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import os
import signal
import struct
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.http11 import tls_context
from tests.support.targets import check_bounds, check_target

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
ABNORMAL = 1006
STILL_OPEN = 0
MAX_SOCKETS = 200


@dataclass
class Socket:
    """One socket's life; times are epoch seconds, ``closed`` is 0 while open.

    ``code`` is the close code that the server sent, 1006 when the connection ended without one, and 0 when this client
    ended it itself. ``silent`` is the longest time in seconds between a ping and its pong.
    """

    opened: float
    closed: float = 0.0
    code: int = STILL_OPEN
    reason: str = ""
    version: str = ""
    pings: int = 0
    pongs: int = 0
    silent: float = 0.0


@dataclass(frozen=True)
class Target:
    name: str
    ip: str
    port: int
    path: str
    tls: bool = True
    ca: str | None = None
    verify: bool = True

    def __post_init__(self) -> None:
        check_target(self.ip)


class Refused(Exception):
    """The server did not upgrade."""


def frame(opcode: int, payload: bytes, mask: bytes) -> bytes:
    """One final client frame; ``mask`` is four bytes and the payload is shorter than 65,536."""
    size = len(payload)
    head = bytes([0x80 | opcode, 0x80 | size]) if size < 126 else struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def close_code(payload: bytes) -> tuple[int, str]:
    """Code and reason of a close frame; 1005 when it carries none."""
    if len(payload) < 2:
        return 1005, ""
    return struct.unpack("!H", payload[:2])[0], payload[2:].decode(errors="replace")


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Opcode and payload of the next frame of a server.

    :raises asyncio.IncompleteReadError: when the connection ends.
    """
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
    elif size == 127:
        (size,) = struct.unpack("!Q", await reader.readexactly(8))
    return first & 0x0F, await reader.readexactly(size)


async def open_socket(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, str]:
    """Connect and upgrade; also the version that the answer's header names.

    :raises Refused: when the answer is not 101 with the right key.
    """
    context = tls_context(target.ca, verify=target.verify) if target.tls else None
    reader, writer = await asyncio.open_connection(
        target.ip, target.port, ssl=context, server_hostname=target.name if context else None
    )
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET {target.path} HTTP/1.1\r\nHost: {target.name}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as error:
        writer.close()
        raise Refused("the connection ended instead of an upgrade") from error
    status, *rest = head.split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _c, value in (line.partition(":") for line in rest)}
    # the handshake's hash is SHA-1 by RFC 6455 and protects nothing
    wanted = base64.b64encode(hashlib.sha1((key + MAGIC).encode(), usedforsecurity=False).digest()).decode()
    if " 101 " not in status + " " or headers.get("sec-websocket-accept") != wanted:
        writer.close()
        raise Refused(status)
    return reader, writer, headers.get("x-app-version", "")


async def _listen(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, socket: Socket, sent: list[float]
) -> None:
    while True:
        opcode, payload = await read_frame(reader)
        if opcode == PONG:
            socket.pongs += 1
            if sent:
                socket.silent = max(socket.silent, time.time() - sent.pop(0))
        elif opcode == PING:
            writer.write(frame(PONG, payload, os.urandom(4)))
        elif opcode == CLOSE:
            socket.code, socket.reason = close_code(payload)
            writer.write(frame(CLOSE, payload[:2], os.urandom(4)))
            return


async def _ping(writer: asyncio.StreamWriter, socket: Socket, sent: list[float], every: float) -> None:
    while True:
        await asyncio.sleep(every)
        sent.append(time.time())
        socket.pings += 1
        writer.write(frame(PING, str(socket.pings).encode(), os.urandom(4)))


async def hold(target: Target, stop: asyncio.Event, *, every: float = 1.0) -> Socket:
    """Open one socket and hold it until the server ends it or ``stop`` is set; its record.

    :raises Refused: when it could not be opened.
    """
    reader, writer, version = await open_socket(target)
    socket = Socket(opened=time.time(), version=version)
    sent: list[float] = []
    listening = asyncio.create_task(_listen(reader, writer, socket, sent))
    pinging = asyncio.create_task(_ping(writer, socket, sent, every))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({listening, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if listening.done():
        socket.closed = time.time()
        error = listening.exception()
        if error is not None:
            socket.code, socket.reason = ABNORMAL, type(error).__name__
    for task in (listening, pinging, stopped):
        task.cancel()
    await asyncio.gather(listening, pinging, stopped, return_exceptions=True)
    if sent:
        socket.silent = max(socket.silent, time.time() - sent[0])
    writer.close()
    return socket


@dataclass(frozen=True)
class Held:
    """All sockets of a run, and the upgrades that were refused (when, why)."""

    sockets: tuple[Socket, ...]
    refused: tuple[tuple[float, str], ...]

    def open_at(self, moment: float) -> list[Socket]:
        """Sockets that were open at ``moment`` (epoch seconds)."""
        return [s for s in self.sockets if s.opened <= moment and (s.closed == 0 or s.closed > moment)]

    def save(self, path: Path) -> None:
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps({"sockets": [asdict(s) for s in self.sockets], "refused": self.refused}))
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Held:
        body = json.loads(path.read_text())
        return cls(tuple(Socket(**s) for s in body["sockets"]), tuple((at, why) for at, why in body["refused"]))


async def hold_many(target: Target, count: int, seconds: float, stop: asyncio.Event, *, again: bool = True) -> Held:
    """Hold ``count`` sockets for at most ``seconds``; a closed one is followed by a new one when ``again``."""
    check_bounds(1, seconds)
    if not 0 < count <= MAX_SOCKETS:
        raise ValueError(f"the number of sockets must be from 1 to {MAX_SOCKETS}, not {count}")
    sockets: list[Socket] = []
    refused: list[tuple[float, str]] = []

    async def one() -> None:
        while not stop.is_set():
            try:
                sockets.append(await hold(target, stop))
            except (Refused, OSError) as error:
                refused.append((time.time(), f"{type(error).__name__}: {error}"))
                await asyncio.sleep(0.2)
            if not again:
                return

    asyncio.get_running_loop().call_later(seconds, stop.set)
    await asyncio.gather(*(one() for _ in range(count)))
    return Held(tuple(sockets), tuple(refused))


async def _main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tests.support.websocket", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", help="wss://name[:port]/path")
    parser.add_argument("--ip", required=True)
    parser.add_argument("--sockets", type=int, default=20)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--once", action="store_true", help="do not follow a closed socket by a new one")
    parser.add_argument("--ca")
    parser.add_argument("--insecure", action="store_true")
    known = parser.parse_args(argv)
    url = urlsplit(known.url)
    tls = url.scheme == "wss"
    target = Target(
        url.hostname or "",
        known.ip,
        url.port or (443 if tls else 80),
        url.path or "/",
        tls,
        known.ca,
        not known.insecure,
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    held = await hold_many(target, known.sockets, known.seconds, stop, again=not known.once)
    held.save(known.json)
    print(json.dumps({"sockets": len(held.sockets), "refused": len(held.refused)}))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(sys.argv[1:])))
