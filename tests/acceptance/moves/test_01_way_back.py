"""Issue 5, 1: the way back by choice. Only what was written since the switch goes back to where the app came from."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import KEEP, USE
from tests.acceptance.moves.conftest import Pair
from tests.support.databases import Postgres
from tests.support.moving import PATIENT_SECONDS, App, Tap, a_move, fill, moved, nothing_left
from tests.support.returning import back, cut_anywhere

ROWS = 30_000
BACK = "slot stairway_shop_db_back", "publication stairway_shop_db_back"
BOUND = "ALTER SYSTEM {};\nSELECT pg_reload_conf() \\g /dev/null"


@pytest.fixture
def bounded(pair: Pair) -> Iterator[Pair]:
    """A target that does not fill its disk with what nobody fetches."""
    pair[1].psql(BOUND.format("SET max_slot_wal_keep_size = '512MB'"))
    yield pair
    pair[1].psql(BOUND.format("RESET max_slot_wal_keep_size"))
    for one in pair:
        drop_what_is_kept(one)


def drop_what_is_kept(store: Postgres) -> None:
    """A slot would be in the way of the next test's empty database."""
    store.psql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active")


@pytest.fixture
def there(bounded: Pair, tap: Tap, tmp_path: Path) -> Pair:
    """The app has moved, and what it writes is kept for a way back."""
    fill(bounded[0], ROWS)
    with App(bounded, tap) as app:
        moved(tmp_path, *bounded, tap, way_back=KEEP, fence_seconds=PATIENT_SECONDS)
        app.__exit__()
        assert app.failed == []
        assert app.read_back(bounded[1]) == (0, 0)
    nothing_left(*bounded, kept=BACK)
    return bounded


def test_only_what_was_written_since_goes_back(there: Pair, tmp_path: Path) -> None:
    before = there[0].psql("SELECT relfilenode FROM pg_class WHERE relname = 't1'")
    there[1].psql("UPDATE t1 SET word = 'since the switch' WHERE id % 3 = 0; DELETE FROM t2 WHERE id % 5 = 0;")
    looked = a_move(tmp_path, there[1], there[0], way_back=USE)
    assert looked.survey().refusals == []  # as --check does
    looked.engine.close()
    back(tmp_path, there, App, way_back=USE)
    assert there[0].psql("SELECT relfilenode FROM pg_class WHERE relname = 't1'") == before  # the same table as ever
    assert there[0].psql("SELECT count(*) FROM t1 WHERE word = 'since the switch'") != "0"
    report = json.loads((tmp_path / "db.report.json").read_text())
    counted = there[1].psql("SELECT count(*) FROM t2")  # since the switch nobody can write there
    assert str(report["verify"]["tables"]["public.t2"]["rows"]) == counted
    with pytest.raises(StairwayError, match="permission denied|read-only"):
        there[1].connect().run("INSERT INTO t1 (word) VALUES ('late')")


def test_and_up_again(there: Pair, tmp_path: Path) -> None:
    """The way back keeps no way of its own; going up again copies."""
    back(tmp_path, there, App, way_back=USE)
    third = tmp_path / "third"
    third.mkdir()
    with App(there, Tap(third), first=20) as app:
        moved(tmp_path, *there, app.tap, replace_target=True, fence_seconds=PATIENT_SECONDS)
        app.__exit__()
        assert (app.failed, app.read_back(there[1])) == ([], (0, 0))
    nothing_left(*there)


def test_copying_anew_lets_go_of_what_was_kept(there: Pair, tmp_path: Path) -> None:
    back(tmp_path, there, App, replace_target=True)


def test_given_up(there: Pair, tmp_path: Path) -> None:
    move = a_move(tmp_path, there[1], there[0], way_back=USE)
    assert move.abort()
    move.engine.close()
    nothing_left(*there)
    assert not a_move(tmp_path, there[1], there[0]).journal.something


