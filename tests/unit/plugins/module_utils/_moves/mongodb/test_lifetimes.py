"""What a source's TTL monitor deletes while nobody else may write. FerretDB has none: both are scripted here,
and tests/acceptance/moves/test_01_mongodb_lifetimes.py plays the monitor.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Verification
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson, lifetimes, verify
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.bson import Element
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.documents import Compared
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.shape import Shape
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection
from tests.support.scripted_mongo import Scripted, batch

NOW = 1_700_000_000


def at(seconds: float) -> Element:
    return Element(bson.DATE, struct.pack("<q", int(seconds * 1000)))


def when(one: Element) -> float:
    return float(struct.unpack("<q", one.data)[0]) / 1000


def shaped(**about: Any) -> Shape:
    options = {name: bson.element(one) for name, one in about.pop("options", {}).items()}
    indexes = {name: {key: bson.element(one) for key, one in index.items()} for name, index in about.items()}
    return Shape("sessions", "collection", options, indexes)


MADE = {"key": {"made": 1}, "name": "made_1", "expireAfterSeconds": 3600}
SESSIONS = shaped(made_1=MADE)


def test_by_what_documents_end() -> None:
    nan = {"key": {"a.b": 1}, "name": "x", "expireAfterSeconds": float("nan")}
    assert lifetimes.ends(SESSIONS) == [("made", 3600)]
    assert lifetimes.ends(shaped(made_1=MADE, x=nan, name={"key": {"name": 1}})) == [("made", 3600), ("a.b", 0)]
    assert lifetimes.ends(shaped(options={"clusteredIndex": {}, "expireAfterSeconds": 5})) == [("_id", 5)]
    assert lifetimes.ends(Shape("w", "timeseries", {"expireAfterSeconds": bson.element(5)})) == []
    assert lifetimes.ends(Shape("w", "view")) == []


class Holding:
    """A server with one collection: keys, and when each was made (None: it says nothing)."""

    def __init__(self, **documents: float | None) -> None:
        self.documents = documents
        self.deleted: list[str] = []

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        wanted = dict(asked["filter"])
        for part in wanted.pop("$and", []):
            wanted |= part
        key = wanted.get("_id")
        keys = key["$in"] if isinstance(key, dict) else [key] if key else list(self.documents)
        over = when(wanted["made"]["$lte"]) if "made" in wanted else None
        found = []
        for one in keys:
            made = self.documents.get(one)
            if one in self.documents and (over is None or (made is not None and made <= over)):
                found.append({"_id": one, "made": None if made is None else at(made)})
        return batch(found)

    def delete(self, asked: dict[str, Any]) -> dict[str, Any]:
        keys = [one["q"]["_id"] for one in asked["deletes"]]
        self.deleted += keys
        return {"n": sum(self.documents.pop(one, "no") != "no" for one in keys)}

    def count(self, _asked: dict[str, Any]) -> dict[str, Any]:
        return {"n": len(self.documents)}

    def aggregate(self, _asked: dict[str, Any]) -> dict[str, Any]:
        return batch([{"n": len(self.documents)}])

    @contextlib.contextmanager
    def session(self) -> Iterator[Connection]:
        hello = {"isWritablePrimary": True, "localTime": at(NOW)}
        answers: dict[str, Any] = {one: getattr(self, one) for one in ("find", "delete", "count", "aggregate")}
        with Scripted(hello=hello, **answers) as server:
            yield Connection(server.end())


OLD, YOUNG = NOW - 3600, NOW - 3599
HERE = {"sessions": SESSIONS}


def keys(*names: str) -> set[tuple[str, Element]]:
    return {("sessions", bson.element(one)) for one in names}


def test_what_has_ended_at_the_source_goes_at_the_target() -> None:
    """And nothing else: neither what is still there, nor what somebody has deleted before its time."""
    source, target = Holding(there=OLD), Holding(there=OLD, ended=OLD, early=YOUNG, timeless=None)
    with source.session() as here, target.session() as there:
        assert lifetimes.let_go(here, there, SESSIONS) == 1
        assert target.deleted == ["ended"]
        assert lifetimes.let_go(here, there, SESSIONS) == 0
        target.documents["ended"] = OLD
        assert lifetimes.let_go(here, there, SESSIONS, [bson.element("early")]) == 0
        assert lifetimes.let_go(here, there, SESSIONS, [bson.element("early"), bson.element("ended")]) == 1
        assert lifetimes.let_go(here, there, shaped(plain={"key": {"made": 1}})) == 0
    assert source.deleted == []


@pytest.mark.parametrize(("lost", "differences"), [(OLD, 0), (YOUNG, 1), (None, 1)])
def test_what_a_comparison_finds(lost: float | None, differences: int) -> None:
    found = Compared("sessions")
    found.say("document", bson.element("lost"), "missing", "there")
    source, target = Holding(kept=NOW), Holding(kept=NOW, lost=lost)
    with source.session() as here, target.session() as there:
        assert len(verify.lasting(here, there, HERE, [found])) == differences
        left = verify.different(here, there, keys("kept", "lost"))
    assert len(left) == differences
    with source.session() as here, target.session() as there:
        plain = {"sessions": shaped(made_1={"key": {"made": 1}})}
        assert verify.lasting(here, there, plain, [found]) == found.wrong, "nothing ends there"


@pytest.mark.parametrize(("lost", "differences"), [(OLD, 0), (YOUNG, 1)])
def test_counts_while_documents_end(lost: float, differences: int) -> None:
    found = Verification()
    with Holding(a=NOW).session() as here, Holding(a=NOW, lost=lost).session() as there:
        verify.counts(here, there, HERE, found)
    assert len(found.differences) == differences


def test_what_is_heard_of_behind_the_fence() -> None:
    """A document that ended is nobody's writing; one that was deleted early, or that is there, is."""
    source, target = Holding(there=OLD), Holding(there=OLD, ended=OLD, early=YOUNG)
    heard = keys("there", "ended", "early", "never")
    with source.session() as here, target.session() as there:
        assert verify.ended(here, there, HERE, heard) == keys("ended", "never")
        assert verify.ended(here, there, {"sessions": shaped()}, heard) == set()
        assert verify.ended(here, there, {}, heard) == set()


