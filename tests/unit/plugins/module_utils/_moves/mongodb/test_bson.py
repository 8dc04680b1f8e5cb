"""BSON: what is read and written, by the byte, and that what is no document is said to be none."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.bson import Element, Raw

# The examples of https://bsonspec.org/faq.html
HELLO = b"\x16\x00\x00\x00\x02hello\x00\x06\x00\x00\x00world\x00\x00"
AWESOME = (
    b"\x31\x00\x00\x00\x04BSON\x00\x26\x00\x00\x00\x02\x30\x00\x08\x00\x00\x00awesome\x00"
    b"\x01\x31\x00\x33\x33\x33\x33\x33\x33\x14\x40\x10\x32\x00\xc2\x07\x00\x00\x00\x00"
)


@pytest.mark.parametrize(
    ("document", "raw"),
    [({"hello": "world"}, HELLO), ({"BSON": ["awesome", 5.05, 1986]}, AWESOME), ({}, b"\x05\0\0\0\0")],
    ids=["a text", "a list", "nothing"],
)
def test_by_the_byte(document: dict[str, Any], raw: bytes) -> None:
    assert bson.encode(document) == raw
    assert bson.decode(raw) == document


PLAIN: dict[str, Any] = {
    "int": -(2**31),
    "long": 2**31,
    "longest": -(2**63),
    "double": 0.1,
    "zero below": -0.0,
    "text": "grüße\0\U0001f600",
    "nothing": None,
    "yes": True,
    "no": False,
    "bytes": b"\0\xff",
    "list": [1, [2, {"a": None}], "x"],
    "inside": {"b": 1, "a": {"": ""}},
}


def test_there_and_back() -> None:
    assert bson.decode(bson.encode(PLAIN)) == PLAIN
    assert list(bson.decode(bson.encode(PLAIN))) == list(PLAIN)
    assert str(bson.decode(bson.encode(PLAIN))["zero below"]) == "-0.0"


def test_a_number_keeps_its_type_by_its_size() -> None:
    kinds = {
        name: one.kind for name, one in bson.elements(bson.encode({"a": 2**31 - 1, "b": 2**31, "c": 1.0, "d": True}))
    }
    assert kinds == {"a": bson.INT, "b": bson.LONG, "c": bson.DOUBLE, "d": bson.BOOLEAN}


# Every type of the specification, old ones too, each with bytes of its own.
TYPES: dict[str, Element] = {
    "double": Element(0x01, struct.pack("<d", float("nan"))),
    "text": Element(0x02, b"\x03\0\0\0\xff\xfe\0"),
    "document": Element(0x03, bson.encode({"a": 1})),
    "array": Element(0x04, bson.encode({"0": 1, "1": 2})),
    "binary": Element(0x05, b"\x02\0\0\0\x04\xaa\xbb"),
    "old binary": Element(0x05, b"\x06\0\0\0\x02\x02\0\0\0\xaa\xbb"),
    "undefined": Element(0x06, b""),
    "object id": Element(0x07, bytes(range(12))),
    "boolean": Element(0x08, b"\1"),
    "date": Element(0x09, struct.pack("<q", -1)),
    "null": Element(0x0A, b""),
    "pattern": Element(0x0B, b"^a\0i\0"),
    "pointer": Element(0x0C, b"\x02\0\0\0a\0" + bytes(12)),
    "code": Element(0x0D, b"\x03\0\0\0f()"[:6] + b"\0"),
    "symbol": Element(0x0E, b"\x02\0\0\0s\0"),
    "code with scope": Element(0x0F, struct.pack("<i", 4 + 4 + 2 + 5) + b"\x02\0\0\0c\0" + b"\x05\0\0\0\0"),
    "int": Element(0x10, b"\1\0\0\0"),
    "timestamp": bson.timestamp(1_700_000_000, 7),
    "long": Element(0x12, struct.pack("<q", 1)),
    "decimal": Element(0x13, bytes(16)),
    "least": Element(0xFF, b""),
    "most": Element(0x7F, b""),
}


@pytest.mark.parametrize("name", TYPES)
def test_every_type_is_carried_as_it_is(name: str) -> None:
    one = TYPES[name]
    raw = bson.encode({"_id": 1, "before": "x", name: one, "behind": 2})
    assert bson.fields(raw)[name] == one
    assert bson.fields(raw)["behind"] == Element(bson.INT, b"\2\0\0\0")
    again = bson.joined(list(bson.elements(raw)))
    assert again == raw


@pytest.mark.parametrize("name", TYPES)
def test_every_type_may_be_a_key(name: str) -> None:
    assert bson.id_of(bson.encode({"_id": TYPES[name], "x": 1})) == TYPES[name]
    assert bson.id_of(bson.encode({"x": 1, "_id": TYPES[name]})) == TYPES[name]


def test_numbers_that_count_the_same_are_different_keys() -> None:
    keys = {bson.id_of(bson.encode({"_id": one})) for one in (1, 1.0, Element(bson.LONG, struct.pack("<q", 1)))}
    assert len(keys) == 3


def test_a_timestamp() -> None:
    assert bson.seconds_of(bson.timestamp(1_700_000_000, 7)) == (1_700_000_000, 7)
    assert bson.timestamp(1, 2).data == b"\2\0\0\0\1\0\0\0"


def test_a_list_of_documents() -> None:
    two = [bson.encode({"_id": number}) for number in range(12)]
    array = bson.element([Raw(one) for one in two]).data
    assert bson.documents(array) == two
    with pytest.raises(StairwayError, match="something else than documents"):
        bson.documents(bson.element([1]).data)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x05\0\0\0",
        b"\x06\0\0\0\0",
        HELLO[:-1],
        HELLO + b"\0",
        b"\x0c\0\0\0\x10a\0\1\0\0\0\1",
        b"\x0b\0\0\0\x99a\0\1\0\0\0"[:10] + b"\0",
        b"\x10\0\0\0\x02a\0\xff\xff\xff\x7fabc\0\0"[:15] + b"\0",
        b"\x10\0\0\0\x05a\0\xff\xff\xff\xff\0abc\0",
    ],
    ids=["empty", "short", "longer than it is", "cut", "more behind", "no end", "type", "size", "size below nothing"],
)
def test_what_is_no_document(raw: bytes) -> None:
    with pytest.raises(StairwayError, match="no BSON document"):
        bson.decode(raw)


def test_what_bson_does_not_have() -> None:
    with pytest.raises(TypeError, match="set"):
        bson.encode({"a": {1, 2}})


@pytest.mark.parametrize(
    ("value", "told"),
    [("a" * 99, "'" + "a" * 59), (7, "7"), (None, "None"), (TYPES["object id"], "ObjectId(000102"), (b"x", "type 5")],
    ids=["text", "number", "nothing", "key", "other"],
)
def test_a_value_in_words(value: Any, told: str) -> None:
    assert bson.words(bson.element(value)).startswith(told)
