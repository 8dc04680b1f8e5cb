"""One replica of a colour, played on its port for `edge_checks.py`. Standard library only."""

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import threading
from collections import Counter
from typing import Any

EXECUTED: Counter[str] = Counter()  # how often each path was executed, by any replica


class Handler(http.server.BaseHTTPRequestHandler):
    """One replica: answers with its colour, and counts what it executed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(size)
        EXECUTED[self.path] += 1
        if self.path.startswith("/die"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if self.headers.get("Upgrade"):
            self._echo()
            return
        body = b"x" * 20000 if self.path == "/big" else json.dumps(self._seen()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def _seen(self) -> dict[str, Any]:
        return {"colour": self.server.colour, "headers": dict(self.headers)}  # type: ignore[attr-defined]

    def _echo(self) -> None:
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        while chunk := self.connection.recv(1000):
            self.connection.sendall(self.server.colour.encode() + b":" + chunk)  # type: ignore[attr-defined]
        self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Replica(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A colour on its port."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, colour: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.colour = colour
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, *_arguments: object) -> None:
        """A client that goes away is no news."""

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
