"""What the server sends, byte by byte: https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html"""

from __future__ import annotations

import struct

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.pgoutput import (
    UNCHANGED,
    Begin,
    Change,
    Commit,
    Relation,
    Truncate,
    lsn_of,
    number_of,
    parse,
)


def values(*given):
    body = struct.pack("!h", len(given))
    for one in given:
        if one is None:
            body += b"n"
        elif one is UNCHANGED:
            body += b"u"
        else:
            body += b"t" + struct.pack("!i", len(one.encode())) + one.encode()
    return body


def test_a_transaction():
    assert parse(b"B" + struct.pack("!qqi", 0x16B374D848, 5, 700)) == Begin(0x16B374D848)
    assert parse(b"C\0" + struct.pack("!qqq", 10, 20, 5)) == Commit(10, 20)


def test_a_table():
    columns = b"\1id\0" + struct.pack("!ii", 20, -1) + b"\0note\0" + struct.pack("!ii", 25, -1)
    found = parse(b"R" + struct.pack("!I", 4_000_000_000) + b"public\0a table\0d" + struct.pack("!h", 2) + columns)
    assert found == Relation(4_000_000_000, "public", "a table", "d", ("id", "note"), (True, False))


def test_rows():
    assert parse(b"I" + struct.pack("!I", 7) + b"N" + values("1", None, "é\0'")) == Change(
        "I", 7, None, ("1", None, "é\0'")
    )
    assert parse(b"U" + struct.pack("!I", 7) + b"N" + values("1", UNCHANGED)) == Change("U", 7, None, ("1", UNCHANGED))
    both = b"U" + struct.pack("!I", 7) + b"K" + values("1", None) + b"N" + values("2", "x")
    assert parse(both) == Change("U", 7, ("1", None), ("2", "x"))
    assert parse(b"D" + struct.pack("!I", 7) + b"O" + values("1", "x")) == Change("D", 7, ("1", "x"), None)


def test_emptied_tables():
    assert parse(b"T" + struct.pack("!iB2I", 2, 3, 7, 8)) == Truncate((7, 8), True, True)


@pytest.mark.parametrize("kind", [b"Y", b"O"])
def test_what_says_nothing_of_rows(kind):
    assert parse(kind + b"whatever") is None


def test_anything_else_is_not_passed_over():
    with pytest.raises(ValueError, match="unknown"):
        parse(b"?")


def test_places_in_the_log():
    assert number_of("16/B374D848") == 0x16B374D848
    assert lsn_of(0x16B374D848) == "16/B374D848"
    assert number_of(lsn_of(2**40 + 5)) == 2**40 + 5