WEATHER = Shape(
    "weather",
    "timeseries",
    {"timeseries": bson.element({"timeField": "t"}), "expireAfterSeconds": bson.element(3600)},
)


def test_a_time_series_is_compared_by_what_does_not_end_meanwhile() -> None:
    asked: list[dict[str, Any]] = []
    measured = {"t": at(NOW), "x": 1}

    def find(command: dict[str, Any]) -> dict[str, Any]:
        asked.append(command)
        return batch([measured])

    def find_more(command: dict[str, Any]) -> dict[str, Any]:
        return batch([measured] if command["filter"] else [{"t": at(NOW - 3601), "x": 0}, measured])

    hello = {"isWritablePrimary": True, "localTime": at(NOW)}
    with Scripted(hello=hello, find=find) as here, Scripted(hello=hello, find=find_more) as there:
        source, target = Connection(here.end()), Connection(there.end())
        assert verify._series(source, target, WEATHER).wrong == []
        (since,) = (one["filter"]["t"]["$gt"] for one in asked if one["filter"])
        assert NOW - 3600 + 60 <= when(since) < NOW - 3600 + 70
        forever = Shape("weather", "timeseries", {"timeseries": WEATHER.options["timeseries"]})
        assert verify._series(source, target, forever).wrong
        short = {**WEATHER.options, "expireAfterSeconds": bson.element(30)}
        assert verify._series(source, target, Shape("weather", "timeseries", short)).wrong, "all of it may end"


def test_a_server_that_does_not_say_how_late_it_is() -> None:
    with Scripted() as server:
        assert when(lifetimes.moment(Connection(server.end()), -5)) > NOW
