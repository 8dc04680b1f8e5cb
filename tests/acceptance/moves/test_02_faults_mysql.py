"""Issue 5, 2, MariaDB: whatever fails where, the app is on a correct store, nothing is lost, and the message helps."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move, cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.binlog import Stream, end_of
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.wire import Connection
from tests.acceptance.moves.conftest import Marias
from tests.support.maria import MariaApp, fill_maria
from tests.support.moving import PATIENT_SECONDS, App, Tap, a_move, cut_run, describe, moved, nothing_left

MOST_CUTS = 60


def on_source(app: App, pair: Marias) -> None:
    """As if nothing had happened: users write to the source, and nothing of the move is left."""
    app.__exit__()
    assert not app.tap.flipped
    assert app.failed == []
    assert app.read_back(pair[0]) == (0, 0)
    nothing_left(*pair)
    assert pair[1].sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop'") == "0"
    pair[0].connect().run("INSERT INTO t1 (word) VALUES ('still')")


def cut_at(number: int, pair: Marias, folder: Path) -> bool:
    """SIGKILL at the ``number``-th writing of the journal, then the same again; whether there was such a one."""
    folder.mkdir()
    tap = Tap(folder)
    describe(folder, *pair)
    for one in pair:
        one.empty()
    fill_maria(pair[0], 600, tables=4)
    with MariaApp(pair, tap, tables=4) as app:
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
        assert app.read_back(pair[1]) == (0, 0), before
        nothing_left(*pair)
        assert json.loads((folder / "db.json").read_text())["state"] == "moved"
    return ended.returncode == -9


@pytest.mark.parametrize("number", [3, 7, 11, 14, 18, 22])
def test_cut_at(marias: Marias, tmp_path: Path, number: int) -> None:
    assert cut_at(number, marias, tmp_path / "cut")


@pytest.mark.long
def test_cut_anywhere(marias: Marias, tmp_path: Path) -> None:
    """After every writing of the journal in turn, until a run comes to its end."""
    cuts = 0
    for number in range(1, MOST_CUTS):
        if not cut_at(number, marias, tmp_path / str(number)):
            break
        cuts += 1
    assert 20 < cuts < MOST_CUTS - 1


@pytest.fixture
def following(maria_pair: Marias, tmp_path: Path) -> Iterator[tuple[Move, App]]:
    fill_maria(maria_pair[0], 6000)
    tap = Tap(tmp_path)
    with MariaApp(maria_pair, tap) as app:
        move = a_move(tmp_path, *maria_pair, fence_seconds=PATIENT_SECONDS)
        move.begin()
        yield move, app
        move.engine.close()


BEHIND = {
    "changed": "UPDATE t3 SET word = 'other' WHERE id = 150",
    "deleted": "DELETE FROM t3 WHERE id = 150",
    "added": "INSERT INTO t3 (word) VALUES ('more')",
    "emptied": "TRUNCATE t5",
    "a column added": "ALTER TABLE t3 ADD more int",
    "an index dropped": "DROP INDEX writer ON t3",
}


@pytest.mark.parametrize("what", BEHIND)
def test_behind_our_back(maria_pair: Marias, following: tuple[Move, App], what: str) -> None:
    """On the target, after everything was compared; no row that the app touches."""
    move, app = following
    maria_pair[1].sql(BEHIND[what])
    with pytest.raises(StairwayError) as caught:
        cut_over([move], app.tap)
    assert "abort" in str(caught.value)
    assert move.abort()
    move.engine.close()
    on_source(app, maria_pair)


def test_the_source_gets_another_column(maria_pair: Marias, following: tuple[Move, App]) -> None:
    move, app = following
    maria_pair[0].sql("ALTER TABLE t4 ADD more int")
    with pytest.raises(StairwayError, match="other definitions"):
        cut_over([move], app.tap)
    assert move.abort()
    move.engine.close()
    on_source(app, maria_pair)


def test_nobody_writes_to_the_target_before_the_switch(maria_pair: Marias, following: tuple[Move, App]) -> None:
    """The new colour is up already, with the target's address; it may read. Its sessions write once they may."""
    move, app = following
    there = maria_pair[1].connect()
    assert int(there.one("SELECT COUNT(*) FROM t1") or 0) >= 100
    with pytest.raises(StairwayError, match="denied"):
        there.run("INSERT INTO t1 (word) VALUES ('early')")
    cut_over([move], app.tap)
    there.run("INSERT INTO t1 (word) VALUES ('now')")
    move.finish()
    app.__exit__()
    assert app.failed == []
    assert app.read_back(maria_pair[1]) == (0, 0)


