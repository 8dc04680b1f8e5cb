"""Issue 5, 3, MongoDB: a verification that cannot fail is worthless. Each of these is planted, and seen."""

from __future__ import annotations

import contextlib
import os
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.bson import Element
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.engine import Mongodb
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move
from tests.acceptance.moves.conftest import Mongos
from tests.support.mongos import KINDS, MongoServer, fill_mongo
from tests.support.moving import a_move

Change = Callable[[Connection], object]
T = TypeVar("T")
K7 = {"_id": "k7", **KINDS, "number": 7}


def put(session: Connection, collection: str, *documents: dict[str, Any]) -> None:
    session.write({"insert": collection}, documents=[bson.encode(one) for one in documents])


def take(session: Connection, collection: str, key: Any) -> None:
    session.write({"delete": collection}, deletes=[bson.encode({"q": {"_id": key}, "limit": 1})])


def k7(**others: Any) -> Change:
    """That document with other fields; one that is not there any more is ``...``."""

    def change(session: Connection) -> None:
        take(session, "kinds", "k7")
        put(session, "kinds", {name: one for name, one in {**K7, **others}.items() if one is not ...})

    return change


def again(order: list[str]) -> Change:
    def change(session: Connection) -> None:
        take(session, "kinds", "k7")
        put(session, "kinds", {name: K7[name] for name in order})

    return change


def call(*commands: dict[str, Any]) -> Change:
    return lambda session: [session.call(one) for one in commands]


def index(name: str, keys: dict[str, int], **options: Any) -> Change:
    """The index of that name on ``messages0``, made anew."""
    made = {"createIndexes": "messages0", "indexes": [{"key": keys, "name": name, **options}]}
    return call({"dropIndexes": "messages0", "index": name}, made)


def capped(order: list[int], **options: Any) -> Change:
    """The capped collection anew, with those lines."""

    def change(session: Connection) -> None:
        session.call({"drop": "log"})
        session.call({"create": "log", **{"capped": True, "size": 1_000_000, "max": 5000, **options}})
        put(session, "log", *({"_id": n, "line": f"line {n}"} for n in order))

    return change


def rekeyed(collection: str, old: Any, new: Any, **more: Any) -> Change:
    def change(session: Connection) -> None:
        take(session, collection, old)
        put(session, collection, {"_id": new, **more})

    return change


def long(number: int) -> Element:
    return Element(bson.LONG, struct.pack("<q", number))


