"""What PostgreSQL's own plugin ``pgoutput`` says of changes, version 1 of its protocol. Pure.

https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal, TypeAlias


class Unchanged:
    """A value kept outside its row (TOAST) that an update did not touch: it was not sent."""


UNCHANGED = Unchanged()
Value: TypeAlias = "str | None | Unchanged"
Values: TypeAlias = "tuple[Value, ...]"


@dataclass(frozen=True)
class Relation:
    """A table as the changes after it are written. ``identity`` is ``d`` (primary key), ``i`` (an index), ``f`` (the
    whole row) or ``n`` (nothing); ``keys`` says of each column whether it belongs to that.
    """

    oid: int
    schema: str
    name: str
    identity: str
    columns: tuple[str, ...]
    keys: tuple[bool, ...]


@dataclass(frozen=True)
class Begin:
    """A transaction begins; ``lsn`` is where its commit stands."""

    lsn: int


@dataclass(frozen=True)
class Commit:
    """It ends; ``end`` is the place behind it, from which to go on."""

    lsn: int
    end: int


@dataclass(frozen=True)
class Change:
    """One row. ``old`` is what it was told by before: None where its key did not change."""

    kind: Literal["I", "U", "D"]
    oid: int
    old: Values | None
    new: Values | None


@dataclass(frozen=True)
class Truncate:
    """Tables were emptied."""

    oids: tuple[int, ...]
    cascade: bool
    restart: bool


Message: TypeAlias = "Relation | Begin | Commit | Change | Truncate | None"


def parse(data: bytes) -> Message:
    """One message; None for what says nothing about rows (types, origins)."""
    kind = data[:1]
    if kind == b"I":
        return Change("I", _oid(data), None, _values(data, 6)[0])
    if kind == b"U":
        return _update(data)
    if kind == b"D":
        return Change("D", _oid(data), _values(data, 6)[0], None)
    if kind == b"B":
        return Begin(struct.unpack_from("!q", data, 1)[0])
    if kind == b"C":
        lsn, end = struct.unpack_from("!qq", data, 2)
        return Commit(lsn, end)
    if kind == b"R":
        return _relation(data)
    if kind == b"T":
        count, options = struct.unpack_from("!iB", data, 1)
        return Truncate(struct.unpack_from(f"!{count}I", data, 6), bool(options & 1), bool(options & 2))
    if kind in (b"Y", b"O", b"M"):
        return None
    raise ValueError(f"unknown message {kind!r}")


def _oid(data: bytes) -> int:
    return int(struct.unpack_from("!I", data, 1)[0])


def _update(data: bytes) -> Change:
    old: Values | None = None
    at = 6
    if data[5:6] in (b"K", b"O"):
        old, at = _values(data, at)
        at += 1
    return Change("U", _oid(data), old, _values(data, at)[0])


def _values(data: bytes, at: int) -> tuple[Values, int]:
    (count,) = struct.unpack_from("!h", data, at)
    at += 2
    found: list[Value] = []
    for _number in range(count):
        kind = data[at]
        at += 1
        if kind == 116:  # t
            (length,) = struct.unpack_from("!i", data, at)
            at += 4
            found.append(data[at : at + length].decode())
            at += length
        elif kind == 110:  # n
            found.append(None)
        else:
            found.append(UNCHANGED)
    return tuple(found), at


def _relation(data: bytes) -> Relation:
    schema, at = _text(data, 5)
    name, at = _text(data, at)
    identity = data[at : at + 1].decode()
    (count,) = struct.unpack_from("!h", data, at + 1)
    at += 3
    columns, keys = [], []
    for _number in range(count):
        keys.append(bool(data[at] & 1))
        column, at = _text(data, at + 1)
        at += 8
        columns.append(column)
    return Relation(_oid(data), schema or "pg_catalog", name, identity, tuple(columns), tuple(keys))


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode(), end + 1


def number_of(lsn: str) -> int:
    """``16/B374D848`` as a number."""
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def lsn_of(number: int) -> str:
    return f"{number >> 32:X}/{number & 0xFFFFFFFF:X}"