def test_a_transaction_that_does_not_end(maria_pair: Marias, tmp_path: Path, following: tuple[Move, App]) -> None:
    patient, app = following
    patient.engine.close()
    long = maria_pair[0].connect()
    long.run("BEGIN; INSERT INTO t6 (word) VALUES ('long')")
    with pytest.raises(StairwayError, match="did not end in time"):
        moved(tmp_path, *maria_pair, app.tap)
    long.run("COMMIT")
    moved(tmp_path, *maria_pair, app.tap, fence_seconds=PATIENT_SECONDS)
    app.__exit__()
    assert app.failed == []
    assert app.read_back(maria_pair[1]) == (0, 0)
    assert maria_pair[1].sql("SELECT COUNT(*) FROM t6 WHERE word = 'long'") == "1"


@pytest.mark.parametrize("which", [0, 1], ids=["source", "target"])
def test_a_server_is_killed_while_it_follows(
    maria_pair: Marias, tmp_path: Path, following: tuple[Move, App], which: int
) -> None:
    move, app = following
    maria_pair[which].kill()
    time.sleep(0.5)
    with pytest.raises(StairwayError):
        cut_over([move], app.tap)
    move.engine.close()
    app.__exit__()
    assert which == 0 or app.failed == []
    maria_pair[which].again()
    with MariaApp(maria_pair, app.tap, first=50) as again:
        moved(tmp_path, *maria_pair, app.tap, fence_seconds=PATIENT_SECONDS)
        again.__exit__()
        assert again.failed == []
        assert again.read_back(maria_pair[1]) == (0, 0)
    assert app.read_back(maria_pair[1]) == (0, 0)


def test_whoever_has_our_number_stays(maria_pair: Marias) -> None:
    """A server that was started again counts its sessions anew: ours of before is one of the app's now."""
    source = maria_pair[0]
    source.kill()
    source.again()
    with closing(Connection(source.server, source.admin)) as one:
        streams = [Stream(source.server, source.admin, end_of(one), number) for number in (4711, 4712)]
        streams[0].close()
        assert wait.until(lambda: len([each for each in source.left() if "Dump" in each]) == 1 or None, seconds=60)
    source.kill()
    source.again()
    theirs = [source.connect()]
    while theirs[-1].id < streams[1].connection.id:
        theirs.append(source.connect())
    streams[1].close()
    assert [each.one("SELECT 1") for each in theirs] == ["1"] * len(theirs)
    for each in theirs:
        each.close()


HINDERS = {
    "no primary key": ("CREATE TABLE bare (a int)", "bare has no primary key", "ADD PRIMARY KEY"),
    "no transactions": ("CREATE TABLE old (a int PRIMARY KEY) ENGINE = MyISAM", "old is MyISAM", "ENGINE = InnoDB"),
    "another's view": (
        "CREATE DEFINER = root@localhost VIEW v AS SELECT 1",
        "the view v acts as root@localhost",
        "make it again as shop",
    ),
    "a history": ("CREATE TABLE past (a int PRIMARY KEY) WITH SYSTEM VERSIONING", "keeps its history", "DROP SYSTEM"),
}


@pytest.mark.parametrize("what", HINDERS)
def test_what_a_preflight_sees(maria_pair: Marias, tmp_path: Path, what: str) -> None:
    statement, told, fix = HINDERS[what]
    maria_pair[0].sql(statement)
    move = a_move(tmp_path, *maria_pair)
    with pytest.raises(StairwayError, match=told) as caught:
        move.begin()
    move.engine.close()
    assert fix in str(caught.value)
    assert not move.journal.open


def test_a_target_with_data_is_refused(maria_pair: Marias, tmp_path: Path) -> None:
    maria_pair[1].sql("CREATE TABLE theirs (a int)")
    move = a_move(tmp_path, *maria_pair)
    with pytest.raises(StairwayError, match="not empty: it has theirs"):
        move.begin()
    move.engine.close()
