"""A webhook receiver: stands for Slack. POST anything; GET / lists what came as JSON; DELETE / empties the list."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEPT = 1000
_received: list[dict[str, object]] = []
_lock = threading.Lock()


class Receiver(BaseHTTPRequestHandler):
    """Keeps the last thousand requests in memory."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        try:
            parsed: object = json.loads(body)
        except ValueError:
            parsed = None
        with _lock:
            _received.append({"time": time.time(), "path": self.path, "body": body, "json": parsed})
            del _received[:-KEPT]
        self._answer(b"ok", "text/plain")

    def do_GET(self) -> None:
        with _lock:
            text = json.dumps(_received)
        self._answer(text.encode(), "application/json")

    def do_DELETE(self) -> None:
        with _lock:
            _received.clear()
        self._answer(b"ok", "text/plain")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 8080), Receiver).serve_forever()
