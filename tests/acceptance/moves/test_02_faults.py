"""Issue 5, 2: whatever fails where, the app is on a correct store, nothing is lost, and the message says what to do."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move, cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql import copy
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.catalogue import Table
from tests.acceptance.moves.conftest import Pair
from tests.support.databases import Postgres
from tests.support.moving import PATIENT_SECONDS, App, Tap, a_move, cut_run, describe, fill, goes, moved, nothing_left

ROWS = 6000
# More than a whole move writes into its journal; see test_cut_anywhere.
MOST_CUTS = 60


def on_source(app: App, source: Postgres, target: Postgres) -> None:
    """As if nothing had happened: users write to the source, and nothing of the move is left."""
    app.__exit__()
    assert not app.tap.closed
    assert not app.tap.flipped
    assert app.failed == []
    assert app.read_back(source) == (0, 0)
    nothing_left(source, target)
    assert target.psql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "0"
    source.connect().run("INSERT INTO t1 (word) VALUES ('still')")


# --- a run that is cut ------------------------------------------------------------------------------------------------


def cut_at(number: int, pair: Pair, folder: Path) -> bool:
    """SIGKILL at the ``number``-th writing of the journal, then the same again; whether there was such a one."""
    folder.mkdir()
    tap = Tap(folder)
    describe(folder, *pair)
    for one in pair:
        one.empty()
    fill(pair[0], 600, tables=4)
    with App(pair, tap, tables=4) as app:
        ended = cut_run(folder, number)
        assert ended.returncode in (0, -9), ended.stderr
        journal = json.loads((folder / "db.json").read_text())
        before = (journal["steps"] or [{"name": "nothing"}])[-1]["name"]
        time.sleep(0.1)
        # users are let go at the latest when their hold is over, whoever has died
        if tap.closed:
            tap.release()
        moved(folder, *pair, tap, fence_seconds=PATIENT_SECONDS)
        time.sleep(0.2)
        app.__exit__()
        switching = before in ("switch", "unfence", "keep")
        assert app.failed == [] or switching, (before, app.failed[:3])
        # lost: a session that began while the source was read-only is ended, or it would stay so
        odd = [one for one in app.failed if not re.search("permission denied|terminating|read-only|was lost", one)]
        assert odd == []
        assert app.read_back(pair[1]) == (0, 0), before
        nothing_left(*pair)
        assert json.loads((folder / "db.json").read_text())["state"] == "moved"
    return ended.returncode == -9


@pytest.mark.parametrize("number", [3, 6, 8, 10, 13, 17, 21])
def test_cut_at(pair: Pair, tmp_path: Path, number: int) -> None:
    assert cut_at(number, pair, tmp_path / "cut")


@pytest.mark.long
def test_cut_anywhere(pair: Pair, tmp_path: Path) -> None:
    """After every writing of the journal in turn, until a run comes to its end."""
    cuts = 0
    for number in range(1, MOST_CUTS):
        if not cut_at(number, pair, tmp_path / str(number)):
            break
        cuts += 1
    assert 20 < cuts < MOST_CUTS - 1


# --- a side that goes ------------------------------------------------------------------------------------------------


@pytest.fixture
def at_table(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Do something in the middle of the copy."""

    def arrange(what: Callable[[], object]) -> None:
        plain = copy.Copier._table
        count = iter(range(100))

        def table(self: copy.Copier, one: Table, *ends: object) -> None:
            if next(count) == 5:
                what()
            plain(self, one, *ends)  # type: ignore[arg-type]

        monkeypatch.setattr(copy.Copier, "_table", table)

    return arrange


@pytest.mark.parametrize("which", [0, 1], ids=["source", "target"])
def test_a_server_is_killed_in_the_copy(pair: Pair, tap: Tap, tmp_path: Path, at_table: Callable, which: int) -> None:
    fill(pair[0], ROWS)
    at_table(pair[which].kill)
    with pytest.raises(StairwayError) as caught:
        moved(tmp_path, *pair, tap)
    assert "run the same command again" in str(caught.value)
    pair[which].again()
    goes(tmp_path, pair, tap)


