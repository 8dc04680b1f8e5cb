"""What is made of a server's words on its changes: events as a mongod writes them, and the oplog's entries."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson, feeds
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.feeds import Listener, Oplog, Streamed
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import MongoError
from tests.support.scripted_mongo import Scripted, batch

KEY = bson.element("k7")


def event(kind: str, collection: str = "people", key: Any = KEY, token: str = "t", **more: Any) -> dict[str, Any]:
    """https://www.mongodb.com/docs/manual/reference/change-events/"""
    about = {} if kind in ("dropDatabase", "invalidate") else {"coll": collection}
    known = {"documentKey": {"_id": key}} if kind in ("insert", "update", "replace", "delete") else {}
    return {"_id": {"_data": token}, "operationType": kind, "ns": {"db": "chatdb", **about}, **known, **more}


@pytest.mark.parametrize("kind", ["insert", "update", "replace", "delete"])
def test_a_document_has_changed(kind: str) -> None:
    assert feeds.said(bson.encode(event(kind)), "chatdb", "there") == [("people", KEY)]


@pytest.mark.parametrize("kind", ["drop", "rename", "dropDatabase", "invalidate"])
def test_a_change_of_shape_ends_the_move(kind: str) -> None:
    with pytest.raises(StairwayError, match="shape of the store has changed") as caught:
        feeds.said(bson.encode(event(kind)), "chatdb", "there")
    assert kind in str(caught.value.found)
    assert feeds.said(bson.encode(event(kind)), "chatdb", "there", strict=False) == []


@pytest.mark.parametrize("kind", ["create", "createIndexes", "modify", "something new"])
def test_what_says_nothing_of_a_document(kind: str) -> None:
    assert feeds.said(bson.encode(event(kind)), "chatdb", "there") == []


def test_our_own_mark_may_go() -> None:
    assert feeds.said(bson.encode(event("drop", feeds.MARK)), "chatdb", "there") == []


