"""What a mongod has and FerretDB has not, in front of a FerretDB: roles that are looked at with every command, change
streams (made of its oplog), what is said of users and sessions. Everything else goes through as it is.
"""

from __future__ import annotations

import itertools
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.feeds import Oplog
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection, End, message
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Server
from tests.support.mongos import APP, DATABASE, IMAGE, PASSWORDS, MongoServer
from tests.support.scripted_mongo import batch

WRITES = {"insert", "update", "delete", "create", "createIndexes", "drop", "dropIndexes", "findAndModify"}
ROLES = [{"role": "readWrite", "db": DATABASE}]
UNAUTHORIZED = {"ok": 0.0, "code": 13, "codeName": "Unauthorized", "errmsg": "not authorized on chatdb"}


@dataclass
class Likeness:
    """A server's front. ``user`` is the app's, as usersInfo has it."""

    behind: MongoServer
    user: dict[str, Any] = field(default_factory=lambda: {"user": APP, "db": DATABASE, "roles": ROLES})
    refused: int = 0

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._streams: dict[int, Oplog] = {}
        self._numbers = itertools.count(1)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        session = Session(self, client)
        try:
            session.serve()
        except (OSError, StairwayError):
            pass
        finally:
            session.close()

    # --- what FerretDB does not answer, or otherwise -----------------------------------------------------------------

    def answer(self, name: str, asked: dict[str, Any], *, app: bool) -> dict[str, Any] | None:
        """None for what goes through."""
        if app and name in WRITES and not any(one["role"] == "readWrite" for one in self.user["roles"]):
            self.refused += 1
            return UNAUTHORIZED
        known = {
            "buildInfo": lambda: {"version": "7.0.14"},
            "usersInfo": lambda: UNAUTHORIZED if app else {"users": [self.user]},
            "rolesInfo": lambda: {"roles": []},
            "connectionStatus": lambda: self._privileges(app),
            "killAllSessions": dict,
            "currentOp": lambda: {"inprog": []},
        }
        if name in known:
            return known[name]()
        if name == "updateUser" and asked["updateUser"] == APP and "pwd" not in asked:
            self.user |= {key: asked[key] for key in ("roles", "customData") if key in asked}
            return {}
        if name == "aggregate" and asked["aggregate"] == 1:
            return self._watch(asked["pipeline"][0]["$changeStream"])
        if name == "getMore" and asked["collection"] == "$cmd.aggregate":
            return self._more(asked)
        return None

    def _privileges(self, app: bool) -> dict[str, Any]:
        actions = ["find", "insert"] if app else ["grantRole", "revokeRole", "killAnySession"]
        return {"authInfo": {"authenticatedUserPrivileges": [{"resource": {}, "actions": actions}]}}

    def _watch(self, options: dict[str, Any]) -> dict[str, Any]:
        position = options.get("resumeAfter", {}).get("_data", "")
        with_root = self.behind.root()
        with_root.close()
        number = next(self._numbers)
        self._streams[number] = stream = Oplog(with_root.end, position)
        return batch([], number=number, postBatchResumeToken={"_data": stream.position})

    def _more(self, asked: dict[str, Any]) -> dict[str, Any]:
        number = int(asked["getMore"])
        stream = self._streams[number]
        until = time.monotonic() + asked["maxTimeMS"] / 1000
        while not (keys := stream.hear(0)) and time.monotonic() < until:
            time.sleep(0.05)
        events = [
            {
                "_id": {"_data": stream.position},
                "operationType": "update",
                "ns": {"db": DATABASE, "coll": collection},
                "documentKey": {"_id": key},
            }
            for collection, key in keys
        ]
        return batch(events, number=number, name="nextBatch", postBatchResumeToken={"_data": stream.position})


class Session:
    """One client, and its own session behind."""

    def __init__(self, front: Likeness, client: socket.socket) -> None:
        self.front, self.client = front, client
        server = front.behind.server
        self.server = socket.create_connection((server.host, server.port), 10)
        self.server.settimeout(None)
        self._app = False

    def serve(self) -> None:
        while True:
            whole = self._message(self.client)
            number = struct.unpack_from("<i", whole, 4)[0]
            document = whole[21 : 21 + struct.unpack_from("<i", whole, 21)[0]]
            name = next(iter(bson.fields(document)))
            asked = {} if name in ("insert", "update", "delete") else bson.decode(document)
            if name == "saslStart":
                self._app = f"n={APP},".encode() in asked["payload"]
            try:
                told = self.front.answer(name, asked, app=self._app)
            except StairwayError as error:
                told = {"ok": 0.0, "code": 286, "codeName": "ChangeStreamHistoryLost", "errmsg": str(error)}
            if told is None:
                self.server.sendall(whole)
                self.client.sendall(self._message(self.server))
            else:
                self.client.sendall(message(number, {"ok": 1.0, **told}))

    def _message(self, sender: socket.socket) -> bytes:
        head = self._exactly(sender, 4)
        return head + self._exactly(sender, struct.unpack("<i", head)[0] - 4)

    def _exactly(self, sender: socket.socket, size: int) -> bytes:
        found = b""
        while len(found) < size:
            part = sender.recv(size - len(found))
            if not part:
                raise ConnectionError
            found += part
        return found

    def close(self) -> None:
        self.client.close()
        self.server.close()


@dataclass
class LikeMongod(MongoServer):
    """A server that is spoken to through its front; ``root`` goes past that."""

    front: Likeness | None = None

    def fronted(self) -> LikeMongod:
        self.front = Likeness(MongoServer(self.name, self.address, False, self.folder))
        return self

    @property
    def server(self) -> Server:
        port = self.front.port if self.front else 0
        return Server("db", "mongodb", "127.0.0.1", port, False, IMAGE, str(self.folder / "stores.pem"))

    def root(self) -> Connection:
        return self.front.behind.root() if self.front else super().root()

    def start(self) -> LikeMongod:
        MongoServer(self.name, self.address, False, self.folder).start()
        return self.fronted()

    def empty(self) -> None:
        super().empty()
        if self.front:
            self.front.user = {"user": APP, "db": DATABASE, "roles": ROLES}

    def lets_in(self) -> bool:
        """Whether the app can log in, and write."""
        return super().lets_in() and self.front is not None and self.front.user["roles"] == ROLES

    def remove(self) -> None:
        super().remove()
        if self.front:
            self.front.close()

    def as_app(self) -> End:
        return End(self.server, APP, PASSWORDS["app"], DATABASE, DATABASE)
