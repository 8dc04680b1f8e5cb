"""BSON, as much of it as commands need: https://bsonspec.org/spec.html. Documents of the app's stay the bytes they are.
Pure.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..._common.errors import StairwayError

DOUBLE, STRING, DOCUMENT, ARRAY, BINARY, BOOLEAN, DATE, NULL = 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x09, 0x0A
OBJECT_ID, REGEX, POINTER, CODE_IN_SCOPE, INT, TIMESTAMP, LONG = 0x07, 0x0B, 0x0C, 0x0F, 0x10, 0x11, 0x12
_FIXED = {
    **{DOUBLE: 8, 0x06: 0, OBJECT_ID: 12, BOOLEAN: 1, DATE: 8, NULL: 0},
    **{INT: 4, TIMESTAMP: 8, LONG: 8, 0x13: 16, 0xFF: 0, 0x7F: 0},
}
# what stands behind their length, beside what that counts; string, code, symbol, binary, pointer
_COUNTED = {STRING: 4, 0x0D: 4, 0x0E: 4, BINARY: 5, POINTER: 16}
_WHOLE = (DOCUMENT, ARRAY, CODE_IN_SCOPE)
_INT = struct.Struct("<i")
_SMALLEST, _LARGEST = -(2**31), 2**31 - 1


class Element(NamedTuple):
    """A value as it stands in a document: its type, and its bytes."""

    kind: int
    data: bytes


class Raw(bytes):
    """A whole document, as its bytes."""


def timestamp(seconds: int, number: int) -> Element:
    return Element(TIMESTAMP, struct.pack("<II", number, seconds))


def seconds_of(element: Element) -> tuple[int, int]:
    """A timestamp's seconds and number."""
    number, seconds = struct.unpack("<II", element.data)
    return seconds, number


# --- reading -------------------------------------------------------------------------------------------------------


def elements(raw: bytes) -> Iterator[tuple[str, Element]]:
    """The fields of a document, in their order.

    :raises StairwayError: when it is none.
    """
    try:
        if _INT.unpack_from(raw)[0] != len(raw) or raw[-1]:
            raise ValueError("its length is another")
        at = 4
        while raw[at]:
            end = raw.index(0, at + 1)
            size = _size(raw, raw[at], end + 1)
            if end + 1 + size >= len(raw):
                raise ValueError("a value is longer than the document")
            yield raw[at + 1 : end].decode(errors="surrogateescape"), Element(raw[at], raw[end + 1 : end + 1 + size])
            at = end + 1 + size
        if at != len(raw) - 1:
            raise ValueError("it ends before its length")
    except (ValueError, IndexError, struct.error) as error:
        raise StairwayError("This is no BSON document.", found=str(error)) from error


def _size(raw: bytes, kind: int, at: int) -> int:
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == REGEX:
        return raw.index(0, raw.index(0, at) + 1) + 1 - at
    size: int = _INT.unpack_from(raw, at)[0]
    if size < 0:
        raise ValueError("a length below nothing")
    if kind in _WHOLE:
        return size
    if kind in _COUNTED:
        return size + _COUNTED[kind]
    raise ValueError(f"a type that nobody knows: {kind}")


def fields(raw: bytes) -> dict[str, Element]:
    return dict(elements(raw))


def documents(array: bytes) -> list[bytes]:
    """The documents of an array of nothing else."""
    found, at, unpack = [], 4, _INT.unpack_from
    while array[at]:
        if array[at] != DOCUMENT:
            raise StairwayError("The server answered with something else than documents.", found=f"type {array[at]}")
        at = array.index(0, at + 1) + 1
        (size,) = unpack(array, at)
        found.append(array[at : at + size])
        at += size
    return found


def id_of(raw: bytes) -> Element:
    """A document's ``_id``, which is nearly always the first field."""
    if raw[5:9] == b"_id\0":
        return Element(raw[4], raw[9 : 9 + _size(raw, raw[4], 9)])
    return fields(raw).get("_id", Element(NULL, b""))


def decode(raw: bytes) -> dict[str, Any]:
    """A document as a dict. What Python has no plain word for stays an :class:`Element`."""
    return {name: value(one) for name, one in elements(raw)}


def value(one: Element) -> Any:
    """What an element says."""
    kind, data = one
    if kind in _NUMBERS:
        return _NUMBERS[kind].unpack(data)[0]
    if kind == STRING:
        return data[4:-1].decode(errors="replace")
    if kind == DOCUMENT:
        return decode(data)
    if kind == ARRAY:
        return [value(each) for _name, each in elements(data)]
    if kind == BINARY:
        return data[5:]
    return None if kind == NULL else one


_NUMBERS = {
    DOUBLE: struct.Struct("<d"),
    INT: struct.Struct("<i"),
    LONG: struct.Struct("<q"),
    BOOLEAN: struct.Struct("<?"),
}


# --- writing -------------------------------------------------------------------------------------------------------


def encode(document: Mapping[str, Any]) -> bytes:
    """A document of dicts, lists, texts, numbers, bytes, :class:`Raw` and :class:`Element`."""
    return _framed(_field(name, one) for name, one in document.items())


def joined(parts: Sequence[tuple[str, Element]]) -> Raw:
    """A document of elements that are there already."""
    return Raw(_framed(bytes([one.kind]) + name.encode() + b"\0" + one.data for name, one in parts))


def _framed(parts: Iterator[bytes]) -> bytes:
    body = b"".join(parts)
    return _INT.pack(len(body) + 5) + body + b"\0"


def _field(name: str, what: Any) -> bytes:
    kind, data = element(what)
    return bytes([kind]) + name.encode(errors="surrogateescape") + b"\0" + data


def element(what: Any) -> Element:
    """What a value is in BSON.

    :raises TypeError: when there is nothing that it could be.
    """
    if isinstance(what, Element):
        return what
    if what is None:
        return Element(NULL, b"")
    for kind, make in _WRITTEN:
        if isinstance(what, kind):
            return make(what)
    raise TypeError(f"{type(what).__name__} is nothing that BSON has")


def _text(text: str) -> Element:
    data = text.encode()
    return Element(STRING, _INT.pack(len(data) + 1) + data + b"\0")


def _number(number: int) -> Element:
    if _SMALLEST <= number <= _LARGEST:
        return Element(INT, _INT.pack(number))
    return Element(LONG, struct.pack("<q", number))


def _list(values: Sequence[Any]) -> Element:
    return Element(ARRAY, encode({str(at): one for at, one in enumerate(values)}))


_WRITTEN: tuple[tuple[Any, Any], ...] = (
    (Raw, lambda raw: Element(DOCUMENT, bytes(raw))),
    (bool, lambda yes: Element(BOOLEAN, bytes([yes]))),
    (int, _number),
    (float, lambda number: Element(DOUBLE, struct.pack("<d", number))),
    (str, _text),
    (bytes, lambda data: Element(BINARY, _INT.pack(len(data)) + b"\0" + data)),
    (Mapping, lambda document: Element(DOCUMENT, encode(document))),
    (Sequence, _list),
)


def words(one: Element) -> str:
    """A value for people; short."""
    kind, data = one
    if kind == OBJECT_ID:
        return f"ObjectId({data.hex()})"
    if kind in (STRING, DOUBLE, INT, LONG, BOOLEAN, NULL):
        return repr(value(one))[:60]
    return f"type {kind}: {data.hex()[:40]}"
