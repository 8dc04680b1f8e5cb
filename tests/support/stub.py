"""A local HTTP and WebSocket server with known faults, for testing the test tools themselves."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType

from tests.support.websocket import MAGIC


@dataclass(frozen=True)
class Request:
    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Handler = Callable[[Request, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bool]]


def response(status: int, body: bytes = b"{}", **headers: str) -> bytes:
    """A response with its length; underscores in header names become hyphens."""
    lines = [f"HTTP/1.1 {status} Stub", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass
class Stub:
    """Runs ``handler`` for each request in a thread of its own; the handler returns whether to keep the connection."""

    handler: Handler
    tls: ssl.SSLContext | None = None
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Stub:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._client, "127.0.0.1", self.port, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while request := await self._read(reader):
                if not await self.handler(request, reader, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _version = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _c, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(len(self.requests), method, path, headers, body)
        self.requests.append(request)
        return request


def upgrade(request: Request) -> bytes:
    """The 101 answer of RFC 6455."""
    key = request.headers["sec-websocket-key"] + MAGIC
    accept = base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest()).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-App-Version: 7\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode()


def server_frame(opcode: int, payload: bytes) -> bytes:
    """One final unmasked frame shorter than 126."""
    return bytes([0x80 | opcode, len(payload)]) + payload


def close_frame(code: int) -> bytes:
    return server_frame(0x8, struct.pack("!H", code) + b"bye")
