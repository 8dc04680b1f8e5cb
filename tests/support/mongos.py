"""Servers that speak MongoDB's protocol, in containers: one as stage 1 has it, one as somebody else runs it (TLS)."""

from __future__ import annotations

import contextlib
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Side
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson, feeds, shape
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.bson import Element
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection, End
from ansible_collections.stairway.cloud.plugins.module_utils._stages.environment import url
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server
from tests.support.databases import certificates, docker
from tests.support.moving import App

NETWORK, SUBNET, IMAGE = "mv-mongo-net", "10.214.79.0/24", "mongo:7"
PASSWORDS = {"app": "mrk3r-mongo:\\pass'w@rd/%", "admin": "mrk3r-mongo-admin-pass"}
APP, DATABASE, ADMIN = "chat", "chatdb", "stairway_admin"
PORT, SECURE_PORT = 27017, 27018
# Each look at FerretDB's oplog reads all of it: it is kept short.
OPLOG = {"create": "oplog.rs", "capped": True, "size": 16 * 1024**2, "max": 1500}
_SHORT = (
    "FERRETDB_REPL_SET_NAME=rs0\nFERRETDB_TEST_CAPPED_CLEANUP_INTERVAL=2s\nFERRETDB_TEST_CAPPED_CLEANUP_PERCENTAGE=30\n"
)


def network() -> None:
    if not docker("network", "ls", "--quiet", "--filter", f"name=^{NETWORK}$"):
        docker("network", "create", "--subnet", SUBNET, NETWORK)


