"""Collections, views and indexes of a real MongoDB, as it lists them: how they are made, compared, and let live."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson, shape
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.shape import Shape
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection, MongoError
from tests.support.scripted_mongo import Scripted, batch

ENGLISH = {"locale": "en", "caseLevel": False, "strength": 2, "version": "57.1"}
ID = {"v": 2, "key": {"_id": 1}, "name": "_id_"}
TEXT = {
    **{"v": 2, "key": {"_fts": "text", "_ftsx": 1}, "name": "words", "weights": {"title": 10, "body": 1}},
    **{"default_language": "none", "language_override": "language", "textIndexVersion": 3},
}
ENDS = {"v": 2, "key": {"made": 1}, "name": "made_1", "expireAfterSeconds": 3600}
PART = {"v": 2, "key": {"a": 1}, "name": "a_1", "unique": True, "partialFilterExpression": {"a": {"$gt": 5}}}
LISTED: list[dict[str, Any]] = [
    {"name": "shown", "type": "view", "options": {"viewOn": "cards", "pipeline": [{"$match": {"yes": True}}]}},
    {
        "name": "cards",
        "type": "collection",
        "options": {"collation": ENGLISH, "validator": {"a": {"$exists": True}}, "validationLevel": "strict"},
        "info": {"uuid": b"x", "readOnly": False},
    },
    {"name": "weather", "type": "timeseries", "options": {"timeseries": {"timeField": "t"}, "expireAfterSeconds": 60}},
    {"name": "system.views", "type": "collection", "options": {}},
    {"name": "system.buckets.weather", "type": "collection", "options": {"validator": {}}},
    {"name": "system.js", "type": "collection", "options": {}},
    {"name": "stairway_move", "type": "collection", "options": {}},
    {"name": "log", "type": "collection", "options": {"capped": True, "size": 4096, "max": 10}},
]
INDEXES: dict[str, list[dict[str, Any]]] = {"cards": [ID, TEXT, ENDS, PART]}


def listed(indexes: dict[str, list[dict[str, Any]]] | None = None) -> Scripted:
    known = INDEXES if indexes is None else indexes
    return Scripted(
        listCollections=batch(LISTED),
        listIndexes=lambda asked: batch(known.get(asked["listIndexes"], [ID])),
        create={},
        createIndexes={},
        collMod={},
        drop={},
    )


def commands(server: Scripted, *names: str) -> list[dict[str, Any]]:
    told = [{name: one for name, one in each.items() if name != "$db"} for each in server.said]
    return [one for one in told if next(iter(one)) in names]


def test_what_is_there() -> None:
    with listed() as server:
        found = shape.read(Connection(server.end()))
    assert {one.name: one.kind for one in found.values()} == {
        **{"shown": "view", "cards": "collection", "weather": "timeseries"},
        **{"system.js": "collection", "log": "collection"},
    }
    assert set(found["cards"].indexes) == {"words", "made_1", "a_1"}
    assert found["log"].capped
    assert not found["cards"].capped
    assert found["cards"].writing == {"bypassDocumentValidation": True}
    assert found["log"].writing == {}


def test_everything_is_made_views_last() -> None:
    with listed() as source, Scripted(listCollections=batch([]), create={}) as target:
        shape.bring(Connection(source.end()), Connection(target.end()))
        made = commands(target, "create")
    assert [one["create"] for one in made] == ["cards", "log", "system.js", "weather", "shown"]
    assert made[0] == {"create": "cards", **LISTED[1]["options"]}
    assert made[1] == {"create": "log", "capped": True, "size": 4096, "max": 10}
    assert made[3] == {"create": "weather", "timeseries": {"timeField": "t"}}, "nothing ends before the switch"
    assert made[4] == {"create": "shown", **LISTED[0]["options"]}


def test_indexes_are_made_as_they_were_but_nothing_ends_yet() -> None:
    with listed() as server:
        session = Connection(server.end())
        cards = shape.read(session)["cards"]
        shape.create_indexes(session, cards, {"words": {}})
        (made,) = commands(server, "createIndexes")
        assert made["indexes"] == [
            {"key": {"made": 1}, "name": "made_1", "expireAfterSeconds": shape.NEVER},
            {name: one for name, one in PART.items() if name != "v"},
        ]
        (tried,) = commands(server, "collMod")
        assert tried == {"collMod": "cards", "index": {"name": "made_1", "expireAfterSeconds": shape.NEVER}}
        shape.create_indexes(session, cards, cards.indexes)
        assert len(commands(server, "createIndexes")) == 1, "none is missing"


@pytest.mark.parametrize(("refusals", "fails"), [(2, False), (shape.TRIES, True)], ids=["twice", "for good"])
def test_an_index_of_before_is_not_there_any_more(refusals: int, fails: bool) -> None:
    """As FerretDB says it, whose session has not heard yet that its collection was dropped."""
    refused = {"ok": 0, "code": 1, "errmsg": "SQL logic error: index cards_by already exists (1)"}
    answers = iter([refused] * refusals + [{}])
    with Scripted(createIndexes=lambda _asked: next(answers)) as server:
        cards = shape.Shape("cards", shape.COLLECTION, {}, {"by": {"name": bson.element("by")}})
        with pytest.raises(MongoError, match="already exists") if fails else contextlib.nullcontext():
            shape.create_indexes(Connection(server.end()), cards, {})
        assert len(commands(server, "createIndexes")) == min(refusals + 1, shape.TRIES)


def test_documents_end_from_the_switch_on_and_not_before() -> None:
    with listed() as server:
        session = Connection(server.end())
        shape.lives(session, shape.read(session), on=True)
        shape.lives(session, shape.read(session), on=False)
        assert commands(server, "collMod") == [
            {"collMod": "cards", "index": {"name": "made_1", "expireAfterSeconds": 3600}},
            {"collMod": "weather", "expireAfterSeconds": 60},
            {"collMod": "cards", "index": {"name": "made_1", "expireAfterSeconds": shape.NEVER}},
            {"collMod": "weather", "expireAfterSeconds": "off"},
        ]


def test_everything_is_dropped_views_first() -> None:
    with listed() as server:
        shape.drop(Connection(server.end()))
        assert [one["drop"] for one in commands(server, "drop")] == ["shown", "cards", "log", "system.js", "weather"]


@pytest.mark.parametrize(("code", "fails"), [(26, False), (13, True)], ids=["not there", "not allowed"])
def test_a_mark_that_is_not_there(code: int, fails: bool) -> None:
    with Scripted(drop={"ok": 0, "code": code, "errmsg": "ns not found"}) as server:
        session = Connection(server.end())
        if fails:
            with pytest.raises(MongoError):
                shape.forget_mark(session)
        else:
            shape.forget_mark(session)


def one(**options: Any) -> dict[str, Shape]:
    told = {name: bson.element(each) for name, each in options.items()}
    return {"a": Shape("a", "collection", told)}


def indexed(**index: Any) -> dict[str, Shape]:
    told = {name: bson.element(each) for name, each in {"name": "i", "key": {"x": 1}, **index}.items()}
    return {"a": Shape("a", "collection", {}, {"i": told})}


SAME = {
    "a size as 64 bits": (one(size=4096), one(size=bson.Element(bson.LONG, (4096).to_bytes(8, "little")))),
    "a direction as a float": (indexed(key={"x": 1}), indexed(key={"x": 1.0})),
    "an end that is let be": (indexed(expireAfterSeconds=60), indexed(expireAfterSeconds=shape.NEVER)),
    "an end of a time series": (one(expireAfterSeconds=60), one()),
}


@pytest.mark.parametrize("what", SAME)
def test_what_is_the_same(what: str) -> None:
    counted: dict[str, int] = {}
    assert shape.differences(*SAME[what], counted) == []
    assert counted["collection"] == 1


OTHER = {
    "validator": (one(validator={"a": 1}), one(validator={"a": 2})),
    "validator less": (one(validator={"a": 1}), one()),
    "validation action": (one(validationAction="error"), one(validationAction="warn")),
    "collation": (one(collation=ENGLISH), one(collation={**ENGLISH, "strength": 3})),
    "pipeline": (one(pipeline=[{"$a": 1}, {"$b": 1}]), one(pipeline=[{"$b": 1}, {"$a": 1}])),
    "before and after images": (one(changeStreamPreAndPostImages={"enabled": True}), one()),
    "clustered": (one(clusteredIndex={"key": {"_id": 1}}), one()),
    "collation of an index": (indexed(collation=ENGLISH), indexed()),
    "partial": (indexed(partialFilterExpression={"a": 1}), indexed(partialFilterExpression={"a": 2})),
    "weights": (indexed(weights={"a": 1}), indexed(weights={"a": 2})),
    "sparse": (indexed(sparse=True), indexed()),
    "hidden": (indexed(), indexed(hidden=True)),
    "wildcard": (indexed(key={"$**": 1}), indexed(key={"x": 1})),
    "hashed": (indexed(key={"x": "hashed"}), indexed(key={"x": 1})),
    "2dsphere": (indexed(key={"x": "2dsphere"}), indexed(key={"x": "2d"})),
    "an end": (indexed(expireAfterSeconds=60), indexed()),
    "view": ({"a": Shape("a", "view")}, {"a": Shape("a", "collection")}),
    "time series": ({"a": Shape("a", "timeseries")}, {"a": Shape("a", "collection")}),
}


@pytest.mark.parametrize("what", OTHER)
def test_what_is_not_the_same(what: str) -> None:
    here, there = OTHER[what]
    assert len(shape.differences(here, there, {})) == 1
    assert len(shape.differences(there, here, {})) == 1
