"""Small pure parts: checksums that add up, rights that come back, arguments without a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Side, Wish
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql import checksum, rights, tools
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.catalogue import Table
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server

TABLE = Table(1, "public", "t", "shop", "d", True, False, False, 0, 0, ("id",), ("id", "g"), ("id",))
LOGIN = Login("shop", "mrk3r:pass\\word", "shop")
HERE = Side(
    "container", Server("db", "postgresql", "172.18.0.2", 5432, False, "postgres:16", "/ca/stores.pem"), LOGIN, LOGIN
)
THERE = Side("managed", Server("db", "postgresql", "x.rds", 5432, True, "postgres:16", "/ca/stores.pem"), LOGIN, LOGIN)
WISH = Wish("shop", "db", "postgresql", HERE, THERE)


def test_a_large_table_is_asked_in_ranges_that_miss_nothing():
    blocks = checksum.BLOCKS * 2 + 5
    asked = checksum.questions(TABLE, blocks, 16)
    assert len(asked) == 3
    assert f"ctid >= '(0,0)' AND ctid < '({checksum.BLOCKS},0)'" in asked[0]
    assert f"ctid >= '({2 * checksum.BLOCKS},0)')" in asked[2], "what was added since is read too"
    assert len(checksum.questions(TABLE, blocks, 13)) == 1
    assert "WHERE" not in checksum.questions(TABLE, 0, 16)[0]


def test_sums_do_not_depend_on_the_order():
    one, other = {}, {}
    checksum.add(one, [("1", "2", "30"), ("5", "1", "-7")])
    checksum.add(one, [("1", "1", "12")])
    checksum.add(other, [("1", "1", "12"), ("5", "1", "-7")])
    checksum.add(other, [("1", "2", "30")])
    assert one == other
    assert checksum.rows_of(one) == 4
    assert checksum.digest(one) == checksum.digest(other)
    checksum.add(other, [("5", "0", "1")])
    assert checksum.digest(one) != checksum.digest(other)


def test_generated_columns_are_compared_too():
    assert '"g"' in checksum.row_hash(TABLE)


def test_rights_are_given_back_as_they_were():
    found = [["a.t", "shop", "shop", "INSERT, UPDATE", ""], ["a.t", "shop", "", "DELETE", "INSERT"]]
    assert rights.taken(found) == [
        'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON a.t FROM "shop" CASCADE',
        "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON a.t FROM PUBLIC CASCADE",
    ]
    assert rights.given(found) == [
        'GRANT INSERT, UPDATE ON a.t TO "shop"',
        "GRANT DELETE ON a.t TO PUBLIC",
        "GRANT INSERT ON a.t TO PUBLIC WITH GRANT OPTION",
    ]
    assert rights.for_us(found, "shop", give=True) == []
    assert rights.for_us(found, "admin", give=False) == [
        'REVOKE SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON a.t FROM "admin"'
    ]


def test_rights_to_columns_are_taken_with_those_to_the_table():
    found = [["a.t", "shop", "w", "INSERT", ""], ["a.t", "shop", "w", "UPDATE (b)", ""]]
    assert rights.taken(found) == ['REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON a.t FROM "w" CASCADE']
    assert rights.given(found) == ['GRANT INSERT ON a.t TO "w"', 'GRANT UPDATE (b) ON a.t TO "w"']


def test_no_password_is_an_argument(tmp_path):
    with tools.Tools.of(WISH, tmp_path) as made:
        line = tools.argv(WISH, made.folder, ["pg_dump"])
        assert "mrk3r" not in " ".join(line)
        file = made.folder / "pgpass"
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text().splitlines()[0] == "172.18.0.2:5432:shop:shop:mrk3r\\:pass\\\\word"
        folder = made.folder
    assert not folder.exists()
    assert f"type=bind,source={Path('/ca')},target=/ca,readonly" in line


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("2; 3079 16 EXTENSION - citext ", True),
        ("3400; 0 0 COMMENT - EXTENSION citext ", True),
        ("5; 2615 2200 SCHEMA - public pg_database_owner", True),
        ("3401; 0 0 ACL - SCHEMA public shop", True),
        ("6; 2615 2201 SCHEMA - other shop", False),
        ("201; 1259 16 TABLE public a shop", False),
        ("7; 826 17 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES postgres", True),
        ("7; 826 17 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES shop", False),
        ("9; 6104 99 PUBLICATION - stairway_shop_db shop", True),
    ],
)
def test_what_the_target_has_already_is_left_out(line, out):
    assert tools.Tools(WISH, Path("/x"))._left_out(line) is out


def test_a_schema_that_an_extension_was_made_in_is_left_out():
    line = "6; 2615 2201 SCHEMA - with blank shop"
    assert tools.Tools(WISH, Path("/x"))._left_out(line, {"with blank"})
    assert not tools.Tools(WISH, Path("/x"))._left_out(line, {"blank"})
