"""What a server says of its changes: by change streams, or by an oplog that may be read.

Only collections and keys are heard; what a document is now, is read again. So nothing is done twice that may not be,
the order does not matter, and a feed may begin earlier than it has to.

Change streams are what every replica set of MongoDB has. The oplog is for servers that speak MongoDB's protocol and
keep one, but have no change streams.
"""

from __future__ import annotations

import base64
import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, Protocol

from ..._common import wait
from ..._common.errors import StairwayError
from . import bson
from .bson import Element, Raw
from .wire import DUPLICATE, NO_NAMESPACE, Connection, Cursor, End, MongoError, opened

MARK, LEFT = "stairway_move", "the app has left"
# A collection and the key of a document in it.
Key = tuple[str, Element]
EVERY_SECONDS, AT_ONCE_SECONDS, PATIENCE_SECONDS, MILLISECONDS = 0.2, 0.02, 120.0, 1000
# An entry may be written a little later than its time says.
OVERLAP_SECONDS = 10
_HISTORY_LOST = (286, 280, 136)
# A stream may be opened again behind what it said last: the drivers' own rule, for servers before 4.4 by these codes.
# https://github.com/mongodb/specifications/blob/master/source/change-streams/change-streams.md#resumable-error
CURSOR_NOT_FOUND, RESUMABLE = 43, "ResumableChangeStreamError"
_RESUMABLE = (6, 7, 63, 89, 91, 133, 150, 189, 234, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436)
_KEYED = ("insert", "update", "replace", "delete")
_SHAPED = ("drop", "rename", "dropDatabase", "invalidate")


class ForgottenError(StairwayError):
    """A server does not remember its changes from where they were asked for."""


class Feed(Protocol):
    """Changes of one database, from a position on. One that is not ``strict`` says nothing of collections that go."""

    connection: Connection
    strict: bool

    def hear(self, seconds: float) -> list[Key]:
        """What was heard of; waits so long at most where nothing was.

        :raises StairwayError: when the server has forgotten, or something changed that cannot be followed.
        """

    @property
    def position(self) -> str:
        """From where another feed hears everything that this one has not said yet."""


def shaped(database: str, what: str, where: str) -> StairwayError:
    """A change that no key tells of."""
    return StairwayError(
        "The shape of the store has changed while it moved.",
        where=f"{database} at {where}",
        found=what,
        expected="no collection dropped or renamed between the copy and the switch",
        fix="run the same command with -e abort=true, then begin again",
    )


class Streamed:
    """A change stream: https://www.mongodb.com/docs/manual/changeStreams/."""

    def __init__(self, end: End, position: str = "") -> None:
        self.connection, self.strict = Connection(end), True
        self._token = base64.b64decode(position)
        self._early: list[bytes] = []
        self._open()

    def _open(self) -> None:
        options: dict[str, Any] = {"resumeAfter": Raw(self._token)} if self._token else {}
        try:
            answer = self.connection.ask(watching(options))
        except MongoError as error:
            self.connection.close()
            _forgotten(error)
        self._take(*opened(answer))

    def _take(self, cursor: Cursor, found: list[bytes]) -> None:
        self._cursor = cursor
        self._early += found
        if found:
            self._token = bson.fields(found[-1])["_id"].data
        if cursor.position:
            self._token = cursor.position

    @property
    def position(self) -> str:
        return base64.b64encode(self._token).decode()

    def hear(self, seconds: float) -> list[Key]:
        if not self._early:
            patience = int(max(seconds, 0.001) * MILLISECONDS)
            try:
                answer = self.connection.ask(self._cursor.more(maxTimeMS=patience), self._cursor.database)
            except MongoError as error:
                self._again(error)
            else:
                self._take(*opened(answer))
        events, self._early = self._early, []
        database, where = self.connection.database, self.connection.where
        return [key for one in events for key in said(one, database, where, strict=self.strict)]

    def _again(self, error: MongoError) -> None:
        """Go on behind what was said last. A server ends a cursor that nobody has asked for ten minutes, as while
        indexes are built. Not so with a connection that was lost: those that carry are lost with it.

        :raises StairwayError: when that cannot be done.
        """
        ended = error.code == CURSOR_NOT_FOUND
        if not self._token or not (ended or error.code in _RESUMABLE or RESUMABLE in error.labels):
            _forgotten(error)
        if not ended:  # another host may be the one that takes writes by now
            until = self.connection.until
            self.connection.close()
            self.connection = Connection(self.connection.end)
            self.connection.within(until)
        self._open()


