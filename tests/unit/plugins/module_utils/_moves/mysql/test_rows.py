"""Values of the binary log, as MariaDB 11.8 wrote them, and what they are as SQL."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.apply import _ELSEWHERE, _TRUNCATE
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.binlog import Position
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.catalogue import Column
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.rights import _matches
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.rows import reader


def column(kind: str, full: str = "", charset: str = "", length: int = 0) -> Column:
    return Column("a", kind, full or kind, charset, length, False)


VALUES = {
    "a small number": (1, b"", column("tinyint"), b"\xff", "-1"),
    "one without a sign": (8, b"", column("bigint", "bigint unsigned"), b"\xff" * 8, "18446744073709551615"),
    "three bytes": (9, b"", column("mediumint"), b"\x00\x00\x80", "-8388608"),
    "a double": (5, b"\x08", column("double"), b"\x9a\x99\x99\x99\x99\x99\xb9\x3f", "'0.1'"),
    "minus nothing": (5, b"\x08", column("double"), b"\0\0\0\0\0\0\0\x80", "'-0.0'"),
    "a decimal": (246, bytes([10, 2]), column("decimal"), b"\x80\0\0\x0c\x22", "00000012.34"),
    "a negative decimal": (246, bytes([10, 2]), column("decimal"), b"\x7f\xff\xff\xf3\xdd", "-00000012.34"),
    "a day": (10, b"", column("date"), (2026 << 9 | 11 << 5 | 21).to_bytes(3, "little"), "'2026-11-21'"),
    "no day": (10, b"", column("date"), b"\0\0\0", "'0000-00-00'"),
    "a moment": (17, b"\x06", column("timestamp"), b"\0\0\0\x01\x00\x00\x05", "'1970-01-01 00:00:01.000005'"),
    "no moment": (17, b"\0", column("timestamp"), b"\0\0\0\0", "'0000-00-00 00:00:00'"),
    "half a second less": (19, b"\x01", column("time"), b"\x7f\xff\xff\xce", "'-00:00:00.50'"),
    "a year": (13, b"", column("year"), b"\x7e", "2026"),
    "no year": (13, b"", column("year"), b"\0", "0"),
    "bits": (16, bytes([3, 1]), column("bit"), b"\x07\xff", "2047"),
    "a text": (15, b"\x50\x00", column("varchar", charset="latin1"), b"\x01\xe9", "_latin1 X'e9'"),
    "a long text": (15, b"\x00\x04", column("varchar", charset="utf8mb4"), b"\x01\x00a", "_utf8mb4 X'61'"),
    "a blob": (252, b"\x02", column("blob"), b"\x02\x00\0'", "X'0027'"),
    "zeros at the end": (254, b"\xfe\x04", column("binary", length=4), b"\x01A", "X'41000000'"),
    "an enum": (254, b"\xf7\x01", column("enum"), b"\x02", "2"),
    "a set": (254, b"\xf8\x02", column("set"), b"\x05\x01", "261"),
}


@pytest.mark.parametrize("what", VALUES)
def test_a_value(what: str) -> None:
    kind, metadata, about, data, told = VALUES[what]
    assert reader(kind, metadata, about)(b"?" + data + b"?", 1) == (told, 1 + len(data))


def test_places_follow_each_other() -> None:
    one, other = Position.parse("binlog.000009:900"), Position.parse("binlog.000010:4")
    assert one < other
    assert str(other) == "binlog.000010:4"


@pytest.mark.parametrize(
    "text", ["FLUSH TABLES", "GRANT SELECT ON a.* TO b", "DROP TEMPORARY TABLE x", "# Dum", "CREATE USER a"]
)
def test_what_a_log_says_that_is_not_about_rows(text: str) -> None:
    assert _ELSEWHERE.match(text)


@pytest.mark.parametrize("text", ["CREATE TABLE a (b int)", "ALTER TABLE a ADD b int", "DROP TABLE a", "INSERT INTO a"])
def test_what_ends_a_move(text: str) -> None:
    assert not _ELSEWHERE.match(text)


@pytest.mark.parametrize(
    ("text", "database", "table"),
    [("TRUNCATE TABLE `a`", None, "a"), ("truncate b", None, "b"), ("TRUNCATE TABLE `c`.`d` /* x */", "c", "d")],
)
def test_truncate(text: str, database: str | None, table: str) -> None:
    found = _TRUNCATE.match(text)
    assert found is not None
    assert found.groups() == (database, table)


@pytest.mark.parametrize(
    ("pattern", "database", "same"),
    [
        ("shop", "shop", True),
        ("sh_p", "shop", True),
        (r"sh\_p", "shop", False),
        (r"a\_b", "a_b", True),
        ("%", "x", True),
    ],
)
def test_a_pattern_of_a_grant(pattern: str, database: str, same: bool) -> None:
    assert _matches(pattern, database) is same
