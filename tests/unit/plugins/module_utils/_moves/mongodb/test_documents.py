"""Documents: ranges, portions, and what a real MongoDB has and FerretDB has not (validators, time series)."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson, documents
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.bson import Element
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection, MongoError
from tests.support.scripted_mongo import Scripted, batch


def test_ranges_have_every_key_once() -> None:
    marks = [bson.element(one) for one in (10, 20, 20, 30)]
    found = documents.split(marks)
    assert found == [
        {"_id": {"$lt": marks[0]}},
        {"_id": {"$gte": marks[0], "$lt": marks[1]}},
        {"_id": {"$gte": marks[1], "$lt": marks[3]}},
        {"_id": {"$gte": marks[3]}},
    ]
    assert documents.split([]) == [{}]


NAN = Element(bson.DOUBLE, struct.pack("<d", float("nan")))
KEYS: dict[str, tuple[Any, Any, bool]] = {
    "object ids": (Element(7, bytes(12)), Element(7, bytes(11) + b"\1"), True),
    "texts": ("a", "b", True),
    "numbers of two types": (1, 2.5, True),
    "dates": (Element(9, bytes(8)), Element(9, bytes(7) + b"\1"), True),
    "no number first": (NAN, 7, False),
    "numbers, then texts": (1, "a", False),
    "documents": ({"a": 1}, {"a": 2}, False),
    "nothing": (None, None, False),
    "booleans": (False, True, False),
}


@pytest.mark.parametrize("what", KEYS)
def test_only_keys_of_one_kind_are_divided(what: str) -> None:
    first, last, divided = KEYS[what]

    def find(asked: dict[str, Any]) -> dict[str, Any]:
        return batch([{"_id": last if asked["sort"]["_id"] < 0 else first}])

    with Scripted(find=find) as server:
        found = documents.ranges(Connection(server.end()), "a", 10**6, 2)
        assert (len(found) > 1) == divided
        assert documents.ranges(Connection(server.end()), "a", 1000, 2) == [{}], "a small one is not worth it"
        assert documents.ranges(Connection(server.end()), "a", 10**6, 1) == [{}]


@pytest.mark.parametrize(
    ("sizes", "told"),
    [([], []), ([9], [1]), ([9] * 2500, [1000, 1000, 500]), ([5_000_000] * 3, [1, 1, 1]), ([16_000_000, 9, 9], [1, 2])],
    ids=["nothing", "one", "many", "large", "one that is too large for its company"],
)
def test_what_goes_in_one_message(sizes: list[int], told: list[int]) -> None:
    given = [bytes(one) for one in sizes]
    found = list(documents.portions(given))
    assert [len(one) for one in found] == told
    assert sum(found, []) == given


def test_who_may_not_go_past_a_validator_goes_through_it() -> None:
    def insert(asked: dict[str, Any]) -> dict[str, Any]:
        return {"ok": 0, "code": 13, "errmsg": "not authorized"} if "bypassDocumentValidation" in asked else {"n": 1}

    with Scripted(insert=insert) as server:
        session = Connection(server.end())
        assert documents.insert(session, "a", [bson.encode({"_id": 1})], {"bypassDocumentValidation": True}) == set()
        assert [one.get("bypassDocumentValidation") for one in server.said if "insert" in one] == [True, None]
        server.answers["insert"] = {"ok": 0, "code": 13, "errmsg": "not authorized"}
        with pytest.raises(MongoError, match="not authorized"):
            documents.insert(session, "a", [bson.encode({"_id": 1})], {})


def test_what_is_taken_is_told_and_the_rest_is_an_error() -> None:
    two = [bson.encode({"_id": number}) for number in (1, 2)]
    taken = {"index": 1, "code": 11000, "errmsg": "E11000"}
    with Scripted(insert={"n": 1, "writeErrors": [taken]}) as server:
        session = Connection(server.end())
        assert documents.insert(session, "a", two, {}) == {bson.element(2)}
        server.answers["insert"] = {"n": 0, "writeErrors": [taken, {"index": 0, "code": 121, "errmsg": "no"}]}
        with pytest.raises(MongoError, match="no"):
            documents.insert(session, "a", two, {})


def test_keys_that_could_be_taken_for_operators() -> None:
    with Scripted(find=batch([])) as server:
        keys = [bson.element(one) for one in ("a", {"$gt": 1})] + [Element(bson.REGEX, b"a\0\0")]
        documents.by_key(Connection(server.end()), "a", keys)
        asked = [one["filter"]["_id"] for one in server.said if "find" in one]
    assert asked[0] == "a"
    assert asked[1] == {"$eq": {"$gt": 1}}
    assert asked[2] == {"$eq": keys[2]}


def readings(*degrees: Any) -> Scripted:
    return Scripted(find=batch([{"t": number, "degrees": one} for number, one in enumerate(degrees)]))


SERIES: dict[str, tuple[Scripted, int]] = {
    "the same": (readings(1, 2.5, 3), 0),
    "one less": (readings(1, 2.5), 1),
    "one twice": (readings(1, 2.5, 3, 3), 1),
    "another value": (readings(1, 2.5, 4), 1),
    "another type": (readings(1, 2.5, 3.0), 1),
}


@pytest.mark.parametrize("what", SERIES)
def test_a_time_series(what: str) -> None:
    other, wrong = SERIES[what]
    with readings(1, 2.5, 3) as source, other as target:
        found = documents.as_sums(Connection(source.end()), Connection(target.end()), "weather")
    assert len(found.wrong) == wrong
    assert found.rows == 3


def test_a_time_series_in_another_order_is_the_same() -> None:
    documents_of = [{"t": 1, "degrees": 1}, {"t": 2, "degrees": 2}]
    with Scripted(find=batch(documents_of)) as source, Scripted(find=batch(documents_of[::-1])) as target:
        assert documents.as_sums(Connection(source.end()), Connection(target.end()), "weather").wrong == []


def test_sides_that_have_nothing_in_common_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_STRANGE", 3)
    more = {"getMore": lambda _asked: batch([{"_id": 7}], number=9, name="nextBatch"), "killCursors": {}}
    here = Scripted(find=batch([{"_id": number} for number in range(5)], number=9), **more)
    there = Scripted(find=batch([{"_id": -number} for number in range(1, 6)], number=9), **more)
    with here, there:
        found = documents.compare(Connection(here.end()), Connection(there.end()), "a", {})
    assert len(found.wrong) == 10
    assert len(found.keys) == 10


def test_a_difference_does_not_show_what_users_wrote() -> None:
    found = documents.Compared("people")
    documents.differing(
        found, bson.element("k"), *(bson.encode({"_id": "k", "word": one}) for one in ("secret a", "secret b"))
    )
    assert "secret" not in str(found.wrong[0])
    assert "field word of document people 'k'" in str(found.wrong[0])
