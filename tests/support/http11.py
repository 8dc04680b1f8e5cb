"""A small HTTP/1.1 client connection on asyncio: one request at a time, kept alive, nothing sent twice."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """A whole response; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Broken(Exception):
    """The connection ended, or spoke something else than HTTP/1.1, before the answer was whole."""


class Parser:
    """Collects the bytes of one response. ``feed`` returns the answer when it is whole."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.status = 0
        self.headers: dict[str, str] = {}
        self._head_done = False
        self._body = bytearray()

    def feed(self, data: bytes) -> Answer | None:
        """Add ``data``; the answer once it is complete.

        :raises Broken: when this is no HTTP/1.1 response.
        """
        self.buffer += data
        if not self._head_done and not self._head():
            return None
        if self.status in (204, 304) or self._body_done():
            return Answer(self.status, self.headers, bytes(self._body))
        return None

    def end(self) -> Answer | None:
        """The peer closed: whole only when the answer's length is «until the end»."""
        bounded = "content-length" in self.headers or "transfer-encoding" in self.headers
        if self._head_done and not bounded:
            return Answer(self.status, self.headers, bytes(self._body))
        return None

    def _head(self) -> bool:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        lines = self.buffer[:end].decode("latin-1").split("\r\n")
        del self.buffer[: end + 4]
        parts = lines[0].split(" ", 2)
        if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not parts[1].isdigit():
            raise Broken(f"not HTTP: {lines[0][:60]!r}")
        self.status = int(parts[1])
        for line in lines[1:]:
            name, _colon, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self._head_done = True
        return True

    def _body_done(self) -> bool:
        if "chunked" in self.headers.get("transfer-encoding", ""):
            return self._chunks()
        self._body += self.buffer
        self.buffer.clear()
        length = self.headers.get("content-length")
        return length is not None and len(self._body) >= int(length)

    def _chunks(self) -> bool:
        while True:
            line = self.buffer.find(b"\r\n")
            if line < 0:
                return False
            size = int(bytes(self.buffer[:line]).split(b";")[0], 16)
            if len(self.buffer) < line + 2 + size + 2:
                return False
            self._body += self.buffer[line + 2 : line + 2 + size]
            del self.buffer[: line + 2 + size + 2]
            if size == 0:
                return True


class Connection(asyncio.Protocol):
    """One connection. Not usable any more once ``open`` is false."""

    def __init__(self) -> None:
        self.open = False
        self.used = 0
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser = Parser()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.open = True

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            self.close()  # bytes that nobody asked for
            return
        try:
            answer = self._parser.feed(data)
        except (Broken, ValueError) as error:
            self._fail(Broken(str(error)))
            return
        if answer is not None:
            self._finish(answer)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._waiting is None or self._waiting.done():
            return
        answer = self._parser.end()
        if answer is not None and exc is None:
            self._waiting.set_result(answer)
            return
        got = "in the answer" if self._parser.status else "before the answer"
        self._waiting.set_exception(Broken(f"closed {got}" + (f": {type(exc).__name__}" if exc else "")))

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send ``request`` once; the future brings the answer or raises ``Broken``."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if not self.open or self._transport is None:
            future.set_exception(Broken("closed before the request"))
            return future
        self._parser = Parser()
        self._waiting = future
        self.used += 1
        self._transport.write(request)
        return future

    def close(self) -> None:
        """Close; an answer still waited for fails."""
        self.open = False
        if self._transport is not None:
            self._transport.abort()

    def _finish(self, answer: Answer) -> None:
        assert self._waiting is not None
        if answer.headers.get("connection", "").lower() == "close":
            self.close_after()
        self._waiting.set_result(answer)

    def close_after(self) -> None:
        """Close in order: the peer said that it will close too."""
        self.open = False
        if self._transport is not None:
            self._transport.close()

    def _fail(self, error: Broken) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
        self.close()


async def connect(ip: str, port: int, name: str, tls: ssl.SSLContext | None) -> Connection:
    """Open a connection to ``ip``; ``name`` is what TLS asks for and verifies.

    :raises OSError: when it does not come up (``ssl.SSLError`` is one).
    """
    loop = asyncio.get_running_loop()
    _transport, protocol = await loop.create_connection(
        Connection, ip, port, ssl=tls, server_hostname=name if tls else None
    )
    return protocol


def tls_context(ca: str | None, *, verify: bool = True) -> ssl.SSLContext:
    """A client context for HTTP/1.1 that trusts ``ca`` (a path) besides what the system trusts."""
    context = ssl.create_default_context(cafile=ca)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


def request_bytes(method: str, path: str, host: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    if body or method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