class Mongod:
    """Change streams of a replica set: what is inserted comes back as an event."""

    def __init__(self) -> None:
        self.waiting: list[dict[str, Any]] = []
        self.opened: list[dict[str, Any]] = []
        self.tokens = 0

    def token(self) -> str:
        self.tokens += 1
        return f"82{self.tokens:04}"

    def aggregate(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.opened.append(asked)
        return batch([], number=77, postBatchResumeToken={"_data": self.token()})

    def get_more(self, asked: dict[str, Any]) -> dict[str, Any]:
        found, self.waiting = self.waiting, []
        return batch(found, number=77, name="nextBatch", postBatchResumeToken={"_data": self.token()})

    def insert(self, asked: dict[str, Any]) -> dict[str, Any]:
        for one in asked["documents"]:
            self.waiting.append(event("insert", asked["insert"], one["_id"], self.token()))
        return {"n": len(asked["documents"])}

    def scripted(self) -> Scripted:
        return Scripted(aggregate=self.aggregate, getMore=self.get_more, insert=self.insert)


def test_everything_before_our_mark_is_heard() -> None:
    mongod = Mongod()
    with mongod.scripted() as server:
        mongod.waiting = [event("update", key=number, token=mongod.token()) for number in range(3)]
        listener = Listener("change streams", server.end())
        mongod.waiting.append(event("insert", "system.views", "v", mongod.token()))
        listener.all()
        assert listener.taken() == {("people", bson.element(number)) for number in range(3)}
        assert listener.taken() == set()
        listener.close()
    (stream,) = mongod.opened
    assert stream["aggregate"] == 1
    assert stream["pipeline"][0] == {"$changeStream": {}}
    assert "fullDocument" not in str(stream)


def test_another_run_goes_on_where_one_has_ended() -> None:
    mongod = Mongod()
    with mongod.scripted() as server:
        first = Streamed(server.end())
        assert first.hear(0) == []
        position = first.position
        assert bson.decode(base64.b64decode(position)) == {"_data": "820002"}
        Streamed(server.end(), position)
    assert mongod.opened[1]["pipeline"][0] == {"$changeStream": {"resumeAfter": {"_data": "820002"}}}


def test_without_the_batchs_own_token_the_last_event_has_it() -> None:
    told = batch([event("insert", token="8207")], number=5)
    with Scripted(aggregate=told, getMore=batch([], number=5, name="nextBatch")) as server:
        feed = Streamed(server.end())
        assert feed.hear(0) == [("people", KEY)]
        assert bson.decode(base64.b64decode(feed.position)) == {"_data": "8207"}
        assert feed.hear(0) == []


def test_a_server_that_has_forgotten() -> None:
    lost = {"ok": 0, "code": 286, "errmsg": "Resume of change stream was not possible"}
    with (
        Scripted(aggregate=lost) as server,
        pytest.raises(feeds.ForgottenError, match="does not remember the changes") as caught,
    ):
        Streamed(server.end(), base64.b64encode(bson.encode({"_data": "82"})).decode())
    assert "-e abort=true" in str(caught.value.fix)


IDLE = {"ok": 0, "code": 43, "codeName": "CursorNotFound", "errmsg": "cursor id 77 not found"}
STEPPED_DOWN = {"ok": 0, "code": 10107, "codeName": "NotWritablePrimary", "errmsg": "not primary"}
LABELLED = {"ok": 0, "code": 175, "errmsg": "the plan was killed", "errorLabels": ["ResumableChangeStreamError"]}
REFUSED = {"ok": 0, "code": 13, "codeName": "Unauthorized", "errmsg": "not authorized on chatdb"}


class Ending(Mongod):
    """Its cursor ends once; what was written since comes with the next one."""

    def __init__(self, ends: dict[str, Any], refusal: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.ends, self.refusal = [ends], refusal

    def aggregate(self, asked: dict[str, Any]) -> dict[str, Any]:
        told = super().aggregate(asked)
        if len(self.opened) > 1:
            told["cursor"]["firstBatch"], self.waiting = self.waiting, []
        return self.refusal if self.refusal and len(self.opened) > 1 else told

    def get_more(self, asked: dict[str, Any]) -> dict[str, Any]:
        return self.ends.pop() if self.ends else super().get_more(asked)


@pytest.mark.parametrize("ends", [IDLE, STEPPED_DOWN, LABELLED], ids=["nobody asked", "another primary", "labelled"])
def test_a_stream_that_ended_goes_on_where_it_was(ends: dict[str, Any]) -> None:
    mongod = Ending(ends)
    with mongod.scripted() as server:
        listener = Listener("change streams", server.end())
        mongod.waiting = [event("update", token=mongod.token())]
        listener.all()
        assert listener.taken() == {("people", KEY)}
        listener.close()
    first, again = mongod.opened
    assert again["pipeline"] == [{"$changeStream": {"resumeAfter": {"_data": "820001"}}}, first["pipeline"][1]]


def test_one_that_ended_too_long_ago() -> None:
    lost = {"ok": 0, "code": 286, "errmsg": "Resume of change stream was not possible"}
    with Ending(IDLE, lost).scripted() as server:
        feed = Streamed(server.end())
        with pytest.raises(feeds.ForgottenError, match="does not remember the changes") as caught:
            feed.hear(0)
    assert "-e abort=true" in str(caught.value.fix)
    assert "make the oplog larger" in str(caught.value.fix)


def test_any_other_refusal_ends_it() -> None:
    mongod = Ending(REFUSED)
    with mongod.scripted() as server:
        feed = Streamed(server.end())
        with pytest.raises(MongoError, match="not authorized"):
            feed.hear(0)
    assert len(mongod.opened) == 1


def test_a_mark_that_does_not_come() -> None:
    with Scripted(
        aggregate=batch([], number=7), getMore=batch([], number=7, name="nextBatch"), insert={"n": 1}
    ) as server:
        listener = Listener("change streams", server.end())
        listener.until = 0.1
        with pytest.raises(StairwayError, match="in time"):
            listener.all()


ALONE = {"ok": 0, "code": 40573, "errmsg": "The $changeStream stage is only supported on replica sets"}


@pytest.mark.parametrize(
    ("answers", "way"),
    [
        ({"aggregate": batch([], number=0)}, "change streams"),
        ({"aggregate": ALONE}, ""),
        ({"aggregate": ALONE, "listCollections": batch([{"name": "oplog.rs"}])}, ""),
        (
            {
                "hello": {"isWritablePrimary": True, "setName": "rs0"},
                "aggregate": ALONE,
                "listCollections": batch([{"name": "oplog.rs"}]),
                "find": batch([]),
            },
            "oplog",
        ),
        (
            {"hello": {"isWritablePrimary": True, "setName": "rs0"}, "aggregate": ALONE, "listCollections": batch([])},
            "",
        ),
    ],
    ids=["replica set", "alone", "was a replica set once", "oplog only", "no oplog"],
)
def test_how_a_server_tells(answers: dict[str, Any], way: str) -> None:
    with Scripted(**answers) as server:
        assert feeds.way_of(server.end()) == way


# --- the oplog -----------------------------------------------------------------------------------------------------


def entry(op: str, ns: str = "chatdb.people", *, at: tuple[int, int] = (100, 1), **more: Any) -> dict[str, Any]:
    return {"op": op, "ns": ns, "ts": bson.timestamp(*at), "v": 2, **more}


KEYED = {
    "insert": entry("i", o={"_id": "k7", "x": 1}),
    "update": entry("u", o={"$v": 2, "diff": {"u": {"x": 2}}}, o2={"_id": "k7"}),
    "delete": entry("d", o={"_id": "k7"}),
    "transaction": entry("c", "admin.$cmd", o={"applyOps": [entry("i", o={"_id": "k7"}), entry("n", "", o={})]}),
}


@pytest.mark.parametrize("what", KEYED)
def test_an_entry(what: str) -> None:
    assert feeds.noted(bson.fields(bson.encode(KEYED[what])), "chatdb", "there") == [("people", KEY)]
    assert feeds.noted(bson.fields(bson.encode(KEYED[what])), "other", "there") == []


SHAPES = [
    ({"drop": "people"}, "drop people"),
    ({"renameCollection": "chatdb.people", "to": "chatdb.x"}, "renameCollection chatdb.people"),
    ({"dropDatabase": 1}, "dropDatabase 1"),
]


@pytest.mark.parametrize(("command", "told"), SHAPES, ids=["drop", "rename", "everything"])
def test_an_entry_of_a_shape(command: dict[str, Any], told: str) -> None:
    one = bson.fields(bson.encode(entry("c", "chatdb.$cmd", o=command)))
    with pytest.raises(StairwayError, match="shape of the store has changed") as caught:
        feeds.noted(one, "chatdb", "there")
    assert caught.value.found == told
    assert feeds.noted(one, "chatdb", "there", strict=False) == []
    assert feeds.noted(one, "other", "there") == []


@pytest.mark.parametrize("command", [{"create": "x"}, {"createIndexes": "x"}, {"collMod": "x"}, {"drop": feeds.MARK}])
def test_an_entry_that_says_nothing(command: dict[str, Any]) -> None:
    assert feeds.noted(bson.fields(bson.encode(entry("c", "chatdb.$cmd", o=command))), "chatdb", "there") == []


class Kept:
    """An oplog, newest first."""

    def __init__(self, *moments: tuple[int, int]) -> None:
        self.entries = [entry("i", at=one, o={"_id": f"{one[0]}.{one[1]}"}) for one in moments]

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert asked["sort"] == {"$natural": -1}
        return batch(self.entries[::-1][: asked.get("limit", len(self.entries))])

    def scripted(self) -> Scripted:
        hello = {"isWritablePrimary": True, "setName": "rs0"}
        return Scripted(hello=hello, listCollections=batch([{"name": "oplog.rs"}]), find=self.find)


def heard(feed: Oplog) -> list[str]:
    return sorted(str(bson.value(key)) for _collection, key in feed.hear(0))


def test_entries_are_heard_once_and_late_ones_too() -> None:
    kept = Kept((50, 1), (100, 1), (100, 2))
    with kept.scripted() as server:
        feed = Oplog(server.end())
        assert feed.position == "100.2"
        assert heard(feed) == [], "what was before is not asked for"
        kept.entries += Kept((101, 5)).entries
        assert heard(feed) == ["101.5"]
        # it was written after 101.5, and says that it was before
        kept.entries += Kept((101, 4)).entries
        assert heard(feed) == ["101.4"]
        assert heard(feed) == []
        assert feed.position == "101.5"
        assert heard(Oplog(server.end(), "101.4")) == ["100.1", "100.2", "101.4", "101.5"], "rather twice than not"


def test_an_oplog_that_has_turned_over() -> None:
    kept = Kept((100, 1), (100, 2))
    with kept.scripted() as server:
        feed = Oplog(server.end(), "100.2")
        assert heard(feed) == ["100.1", "100.2"]
        kept.entries = Kept((105, 1), (106, 1)).entries
        with pytest.raises(StairwayError, match="does not remember the changes"):
            feed.hear(0)
        with pytest.raises(feeds.ForgottenError, match="does not remember the changes"):
            Oplog(server.end(), "100.2")


def test_keys_by_their_collection() -> None:
    keys = {("b", bson.element(1)), ("a", bson.element(2)), ("b", bson.element(0))}
    assert feeds.grouped(keys) == {"a": [bson.element(2)], "b": [bson.element(0), bson.element(1)]}
