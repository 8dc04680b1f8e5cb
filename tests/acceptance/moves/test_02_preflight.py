"""Issue 5, 2: what cannot be followed is said before anything is touched, and moves when that was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.acceptance.moves.conftest import Pair
from tests.support.moving import App, Tap, a_move, fill, moved, nothing_left

ROWS = 6000


def refusal(folder: Path, pair: Pair, **options: str) -> str:
    move = a_move(folder, *pair, **options)
    try:
        with pytest.raises(StairwayError) as caught:
            move.begin()
    finally:
        move.engine.close()
    assert not move.journal.open
    nothing_left(*pair)
    return str(caught.value)


HINDERS = {
    "no primary key": ("CREATE TABLE bare (a int)", "public.bare has no primary key", "ADD PRIMARY KEY"),
    "a deferrable key": (
        "CREATE TABLE later (a int PRIMARY KEY DEFERRABLE)",
        "public.later has a primary key that is DEFERRABLE",
        "DROP CONSTRAINT",
    ),
    "a deferrable key of a partition": (
        "CREATE TABLE parts (a int PRIMARY KEY DEFERRABLE) PARTITION BY RANGE (a);"
        "CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (9)",
        "public.part has a primary key that is DEFERRABLE",
        "REPLICA IDENTITY FULL",
    ),
    "an index that was to tell rows": (
        "CREATE TABLE told (a int NOT NULL, CONSTRAINT told_a UNIQUE (a));"
        "ALTER TABLE told REPLICA IDENTITY USING INDEX told_a; ALTER TABLE told DROP CONSTRAINT told_a",
        "public.told does not say which row a change is about",
        "REPLICA IDENTITY DEFAULT",
    ),
    "unlogged": ("CREATE UNLOGGED TABLE fast (a int PRIMARY KEY)", "public.fast is unlogged", "SET LOGGED"),
    "large objects": ("SELECT lo_from_bytea(0, 'x')", "large objects", "bytea"),
    "row level security": ("ALTER TABLE t0 ENABLE ROW LEVEL SECURITY", "row level security", "DISABLE"),
    "a trigger that fires always": (
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';"
        "CREATE TRIGGER f AFTER INSERT ON t0 FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t0 ENABLE ALWAYS TRIGGER f",
        "a second time",
        "ENABLE TRIGGER",
    ),
    "another owner": ("RESET ROLE; CREATE TABLE foreign_one (a int PRIMARY KEY)", "postgres owns", "REASSIGN"),
}


@pytest.mark.parametrize("what", HINDERS)
def test_the_preflight_refuses(pair: Pair, tmp_path: Path, what: str) -> None:
    fill(pair[0], 600, tables=2)
    make, says, fix = HINDERS[what]
    pair[0].psql(f"SET ROLE shop; SET search_path = public; {make}")
    message = refusal(tmp_path, pair)
    assert says in message
    assert fix in message


def test_a_target_with_data_is_refused(pair: Pair, tmp_path: Path) -> None:
    fill(pair[0], 600, tables=2)
    pair[1].psql("SET ROLE shop; CREATE TABLE public.mine (a int)")
    assert "not empty" in refusal(tmp_path, pair)
    assert pair[1].psql("SELECT count(*) FROM public.mine") == "0"


def test_another_collation_is_refused(pair: Pair, tmp_path: Path) -> None:
    fill(pair[0], 600, tables=2)
    pair[1].psql("DROP DATABASE shop WITH (FORCE)", database="postgres")
    pair[1].psql("CREATE DATABASE shop OWNER shop TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'", database="postgres")
    try:
        assert pair[0].psql("SELECT datcollate FROM pg_database WHERE datname = 'shop'") != "C"
        assert "sort text differently" in refusal(tmp_path, pair)
    finally:
        pair[1].empty()


def test_held_for_as_long_as_it_takes(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    """What cannot be followed moves all the same, when that was asked for: large objects, tables without a key."""
    fill(pair[0], ROWS)
    pair[0].psql(
        "SET ROLE shop; SET search_path = public; CREATE TABLE bare (a int); INSERT INTO bare VALUES (1), (1);"
        "SELECT lo_from_bytea(4711, 'a large object'); CREATE UNLOGGED TABLE fast (a int); INSERT INTO fast VALUES (2)"
    )
    with App(pair, tap) as app:
        moved(tmp_path, *pair, tap, how="dump")
        app.__exit__()
        assert app.failed == []
        assert app.read_back(pair[1]) == (0, 0)
    assert pair[1].psql("SELECT convert_from(lo_get(4711), 'UTF8')") == "a large object"
    assert pair[1].psql("SELECT sum(a) FROM public.bare") == "2"
    nothing_left(*pair)