@dataclass
class MongoServer:
    """A server; ``managed`` has TLS. ``tells`` is whether it keeps an oplog, ``by_url`` whether we are only the app."""

    name: str
    address: str
    managed: bool
    folder: Path
    tells: bool = True
    by_url: bool = False

    def start(self) -> MongoServer:
        self.remove()
        network()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "login").write_text(
            f"MONGO_INITDB_ROOT_USERNAME={ADMIN}\nMONGO_INITDB_ROOT_PASSWORD={PASSWORDS['admin']}\n"
            f"STAIRWAY_USER={APP}\nSTAIRWAY_PASSWORD={PASSWORDS['app']}\nSTAIRWAY_DATABASE={DATABASE}\n"
            + (_SHORT if self.tells else "")
        )
        mounts: list[str] = []
        if self.managed:
            certificates(self.folder, self.address)
            where = f"FERRETDB_LISTEN_TLS=0.0.0.0:{SECURE_PORT}"
            mounts = ["--volume", f"{self.folder}/server:/certificates:ro", "--env", where]
            mounts += ["--env", "FERRETDB_LISTEN_TLS_CERT_FILE=/certificates/server.pem"]
            mounts += ["--env", "FERRETDB_LISTEN_TLS_KEY_FILE=/certificates/server.key"]
        docker(
            *("run", "--detach", "--name", self.name, "--network", NETWORK, "--ip", self.address),
            *("--cpu-shares", "64", "--env-file", str(self.folder / "login"), *mounts, IMAGE),
        )
        self.wait()
        if self.tells:
            with contextlib.closing(self.root()) as one:
                one.call(OPLOG, "local")
        return self

    def wait(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            # its first start makes the users, and ends again
            with contextlib.suppress(StairwayError, AssertionError):
                docker("exec", self.name, "test", "-e", "/data/db/.stairway-initialised")
                self.connect().close()
                return
            time.sleep(0.2)
        raise AssertionError(f"{self.name} does not answer: {docker('logs', self.name)[-2000:]}")

    @property
    def server(self) -> Server:
        port = SECURE_PORT if self.managed else PORT
        return Server("db", "mongodb", self.address, port, self.managed, IMAGE, str(self.folder / "stores.pem"))

    @property
    def app(self) -> Login:
        return Login(APP, PASSWORDS["app"], DATABASE)

    @property
    def admin(self) -> Login:
        return Login(ADMIN, PASSWORDS["admin"], DATABASE)

    @property
    def url(self) -> str:
        port = SECURE_PORT if self.managed else PORT
        plain = url("mongodb", self.address, port, APP, PASSWORDS["app"], DATABASE)
        return f"{plain}?retryWrites=true&tls=true&tlsCAFile={self.folder}/stores.pem" if self.managed else plain

    def side(self) -> Side:
        if self.by_url:
            return Side("external", self.server, self.app, self.app, url=self.url)
        return Side("managed" if self.managed else "container", self.server, self.app, self.admin)

    def connect(self) -> Connection:
        """As the app."""
        return Connection(End(self.server, APP, PASSWORDS["app"], DATABASE, DATABASE))

    def root(self) -> Connection:
        return Connection(End(self.server, ADMIN, PASSWORDS["admin"], "admin", DATABASE))

    def empty(self) -> None:
        """The app's database anew, and its password as it was."""
        self.by_url = False
        with contextlib.closing(self.root()) as one:
            one.call({"updateUser": APP, "pwd": PASSWORDS["app"]})
            shape.drop(one)
            shape.forget_mark(one)
            if self.tells:
                one.call({"drop": "oplog.rs"}, "local")
                one.call(OPLOG, "local")

    def left(self) -> list[str]:
        """What a move could have left here, but for the word that the app has left this server."""
        with contextlib.closing(self.root()) as one:
            marks = [
                str(bson.value(bson.fields(raw)["name"])) for part in one.read({"listCollections": 1}) for raw in part
            ]
            told = feeds.MARK in marks and feeds.has_left(one)
        return [name for name in marks if name.startswith("stairway") and not (told and name == feeds.MARK)]

    def lets_in(self) -> bool:
        try:
            self.connect().close()
        except StairwayError:
            return False
        return True

    def documents(self, collection: str, **wanted: Any) -> list[dict[str, Any]]:
        with contextlib.closing(self.root()) as one:
            return [bson.decode(raw) for part in one.find(collection, wanted) for raw in part]

    def collections(self) -> list[str]:
        with contextlib.closing(self.root()) as one:
            return sorted(shape.read(one))

    def kill(self) -> None:
        docker("kill", self.name)

    def again(self) -> None:
        docker("start", self.name)
        self.wait()

    def remove(self) -> None:
        subprocess.run(["docker", "rm", "--force", "--volumes", self.name], capture_output=True, check=False)


class MongoApp(App):
    """Messages, counters, presence, a name that is to be unique and goes from one to another."""

    def _one(self, connection: Any, thread: int, number: int) -> None:
        writer = self.first + thread
        collection = f"messages{number % 5}"
        said = {"_id": f"{writer}:{number}", "writer": writer, "number": number, "text": "word " * (number % 40)}
        connection.write({"insert": collection}, documents=[bson.encode(said)])
        kind = number % 6
        if kind == 0:
            change = {"$set": {"seen": number}, "$inc": {"times": 1}}
            self._update(connection, "people", f"p{number % 50}", change)
        elif kind == 1:
            gone = {"q": {"_id": f"{writer}:{number - 30}", "kept": {"$exists": True}}, "limit": 1}
            connection.write({"delete": "messages0"}, deletes=[bson.encode(gone)])
            connection.write({"delete": "sessions"}, deletes=[bson.encode({"q": {"_id": f"s{number}"}, "limit": 1})])
        elif kind == 2:
            # the same name, at another one of two
            old, new = (f"{writer}-a", f"{writer}-b") if number % 12 == 2 else (f"{writer}-b", f"{writer}-a")
            connection.write({"delete": "names"}, deletes=[bson.encode({"q": {"_id": old}, "limit": 1})])
            self._update(connection, "names", new, {"$set": {"name": f"of {writer}", "number": number}})
        elif kind == 3:
            self._update(connection, f"late{writer}", f"n{number % 9}", {"$set": {"number": number}})

    def _update(self, connection: Any, collection: str, key: str, change: dict[str, Any]) -> None:
        told = {"q": {"_id": key}, "u": change, "upsert": True}
        connection.write({"update": collection}, updates=[bson.encode(told)])

    def read_back(self, store: Any) -> tuple[int, int]:
        found: dict[int, list[int]] = {}
        with contextlib.closing(store.root()) as one:
            for number in range(5):
                for part in one.find(f"messages{number}"):
                    for raw in part:
                        said = bson.decode(raw)
                        if "writer" in said:
                            found.setdefault(said["writer"], []).append(said["number"])
        lost = doubled = 0
        for thread, told in enumerate(self.written):
            mine = found.get(self.first + thread, [])
            lost += len(told - set(mine))
            doubled += len(mine) - len(set(mine))
        return lost, doubled


KINDS: dict[str, Any] = {
    "double": 0.1,
    "int": 7,
    "long": 2**40,
    "text": "grüße \U0001f600",
    "empty": "",
    "nothing": None,
    "yes": True,
    "no": False,
    "bytes": b"\0\xff\r\n",
    "list": [1, "two", 3.5, None, {"deep": [4]}, {}],
    "inside": {"b": 1, "a": {"deep": [{"deeper": 2**33}]}},
    "date": Element(bson.DATE, (1_700_000_000_123).to_bytes(8, "little")),
    "key": Element(bson.OBJECT_ID, bytes(range(12))),
    "moment": bson.timestamp(1_700_000_000, 5),
    "pattern": Element(bson.REGEX, b"^a.*b$\0i\0"),
}


def fill_mongo(store: MongoServer, count: int) -> None:
    """Documents of every type that the server knows, in collections with indexes, one capped, one empty."""
    with contextlib.closing(store.root()) as one:
        for name in ("people", "sessions", "names", "nothing"):
            one.call({"create": name})
        one.call({"create": "log", "capped": True, "size": 1_000_000, "max": 5000})
        names = {"key": {"name": 1}, "name": "name_1", "unique": True}
        one.call({"createIndexes": "names", "indexes": [names]})
        both = [{"key": {"writer": 1, "number": -1}, "name": "by writer"}, {"key": {"number": 1}, "name": "number_1"}]
        for number in range(5):
            one.call({"createIndexes": f"messages{number}", "indexes": both})
        each = count // 5
        for number in range(5):
            for at in range(0, each, 1000):
                some = range(at, min(at + 1000, each))
                told = [bson.encode({"_id": f"old{n}", "word": f"word {n}" * 5, "n": n / 3, "i": n}) for n in some]
                one.write({"insert": f"messages{number}"}, documents=told)
        people = [bson.encode({"_id": f"p{n}", "seen": 0, "times": 0, "name": f"n{n}"}) for n in range(100)]
        one.write({"insert": "people"}, documents=people)
        one.write({"insert": "sessions"}, documents=[bson.encode({"_id": f"s{n}", "n": n}) for n in range(100)])
        one.write({"insert": "log"}, documents=[bson.encode({"_id": n, "line": f"line {n}"}) for n in range(200)])
        kinds = [bson.encode({"_id": f"k{n}", **KINDS, "number": n}) for n in range(20)]
        keys: list[Any] = [1, 2.5, 2**40, "text", KINDS["key"], KINDS["date"], {"a": 1, "b": 2}, b"bytes", True]
        one.write({"insert": "kinds"}, documents=[*kinds, *(bson.encode({"_id": key, "of": "a kind"}) for key in keys)])
