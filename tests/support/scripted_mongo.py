"""A server that speaks MongoDB's protocol and says what a test tells it to: for what only a real mongod does (roles,
change streams, replica sets), by answers in the form that its documentation and its drivers' tests have.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import End, message
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Server

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class Scripted:
    """Answers by the first word of a command; a refusal has ``"ok": 0``. ``said`` has what it was asked."""

    def __init__(self, **answers: Answer | dict[str, Any]) -> None:
        self.answers: dict[str, Answer | dict[str, Any]] = {"hello": {"isWritablePrimary": True}, **answers}
        self.said: list[dict[str, Any]] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *_what: object) -> None:
        self._socket.close()

    def end(self, user: str = "", database: str = "chatdb", **about: Any) -> End:
        server = Server("db", "mongodb", "127.0.0.1", self.port, False, "mongo:7", "/nowhere")
        return End(server, user, "", "admin", database, **about)

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with contextlib.suppress(ConnectionError), client, client.makefile("rb") as reader:
            while head := reader.read(16):
                size, number, _to, _operation = struct.unpack("<4i", head)
                asked = _command(reader.read(size - 16))
                self.said.append(asked)
                name = next(iter(asked))
                answer = self.answers.get(name, {"ok": 0, "code": 59, "errmsg": f"no such command: {name}"})
                told = answer(asked) if callable(answer) else answer
                client.sendall(message(number, {"ok": 1, **told}))


def _command(body: bytes) -> dict[str, Any]:
    """A command, and the documents that came with it."""
    size = struct.unpack_from("<i", body, 5)[0]
    asked, at = bson.decode(body[5 : 5 + size]), 5 + size
    while at < len(body):
        (length,) = struct.unpack_from("<i", body, at + 1)
        part = body[at + 5 : at + 1 + length]
        name, _zero, rest = part.partition(b"\0")
        asked[name.decode()] = list(_documents(rest))
        at += 1 + length
    return asked


def _documents(rest: bytes) -> list[dict[str, Any]]:
    found = []
    while rest:
        (size,) = struct.unpack_from("<i", rest)
        found.append(bson.decode(rest[:size]))
        rest = rest[size:]
    return found


def batch(documents: list[Any], *, number: int = 0, name: str = "firstBatch", **more: Any) -> dict[str, Any]:
    """A cursor's answer."""
    identity = bson.Element(bson.LONG, struct.pack("<q", number))
    return {"cursor": {name: documents, "id": identity, "ns": "chatdb.$cmd.aggregate", **more}}