LINES = list(range(200))
ORDER = list(K7)
PLANTED: dict[str, Change] = {
    "a flipped byte": k7(bytes=b"\1\xff\r\n"),
    "a truncated binary": k7(bytes=b"\0\xff\r"),
    "a binary of another kind": k7(bytes=Element(bson.BINARY, b"\4\0\0\0\x80\0\xff\r\n")),
    "a letter": k7(text="gruße \U0001f600"),
    "an accent written otherwise": k7(text="gru\u0308ße \U0001f600"),
    "a blank at the end": k7(text="grüße \U0001f600 "),
    "a zero at the end": k7(text="grüße \U0001f600\0"),
    "an empty text for nothing": k7(nothing=""),
    "nothing for an empty text": k7(empty=None),
    "nothing for a field": k7(nothing=...),
    "a field more": k7(more=None),
    "a field less": k7(yes=...),
    "false for true": k7(yes=False),
    "a number for true": k7(yes=1),
    "a float's last bit": k7(double=0.1 + 2**-56),
    "a whole number for a float": k7(number=7.0),
    "64 bits for 32": k7(int=long(7)),
    "a text for a number": k7(int="7"),
    "a number's last bit": k7(long=2**40 + 1),
    "a date an hour later": k7(date=Element(bson.DATE, struct.pack("<q", 1_700_000_000_123 + 3_600_000))),
    "a date's milliseconds": k7(date=Element(bson.DATE, struct.pack("<q", 1_700_000_000_000))),
    "a timestamp for a date": k7(date=bson.timestamp(1_700_000_000, 0)),
    "a timestamp's counter": k7(moment=bson.timestamp(1_700_000_000, 6)),
    "another object id": k7(key=Element(bson.OBJECT_ID, bytes(range(1, 13)))),
    "an object id as text": k7(key=bytes(range(12)).hex()),
    "a pattern's flag": k7(pattern=Element(bson.REGEX, b"^a.*b$\0m\0")),
    "another order of fields": again([ORDER[0], ORDER[2], ORDER[1], *ORDER[3:]]),
    "another order of fields inside": k7(inside={"a": {"deep": [{"deeper": 2**33}]}, "b": 1}),
    "another name of a field": again([*ORDER[:-1]]),
    "another order in a list": k7(list=["two", 1, 3.5, None, {"deep": [4]}, {}]),
    "an element less": k7(list=[1, "two", 3.5, None, {"deep": [4]}]),
    "an element twice": k7(list=[1, 1, "two", 3.5, None, {"deep": [4]}, {}]),
    "something deep inside": k7(inside={"b": 1, "a": {"deep": [{"deeper": 2**33 + 1}]}}),
    "a list for a document": k7(inside=[1]),
    "a missing document": lambda session: take(session, "kinds", "k7"),
    "a document more": lambda session: put(session, "kinds", {**K7, "_id": "k7 again"}),
    "a doubled document": lambda session: put(session, "messages0", {"_id": "twice", "word": "word 7" * 5}),
    "two exchanged": lambda session: [
        k7(number=8)(session),
        rekeyed("kinds", "k8", "k8", **{**KINDS, "number": 7})(session),
    ],
    "a key of another type": rekeyed("kinds", 1, 1.0, of="a kind"),
    "a key of 64 bits": rekeyed("kinds", 1, long(1), of="a kind"),
    "a key's own fields in another order": rekeyed("kinds", {"a": 1, "b": 2}, {"b": 2, "a": 1}, of="a kind"),
    "all of a collection": call({"delete": "people", "deletes": [{"q": {}, "limit": 0}]}),
    "an empty collection less": call({"drop": "nothing"}),
    "a collection less": call({"drop": "people"}),
    "an empty collection more": call({"create": "more"}),
    "another name of a collection": lambda session: session.call(
        {"renameCollection": "chatdb.people", "to": "chatdb.peoples"}, "admin"
    ),
    "a lost index": call({"dropIndexes": "messages0", "index": "number_1"}),
    "an index more": call({"createIndexes": "people", "indexes": [{"key": {"seen": 1}, "name": "seen_1"}]}),
    "an index that is unique no more": call(
        {"dropIndexes": "names", "index": "name_1"},
        {"createIndexes": "names", "indexes": [{"key": {"name": 1}, "name": "name_1"}]},
    ),
    "an index on another field": index("number_1", {"numbers": 1}),
    "an index the other way round": index("number_1", {"number": -1}),
    "an index of other order": index("by writer", {"number": -1, "writer": 1}),
    "an index that is a part": index("by writer", {"writer": 1}),
    "a line less of a capped collection": capped(LINES[:-1]),
    "the first line less of a capped collection": capped(LINES[1:]),
    "another order in a capped collection": capped([1, 0, *LINES[2:]]),
    "another size of a capped collection": capped(LINES, size=2_000_000),
    "another limit of a capped collection": capped(LINES, max=6000),
    "a collection that is not capped any more": lambda session: [
        session.call({"drop": "log"}),
        session.call({"create": "log"}),
        put(session, "log", *({"_id": n, "line": f"line {n}"} for n in LINES)),
    ],
}
BEHIND_THE_FENCE = [
    *("a flipped byte", "64 bits for 32", "another order of fields", "a missing document", "a document more"),
    *("a key of another type", "a lost index", "a collection less", "another order in a capped collection"),
    *("another size of a capped collection", "a float's last bit", "an empty collection more"),
]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongos]:
    folder, run = tmp_path_factory.mktemp("mongo"), os.getpid() % 28
    both = (
        MongoServer(f"mv-mongo-3-{run}-here", f"10.214.79.{2 * run + 2}", False, folder / "here"),
        MongoServer(f"mv-mongo-3-{run}-there", f"10.214.79.{2 * run + 3}", True, folder / "there"),
    )
    try:
        yield (both[0].start(), both[1].start())
    finally:
        for one in both:
            one.remove()


@pytest.fixture
def copied(pair: Mongos, tmp_path: Path) -> Iterator[tuple[Move, Connection]]:
    """A good copy, by the copy and by what followed it."""
    for one in pair:
        one.empty()
    fill_mongo(pair[0], 200)
    move = a_move(tmp_path, *pair, fence_seconds=60)
    assert move.begin()
    assert isinstance(move.engine, Mongodb)
    session = pair[1].root()
    yield move, session
    session.close()
    assert move.abort()
    move.engine.close()


