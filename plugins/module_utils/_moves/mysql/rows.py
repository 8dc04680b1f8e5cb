"""Values as the binary log holds them, written as SQL. Pure.

https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Table__map__event.html
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from ..._common.errors import StairwayError
from .catalogue import SHAPES, Column

# What reads one value: of these bytes, from here on, gives the SQL and where the next one begins.
Reader = Callable[[bytes, int], "tuple[str, int]"]
NULL = "NULL"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_INTEGERS = {1: 1, 2: 2, 3: 4, 8: 8, 9: 3}
_FLOAT, _DOUBLE, _YEAR, _DATE, _VARCHAR, _BIT, _DECIMAL = 4, 5, 13, 10, 15, 16, 246
_TIMESTAMP2, _DATETIME2, _TIME2, _ENUM, _SET, _BLOBS, _STRINGS = 17, 18, 19, 247, 248, range(249, 253), (253, 254)
_GEOMETRY = 255
# How many bytes so many decimal digits take.
_DIGITS = (0, 1, 1, 2, 2, 3, 3, 4, 4, 4)
# Bytes of metadata that a type has in a table map.
METADATA = {
    **{_FLOAT: 1, _DOUBLE: 1, _VARCHAR: 2, _BIT: 2, _DECIMAL: 2, _TIMESTAMP2: 1, _DATETIME2: 1, _TIME2: 1},
    **{_ENUM: 2, _SET: 2, **{kind: 1 for kind in _BLOBS}, **{kind: 2 for kind in _STRINGS}, _GEOMETRY: 1, 245: 1},
}


def reader(kind: int, metadata: bytes, column: Column) -> Reader:
    """:raises StairwayError: for a type that is not carried."""
    if kind in _INTEGERS:
        return _integer(_INTEGERS[kind], signed="unsigned" not in column.full)
    if kind in (_FLOAT, _DOUBLE):
        return _real(kind)
    if kind == _DECIMAL:
        return _decimal(metadata[0], metadata[1])
    if kind == _YEAR:
        return lambda data, at: (str(1900 + data[at]) if data[at] else "0", at + 1)
    if kind == _BIT:
        return _bytes_as_number(metadata[1] + bool(metadata[0]), "big")
    if kind in (_DATE, _TIMESTAMP2, _DATETIME2, _TIME2):
        return _time(kind, metadata)
    return _text(kind, metadata, column)


def _text(kind: int, metadata: bytes, column: Column) -> Reader:
    if kind in _STRINGS:
        real, size = metadata[0], metadata[1]
        if real in (_ENUM, _SET):
            return _bytes_as_number(size, "little")
        # a long CHAR has the two high bits of its length in the type
        most = size | ((real & 0x30) ^ 0x30) << 4
        return _string(1 if most < 256 else 2, column)
    if kind == _VARCHAR:
        return _string(1 if struct.unpack("<H", metadata)[0] < 256 else 2, column)
    if kind in _BLOBS or kind == _GEOMETRY:
        return _string(metadata[0], column)
    raise StairwayError(
        f"The column {column.name} has a type that changes are not carried of.",
        found=f"{column.full} (type {kind})",
        fix="-e move_how=dump moves it while the app is held",
    )


def _integer(size: int, *, signed: bool) -> Reader:
    def read(data: bytes, at: int) -> tuple[str, int]:
        return str(int.from_bytes(data[at : at + size], "little", signed=signed)), at + size

    return read


def _bytes_as_number(size: int, order: str) -> Reader:
    def read(data: bytes, at: int) -> tuple[str, int]:
        return str(int.from_bytes(data[at : at + size], "big" if order == "big" else "little")), at + size

    return read


def _real(kind: int) -> Reader:
    form, size = ("<f", 4) if kind == _FLOAT else ("<d", 8)

    def read(data: bytes, at: int) -> tuple[str, int]:
        # as a text: a number without an exponent would be a decimal, which knows no -0
        return f"'{struct.unpack_from(form, data, at)[0]!r}'", at + size

    return read


def _decimal(precision: int, scale: int) -> Reader:
    """Groups of nine digits, the sign in the first bit, and all bits turned where it is negative."""
    whole, rest = divmod(precision - scale, 9)
    groups = ([rest] if rest else []) + [9] * whole
    parts, left = divmod(scale, 9)
    fraction = [9] * parts + ([left] if left else [])
    size = sum(_DIGITS[one] for one in groups + fraction)

    def read(data: bytes, at: int) -> tuple[str, int]:
        raw = bytearray(data[at : at + size])
        negative = not raw[0] & 0x80
        raw[0] ^= 0x80
        if negative:
            raw = bytearray(byte ^ 0xFF for byte in raw)
        digits, here = "", 0
        for one in groups + fraction:
            there = here + _DIGITS[one]
            digits += str(int.from_bytes(raw[here:there], "big")).zfill(one)
            here = there
        cut = precision - scale
        number = (digits[:cut] or "0") + ("." + digits[cut:] if scale else "")
        return ("-" if negative else "") + number, at + size

    return read


def _time(kind: int, metadata: bytes) -> Reader:
    if kind == _DATE:
        return _date
    places = metadata[0]
    return {_TIMESTAMP2: _timestamp, _DATETIME2: _datetime, _TIME2: _clock}[kind](places, (places + 1) // 2)


def _date(data: bytes, at: int) -> tuple[str, int]:
    value = int.from_bytes(data[at : at + 3], "little")
    return f"'{value >> 9:04d}-{value >> 5 & 15:02d}-{value & 31:02d}'", at + 3


def _fraction(value: int, size: int) -> str:
    """Hundredths, ten thousandths or millionths, as a text with its point."""
    return f".{value:0{size * 2}d}" if size else ""


def _timestamp(_places: int, size: int) -> Reader:
    def read(data: bytes, at: int) -> tuple[str, int]:
        seconds = int.from_bytes(data[at : at + 4], "big")
        part = int.from_bytes(data[at + 4 : at + 4 + size], "big")
        if not seconds and not part:
            return "'0000-00-00 00:00:00'", at + 4
        moment = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")
        return f"'{moment}{_fraction(part, size)}'", at + 4 + size

    def whole(data: bytes, at: int) -> tuple[str, int]:
        return read(data, at)[0], at + 4 + size

    return whole


def _datetime(_places: int, size: int) -> Reader:
    def read(data: bytes, at: int) -> tuple[str, int]:
        value = int.from_bytes(data[at : at + 5], "big") - 0x8000000000
        days, clock = value >> 17, value & 0x1FFFF
        months = days >> 5
        day = f"{months // 13:04d}-{months % 13:02d}-{days & 31:02d}"
        part = _fraction(int.from_bytes(data[at + 5 : at + 5 + size], "big"), size)
        return f"'{day} {clock >> 12:02d}:{clock >> 6 & 63:02d}:{clock & 63:02d}{part}'", at + 5 + size

    return read


def _clock(_places: int, size: int) -> Reader:
    """The whole with its fraction is one number, and below half of its range it is negative."""

    def read(data: bytes, at: int) -> tuple[str, int]:
        end = at + 3 + size
        value = int.from_bytes(data[at:end], "big") - (0x800000 << 8 * size)
        sign, value = ("-", -value) if value < 0 else ("", value)
        clock, part = value >> 8 * size, value & (1 << 8 * size) - 1
        hours = f"{sign}{clock >> 12 & 0x3FF:02d}"
        return f"'{hours}:{clock >> 6 & 63:02d}:{clock & 63:02d}{_fraction(part, size)}'", end

    return read


def _string(head: int, column: Column) -> Reader:
    before = f"_{column.charset} " if column.charset and column.kind == "text" else ""
    # what a fixed length had of zeros at its end is not in the log, and a key without them is another
    padded = column.length if column.type == "binary" else 0
    quoted = _UNUSUAL.get(column.type)

    def read(data: bytes, at: int) -> tuple[str, int]:
        here = at + head
        there = here + int.from_bytes(data[at:here], "little")
        value = data[here:there]
        if quoted is not None:
            return quoted(value), there
        return f"{before}X'{value.ljust(padded, bytes(1)).hex()}'", there

    return read


def _uuid(value: bytes) -> str:
    """A server keeps those of version 1, 6 and the like by their time, the last part first."""
    value = value.ljust(16, b"\0")
    if value[6] & 0x80 and not value[8] & 0x80:
        value = value[12:16] + value[10:12] + value[8:10] + value[6:8] + value[0:6]
    return f"'{value.hex()}'"


def _inet6(value: bytes) -> str:
    return f"X'{value.ljust(16, bytes(1)).hex()}'"


def _inet4(value: bytes) -> str:
    return f"X'{value.ljust(4, bytes(1)).hex()}'"


_UNUSUAL: dict[str, Callable[[bytes], str]] = {"uuid": _uuid, "inet6": _inet6, "inet4": _inet4}
_UNUSUAL.update({shape: (lambda value: f"X'{value.hex()}'") for shape in SHAPES})
