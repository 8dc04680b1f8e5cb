from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest


@dataclass
class Upstream:
    """A colour: answers every HTTP request with its name, and remembers what it executed."""

    name: str
    port: int = 0
    executed: list[str] = field(default_factory=list)
    _door: socket.socket | None = None

    def start(self) -> None:
        self._door = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._serve, args=(self._door,), daemon=True).start()

    def stop(self) -> None:
        if self._door:
            self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
            self._door = None

    def _serve(self, door: socket.socket) -> None:
        while True:
            try:
                peer, _unused = door.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(peer,), daemon=True).start()

    def _answer(self, peer: socket.socket) -> None:
        with peer:
            text = b""
            while b"\r\n\r\n" not in text:
                chunk = peer.recv(65536)
                if not chunk:
                    return
                text += chunk
            head, _unused, body = text.partition(b"\r\n\r\n")
            self.executed.append(head.decode().splitlines()[0])
            if b"upgrade: echo" in head.lower():
                peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
                while chunk := peer.recv(65536):
                    peer.sendall(self.name.encode() + b":" + chunk)
                return
            want = int(
                next((h.split(b":")[1] for h in head.lower().splitlines() if h.startswith(b"content-length")), 0)
            )
            while len(body) < want:
                body += peer.recv(65536)
            answer = f"{self.name} {len(body)}".encode()
            head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(answer)
            peer.sendall(head + answer)


@pytest.fixture
def blue() -> Iterator[Upstream]:
    upstream = Upstream("blue")
    upstream.start()
    yield upstream
    upstream.stop()


@pytest.fixture
def green() -> Iterator[Upstream]:
    upstream = Upstream("green")
    upstream.start()
    yield upstream
    upstream.stop()