def watching(options: dict[str, Any]) -> dict[str, Any]:
    """The command that opens a change stream of a whole database: names and keys, no documents. Pure."""
    told = {"operationType": 1, "ns": 1, "to": 1, "documentKey": 1}
    return {"aggregate": 1, "pipeline": [{"$changeStream": options}, {"$project": told}], "cursor": {}}


def said(event: bytes, database: str, where: str, *, strict: bool = True) -> list[Key]:
    """What an event of a change stream is about. Pure.

    :raises StairwayError: when it is of a kind that cannot be followed.
    """
    parts = bson.fields(event)
    kind = str(bson.value(parts["operationType"]))
    about = bson.decode(parts["ns"].data) if "ns" in parts else {}
    collection = str(about.get("coll", ""))
    if kind in _KEYED:
        return [(collection, bson.fields(parts["documentKey"].data)["_id"])]
    if strict and kind in _SHAPED and collection != MARK:
        raise shaped(database, f"{kind} {collection}".strip(), where)
    return []


class Oplog:
    """The oplog, read again and again with a little overlap."""

    def __init__(self, end: End, position: str = "") -> None:
        self.connection, self.strict = Connection(end), True
        self._seen: dict[bytes, int] = {}
        self._read_at = 0.0
        self._see_that_it_is_written()
        self._newest = _newest(self.connection)
        self._early: list[Key] = []
        if position:
            self._newest = (int(position.split(".")[0]), int(position.split(".")[1]))
            self._early = self._read()
        else:
            self._read()  # what was before is not asked for

    def _see_that_it_is_written(self) -> None:
        """:raises MongoError: when there is none, or only what is left of one."""
        asked = {"listCollections": 1, "filter": {"name": "oplog.rs"}, "nameOnly": True}
        if not self.connection.hello.get("setName") or not opened(self.connection.ask(asked, "local"))[1]:
            self.connection.close()
            raise MongoError("there is no oplog", code=NO_NAMESPACE, where=self.connection.where)

    @property
    def position(self) -> str:
        return f"{self._newest[0]}.{self._newest[1]}"

    def hear(self, seconds: float) -> list[Key]:
        """No server wakes us here, so each reading costs one; there are a few each second."""
        if not self._early:
            wait.pause(min(seconds, EVERY_SECONDS) - (time.monotonic() - self._read_at))
        found, self._early = [*self._early, *self._read()], []
        self._read_at = time.monotonic()
        return found

    def _read(self) -> list[Key]:
        """From the newest entry back to where all are known, as that needs no search."""
        since, old = self._newest, self._newest[0] - OVERLAP_SECONDS
        reached = since == (0, 0)
        found: list[Key] = []
        count, oldest = 0, (0, 0)
        for raw in self._backwards():
            entry = bson.fields(raw)
            moment = oldest = bson.seconds_of(entry["ts"])
            count += 1
            reached |= moment <= since
            if moment[0] < old:
                break
            if entry["ts"].data not in self._seen:
                self._seen[entry["ts"].data] = moment[0]
                self._newest = max(self._newest, moment)
                found += noted(entry, self.connection.database, self.connection.where, strict=self.strict)
        if not reached:
            raise _lost(self.connection.where, f"its {count} entries begin at {oldest}, and we were at {since}")
        for one in [data for data, second in self._seen.items() if second < old - OVERLAP_SECONDS]:
            del self._seen[one]
        return found

    def _backwards(self) -> Iterator[bytes]:
        command = {"find": "oplog.rs", "sort": {"$natural": -1}, "batchSize": 200}
        for batch in self.connection.read(command, "local"):
            yield from batch


def _newest(connection: Connection) -> tuple[int, int]:
    newest = (0, 0)
    for raw in opened(connection.ask({"find": "oplog.rs", "sort": {"$natural": -1}, "limit": 1}, "local"))[1]:
        newest = bson.seconds_of(bson.fields(raw)["ts"])
    return newest