def test_the_target_is_killed_while_it_follows(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    fill(pair[0], ROWS)
    with App(pair, tap) as app:
        move = a_move(tmp_path, *pair)
        move.begin()
        pair[1].kill()
        time.sleep(0.5)
        with pytest.raises(StairwayError):
            cut_over([move], tap)
        move.engine.close()
        app.__exit__()
        assert app.failed == []
        assert app.read_back(pair[0]) == (0, 0)
    pair[1].again()
    goes(tmp_path, pair, tap)


@pytest.mark.parametrize("harm", ["", "DELETE FROM public.t7 WHERE id = 190"], ids=["whole", "harmed"])
def test_the_target_forgets_while_nobody_follows(pair: Pair, tap: Tap, tmp_path: Path, harm: str) -> None:
    """A server that crashes loses its counters: what they no longer prove is compared again, before the fence."""
    fill(pair[0], ROWS)
    with App(pair, tap) as app:
        move = a_move(tmp_path, *pair)
        move.begin()
        move.engine.close()
        pair[1].kill()
        pair[1].again()
        if harm:
            pair[1].psql(harm)
            with pytest.raises(StairwayError, match=r"public\.t7") as caught:
                moved(tmp_path, *pair, tap)
            assert "190" in str(caught.value)
            move = a_move(tmp_path, *pair)
            assert move.abort()
            move.engine.close()
            on_source(app, *pair)
            return
        move = moved(tmp_path, *pair, tap, fence_seconds=PATIENT_SECONDS)
        assert len(move.journal.facts["compared_again"]) == 30
        app.__exit__()
        assert app.failed == []
        assert app.read_back(pair[1]) == (0, 0)


def test_the_targets_disk_is_full(
    pair: Pair, tap: Tap, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    low = pair[0].version
    small = Postgres(f"mv-pg-{low}-small", "10.214.77.200", low, True, tmp_path_factory.mktemp("small"))
    small.start(
        *("--tmpfs", "/var/lib/postgresql/data:size=90m", "--env", "PGDATA=/var/lib/postgresql/data/pg"),
        arguments=("-c", "max_wal_size=32MB", "-c", "min_wal_size=32MB"),
    )
    try:
        fill(pair[0], 200_000)
        with App((pair[0], small), tap) as app:
            with pytest.raises(StairwayError) as caught:
                moved(tmp_path, pair[0], small, tap)
            # a full disk ends the server where it cannot write its log either
            assert re.search("53100|room on its disk", str(caught.value))
            app.__exit__()
            assert app.failed == []
            assert app.read_back(pair[0]) == (0, 0)
        nothing_left(pair[0])
        goes(tmp_path, pair, tap)
    finally:
        small.remove()


# --- somebody else ---------------------------------------------------------------------------------------------------


@pytest.fixture
def following(pair: Pair, tap: Tap, tmp_path: Path) -> Iterator[tuple[Move, App]]:
    fill(pair[0], ROWS)
    with App(pair, tap) as app:
        move = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
        move.begin()
        yield move, app
        move.engine.close()


BEHIND = {
    "changed": "UPDATE t3 SET word = 'other' WHERE id = 150",
    "deleted": "DELETE FROM t3 WHERE id = 150",
    "added": "INSERT INTO t3 (id, word) VALUES (900000, 'more')",
    "a column added": "ALTER TABLE t3 ADD more int",
    "an index dropped": "DROP INDEX t3_writer_number_idx",
    "rows hidden": "ALTER TABLE t3 ENABLE ROW LEVEL SECURITY",
}


@pytest.mark.parametrize("what", BEHIND)
def test_behind_our_back(pair: Pair, tap: Tap, following: tuple[Move, App], what: str) -> None:
    """On the target, after everything was compared; no row that the app touches."""
    move, app = following
    pair[1].psql(f"SET search_path = public; {BEHIND[what]}")
    with pytest.raises(StairwayError) as caught:
        cut_over([move], tap)
    assert "t3" in str(caught.value)
    assert "abort" in str(caught.value)
    assert move.abort()
    move.engine.close()
    on_source(app, *pair)


def test_a_row_that_the_app_needs_is_gone(pair: Pair, tap: Tap, following: tuple[Move, App]) -> None:
    move, app = following
    pair[1].psql("DELETE FROM public.t2 WHERE id < 98")
    time.sleep(2)
    with pytest.raises(StairwayError, match="somebody else has changed the target|not the same"):
        cut_over([move], tap)
    assert move.abort()
    move.engine.close()
    on_source(app, *pair)


def test_the_source_gets_another_column(pair: Pair, tap: Tap, following: tuple[Move, App]) -> None:
    move, app = following
    pair[0].psql("ALTER TABLE public.t4 ADD more int")
    time.sleep(1)
    with pytest.raises(StairwayError):
        cut_over([move], tap)
    assert move.abort()
    move.engine.close()
    on_source(app, *pair)


def test_nobody_writes_to_the_target_before_the_switch(pair: Pair, following: tuple[Move, App]) -> None:
    """The new colour is up already, with the target's address; it may read."""
    there = pair[1].connect()
    assert int(there.one("SELECT count(*) FROM t1") or 0) >= 100
    with pytest.raises(StairwayError, match="permission denied"):
        there.run("INSERT INTO t1 (word) VALUES ('early')")


def test_a_sequence_is_ahead(pair: Pair, tap: Tap, tmp_path: Path, following: tuple[Move, App]) -> None:
    move, app = following
    pair[1].psql("SELECT setval('public.t5_id_seq', 999999)")
    cut_over([move], tap)
    move.finish()
    app.__exit__()
    assert app.failed == []
    assert int(pair[1].psql("SELECT last_value FROM public.t5_id_seq")) < 999999


def test_a_transaction_that_does_not_end(pair: Pair, tap: Tap, tmp_path: Path, following: tuple[Move, App]) -> None:
    patient, app = following
    patient.engine.close()
    long = pair[0].connect()
    long.run("BEGIN; INSERT INTO t6 (word) VALUES ('long')")
    with pytest.raises(StairwayError) as caught:
        moved(tmp_path, *pair, tap)
    assert re.search(r"process \d+ of shop", str(caught.value))
    long.run("COMMIT")
    moved(tmp_path, *pair, tap, fence_seconds=PATIENT_SECONDS)
    app.__exit__()
    assert app.failed == []
    assert app.read_back(pair[1]) == (0, 0)
    assert pair[1].psql("SELECT count(*) FROM public.t6 WHERE word = 'long'") == "1"


SLOWLY = {"vacuum_cost_delay": "100ms", "vacuum_cost_limit": "1"}


def at_it(source: Postgres, who: str) -> bool | None:
    """Whether somebody vacuums t1, which is large enough to take him minutes."""
    asked = f"""SELECT count(*) FROM pg_stat_progress_vacuum JOIN pg_stat_activity USING (pid)
      WHERE relid = 't1'::regclass AND backend_type = '{who}'"""
    return source.psql(asked) == "1" or None


@pytest.fixture
def large(pair: Pair) -> Postgres:
    fill(pair[0], ROWS)
    pair[0].psql("INSERT INTO t1 (word) SELECT repeat('x', 100) FROM generate_series(1, 20000)")
    pair[0].psql("UPDATE t1 SET score = 1 WHERE word LIKE 'xx%'")
    return pair[0]


@pytest.fixture
def vacuumed(large: Postgres) -> Iterator[Postgres]:
    """By the server itself."""
    slow = ", ".join(f"autovacuum_{name} = '{value.removesuffix('ms')}'" for name, value in SLOWLY.items())
    # slow at this table only, or all of its workers would be busy with others for minutes
    large.psql(f"ALTER TABLE t1 SET ({slow}); ALTER SYSTEM SET autovacuum_naptime = '1s';")
    large.psql("SELECT pg_reload_conf() \\g /dev/null")
    assert wait.until(partial(at_it, large, "autovacuum worker"), seconds=60)
    yield large
    large.psql("ALTER SYSTEM RESET autovacuum_naptime")
    large.psql("SELECT pg_reload_conf() \\g /dev/null")


def test_an_autovacuum_is_not_in_the_way(vacuumed: Postgres, pair: Pair, tap: Tap, tmp_path: Path) -> None:
    """A large store always has one, which the fence's lock would wait for."""
    with App(pair, tap) as app:
        move = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
        try:
            move.begin()
            # what the move has ended before comes back each second, while there is something to do
            vacuumed.psql("UPDATE t1 SET score = 2 WHERE word LIKE 'xx%'")
            assert wait.until(partial(at_it, vacuumed, "autovacuum worker"), seconds=30)
            cut_over([move], tap)
            move.finish()
        finally:
            move.engine.close()
        app.__exit__()
        assert app.failed == []
        assert app.read_back(pair[1]) == (0, 0)


def test_a_vacuum_by_hand_is_named(large: Postgres, pair: Pair, tap: Tap, tmp_path: Path) -> None:
    """Nobody but who began it may end it."""
    large.psql("ALTER TABLE t1 SET (autovacuum_enabled = off)")

    def by_hand() -> None:
        with contextlib.suppress(AssertionError):  # it is ended below
            large.psql("".join(f"SET {name} = '{value}';\n" for name, value in SLOWLY.items()) + "VACUUM t1")

    vacuum = threading.Thread(target=by_hand, daemon=True)
    vacuum.start()
    assert wait.until(partial(at_it, large, "client backend"), seconds=60)
    with pytest.raises(StairwayError) as caught:
        moved(tmp_path, *pair, tap)
    assert re.search(r"process \d+ of postgres \(psql\)", str(caught.value))
    large.psql("SELECT pg_cancel_backend(pid) FROM pg_stat_progress_vacuum")
    vacuum.join()
    goes(tmp_path, pair, tap)


def test_abort(pair: Pair, tap: Tap, tmp_path: Path, following: tuple[Move, App]) -> None:
    move, app = following
    assert move.abort()
    move.engine.close()
    on_source(app, *pair)
    goes(tmp_path, pair, tap)