def test_a_good_copy_is_good(copied: tuple[Move, Connection]) -> None:
    move, _session = copied
    assert isinstance(move.engine, Mongodb)
    found = move.engine.compared()
    assert [str(one) for one in found.differences] == []
    assert found.tables["kinds"]["documents"] == 29
    assert found.tables["log"]["documents"] == 200


@dataclass
class Target:
    """Its session, and a new one where that was lost: every test that follows would fail with it."""

    server: MongoServer
    _session: Connection | None = None

    @property
    def session(self) -> Connection:
        if self._session is None or not self._session.open:
            self._session = self.server.root()
        return self._session


def patiently(work: Callable[[], T]) -> T:
    """FerretDB on SQLite, busy, refuses what it does a moment later, or hangs up; it has also left an index behind that
    its collection had.
    """
    for _time in range(2):
        try:
            return work()
        except StairwayError:
            time.sleep(1)
    return work()


@pytest.fixture(scope="module")
def once(pair: Mongos, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Move, Target]]:
    """One good copy for all that follow, which put right what they have planted."""
    for one in pair:
        one.empty()
    fill_mongo(pair[0], 200)
    move = a_move(tmp_path_factory.mktemp("once"), *pair)
    assert move.begin()
    assert isinstance(move.engine, Mongodb)
    move.engine._running.pause()
    target = Target(pair[1])
    yield move, target
    target.session.close()
    assert move.abort()
    move.engine.close()


ALL = ("kinds", "messages0", "people", "peoples", "nothing", "more", "names", "log")


def plant(pair: Mongos, target: Target, what: str) -> None:
    begun = False

    def planted() -> None:
        nonlocal begun
        if begun:
            put_anew(pair, target.session, ALL)  # half of it may be done
        begun = True
        PLANTED[what](target.session)

    patiently(planted)


def put_right(pair: Mongos, target: Target, wrong: Sequence[object]) -> None:
    """The target as the source is, where it is not."""
    names = [name for name in ALL if any(name in str(one) for one in wrong)] or ALL
    patiently(lambda: put_anew(pair, target.session, names))


def put_anew(pair: Mongos, session: Connection, names: Sequence[str]) -> None:
    """Each of these collections by a way of its own: not by what is tried here."""
    with contextlib.closing(pair[0].root()) as source:
        for name in names:
            with contextlib.suppress(Exception):
                session.call({"drop": name})
            if name in ("peoples", "more"):
                continue
            options = {"capped": True, "size": 1_000_000, "max": 5000} if name == "log" else {}
            session.call({"create": name, **options})
            for part in source.find(name):
                session.write({"insert": name}, documents=part)
            for part in source.read({"listIndexes": name}):
                all_of = [{key: each for key, each in bson.elements(one) if key != "v"} for one in part]
                told = [one for one in all_of if bson.value(one["name"]) != "_id_"]
                if told:
                    session.call({"createIndexes": name, "indexes": told})


@pytest.mark.parametrize("what", PLANTED)
def test_is_found(pair: Mongos, once: tuple[Move, Target], what: str) -> None:
    move, target = once
    assert isinstance(move.engine, Mongodb)
    compared = move.engine.compared
    if patiently(compared).differences:
        put_right(pair, target, [])  # the one before has failed on its way
    assert [str(one) for one in patiently(compared).differences] == [], "it was not good before"
    plant(pair, target, what)
    found = patiently(compared)
    assert found.differences, f"{what} was not seen"
    print("; ".join(str(one) for one in found.differences)[:200])
    put_right(pair, target, found.differences)


@pytest.mark.long
@pytest.mark.parametrize("what", BEHIND_THE_FENCE)
def test_is_found_behind_the_fence(copied: tuple[Move, Connection], what: str) -> None:
    """No document that the app touches: the target itself tells of it."""
    move, session = copied
    PLANTED[what](session)
    engine = move.engine
    assert isinstance(engine, Mongodb)
    until = 10**9
    engine.fence(until)
    engine.catch_up(until)
    assert engine.verify(until).differences, f"{what} was not seen"
    engine.unfence()