def noted(entry: dict[str, Element], database: str, where: str, *, strict: bool = True) -> list[Key]:
    """What an entry of the oplog is about; transactions have others inside. Pure.

    :raises StairwayError: when it is of a kind that cannot be followed.
    """
    kind = str(bson.value(entry["op"]))
    owner, _dot, collection = str(bson.value(entry["ns"])).partition(".")
    if kind in ("i", "u", "d"):
        told = entry["o2"] if kind == "u" else entry["o"]
        return [(collection, bson.fields(told.data)["_id"])] if owner == database else []
    if kind != "c":
        return []
    command = bson.fields(entry["o"].data)
    if "applyOps" in command:
        inside = bson.documents(command["applyOps"].data)
        return [key for one in inside for key in noted(bson.fields(one), database, where, strict=strict)]
    name = next(iter(command), "")
    about = str(bson.value(command[name])) if name else ""
    ours = owner == database and name in ("drop", "renameCollection", "dropDatabase")
    if strict and ours and about.removeprefix(f"{database}.") != MARK:
        raise shaped(database, f"{name} {about}", where)
    return []


def _forgotten(error: MongoError) -> NoReturn:
    if error.code in _HISTORY_LOST:
        raise _lost(str(error.where), error.message) from error
    raise error


def _lost(where: str, found: str) -> StairwayError:
    return ForgottenError(
        "The server does not remember the changes since the copy.",
        where=where,
        found=found,
        expected="an oplog that holds the time between the copy and the switch",
        fix="run the same command with -e abort=true, then begin again; make the oplog larger where that is not enough",
    )


STREAMS, OPLOG = "change streams", "oplog"
WAYS: dict[str, Callable[[End, str], Feed]] = {STREAMS: Streamed, OPLOG: Oplog}


def way_of(end: End) -> str:
    """How a server tells of changes, or nothing.

    :raises StairwayError: when it cannot be reached.
    """
    for name, feed in WAYS.items():
        with contextlib.suppress(MongoError):
            feed(end, "").connection.close()
            return name
    return ""


class Listener:
    """Everything that has changed, once; the mark in the feed says how far that is."""

    def __init__(self, way: str, end: End, position: str = "") -> None:
        self.feed = WAYS[way](end, position)
        self.writer = Connection(end)
        self.dirty: set[Key] = set()
        self.until: float | None = None
        self._heard: set[bytes] = set()

    @property
    def sessions(self) -> list[Connection]:
        return [self.feed.connection, self.writer]

    def listen(self, seconds: float) -> None:
        for collection, key in self.feed.hear(seconds):
            if collection == MARK:
                self._heard.add(key.data)
            elif not collection.startswith("system.") or collection == "system.js":
                self.dirty.add((collection, key))

    def all(self) -> None:
        """Hear of everything that was written before: our own mark comes behind it.

        :raises StairwayError: when it does not come.
        """
        until = self.until or time.monotonic() + PATIENCE_SECONDS
        word = secrets.token_hex(12)
        self.writer.write({"insert": MARK}, documents=[bson.encode({"_id": word})])
        data = bson.element(word).data
        while data not in self._heard:
            if time.monotonic() > until:
                raise StairwayError(
                    "The server did not say of its changes in time.",
                    where=self.writer.where,
                    fix="see what it is busy with, then run the same command again",
                )
            self.listen(AT_ONCE_SECONDS)
        self._heard.clear()

    def taken(self) -> set[Key]:
        """What was heard of since the last time."""
        found, self.dirty = self.dirty, set()
        return found

    def close(self) -> None:
        for one in self.sessions:
            one.close()


def grouped(keys: set[Key]) -> dict[str, list[Element]]:
    """Keys by their collection."""
    found: dict[str, list[Element]] = {}
    for collection, key in sorted(keys):
        found.setdefault(collection, []).append(key)
    return found


def leave(source: Connection) -> None:
    """Say at a source that the app has left it, where nothing else could say so."""
    source.write({"insert": MARK}, allowed=(DUPLICATE,), documents=[bson.encode({"_id": LEFT})])


def has_left(source: Connection) -> bool:
    return any(source.find(MARK, {"_id": LEFT}, limit=1, singleBatch=True))