def test_given_up_on_its_way(there: Pair, tmp_path: Path) -> None:
    """Half-way back: the app stays, the old place takes no writes, and can be copied to."""
    move = a_move(tmp_path, there[1], there[0], way_back=USE)
    move.begin()
    there[1].connect().run("INSERT INTO t1 (word) VALUES ('meanwhile')")
    assert move.abort()
    move.engine.close()
    nothing_left(*there)
    with pytest.raises(StairwayError, match="permission denied|read-only"):
        there[0].connect().run("INSERT INTO t1 (word) VALUES ('late')")
    there[1].connect().run("INSERT INTO t1 (word) VALUES ('still')")
    back(tmp_path, there, App, replace_target=True)


def test_a_row_changed_behind_our_back(there: Pair, tmp_path: Path) -> None:
    """What somebody did to the old place since: found before anybody is led there."""
    there[0].psql("SET default_transaction_read_only = off; UPDATE t3 SET score = score + 1 WHERE id = 7")
    with pytest.raises(StairwayError) as caught:
        moved(tmp_path, there[1], there[0], Tap(tmp_path / "nobody"), way_back=USE)
    assert "t3" in str(caught.value)
    assert "-e abort=true" in str(caught.value)
    there[1].connect().run("INSERT INTO t1 (word) VALUES ('still')")


def test_a_migration_since(there: Pair, tmp_path: Path) -> None:
    there[1].connect().run("ALTER TABLE t4 ADD COLUMN later text; GRANT SELECT ON t5 TO pg_monitor")
    with pytest.raises(StairwayError) as caught:
        moved(tmp_path, there[1], there[0], Tap(tmp_path / "nobody"), way_back=USE)
    assert "t4" in str(caught.value)
    assert "replace_target=db" in str(caught.value)
    nothing_left(there[1], kept=BACK)  # refused before anything was touched


def test_too_much_was_written(there: Pair, tmp_path: Path) -> None:
    """The new place has let go of what it kept, and stays well."""
    there[1].psql(BOUND.format("SET max_slot_wal_keep_size = '1MB'"))
    for _turn in range(3):
        there[1].psql("UPDATE t1 SET data = decode(repeat(md5(random()::text), 2000), 'hex') WHERE id < 400")
        there[1].psql("SELECT pg_switch_wal() \\g /dev/null\nCHECKPOINT")
    with pytest.raises(StairwayError) as caught:
        moved(tmp_path, there[1], there[0], Tap(tmp_path / "nobody"), way_back=USE)
    assert "max_slot_wal_keep_size" in str(caught.value)
    assert "replace_target=db" in str(caught.value)


def test_nothing_bounds_it(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    fill(pair[0], 600)
    with pytest.raises(StairwayError) as caught:
        moved(tmp_path, *pair, tap, way_back=KEEP)
    assert "max_slot_wal_keep_size" in str(caught.value)
    nothing_left(pair[1])


def test_a_container_bounds_it_by_itself(pair: Pair, tap: Tap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There we may set the bound, and it goes with what is kept."""
    plain = Postgres.side
    monkeypatch.setattr(Postgres, "side", lambda one: replace(plain(one), container=None if one.managed else one.name))
    asked = "SELECT setting::int > 0 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'"
    fill(pair[1], 600)
    moved(tmp_path, pair[1], pair[0], tap, way_back=KEEP, fence_seconds=PATIENT_SECONDS)
    assert wait.until(lambda: pair[0].psql(asked) == "t" or None, seconds=60)
    again = tmp_path / "again"
    again.mkdir()
    moved(tmp_path, *pair, Tap(again), way_back=USE, fence_seconds=PATIENT_SECONDS)
    assert wait.until(lambda: pair[0].psql(asked) == "f" or None, seconds=60)
    nothing_left(*pair)


@pytest.mark.parametrize("which", [0, 1], ids=["the old place", "the new place"])
def test_a_server_is_killed_on_the_way_back(there: Pair, tmp_path: Path, which: int) -> None:
    move = a_move(tmp_path, there[1], there[0], way_back=USE)
    move.begin()
    there[which].kill()
    time.sleep(0.5)
    move.engine.close()
    there[which].again()
    back(tmp_path, there, App, way_back=USE)


@pytest.mark.long
def test_cut_anywhere(bounded: Pair, tmp_path: Path) -> None:
    def empty() -> None:
        drop_what_is_kept(bounded[1])
        for one in bounded:
            one.empty()

    cut_anywhere(tmp_path, bounded, App, fill, ("permission denied", "terminating", "read-only"), empty)
