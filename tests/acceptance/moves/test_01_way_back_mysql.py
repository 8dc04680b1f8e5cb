"""Issue 5, 1, MariaDB: the way back by choice. Only what was written since the switch goes back."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import KEEP, USE
from tests.acceptance.moves.conftest import Marias
from tests.support.maria import MariaApp, fill_maria
from tests.support.moving import PATIENT_SECONDS, Tap, a_move, moved, nothing_left
from tests.support.returning import back, cut_anywhere

ROWS = 12_000
KEPT = ["retention 168"]


@pytest.fixture
def there(maria_pair: Marias, tap: Tap, tmp_path: Path) -> Marias:
    """The app has moved, and what it writes is kept for a way back."""
    fill_maria(maria_pair[0], ROWS)
    with MariaApp(maria_pair, tap) as app:
        moved(tmp_path, *maria_pair, tap, way_back=KEEP, fence_seconds=PATIENT_SECONDS)
        app.__exit__()
        assert app.failed == []
        assert app.read_back(maria_pair[1]) == (0, 0)
    nothing_left(*maria_pair, kept=KEPT)
    return maria_pair


def test_only_what_was_written_since_goes_back(there: Marias, tmp_path: Path) -> None:
    made = "SELECT create_time FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 't1'"
    before = there[0].sql(made)
    there[1].sql("UPDATE t1 SET word = 'since the switch' WHERE id % 3 = 0; DELETE FROM t2 WHERE id % 5 = 0;")
    looked = a_move(tmp_path, there[1], there[0], way_back=USE)
    assert looked.survey().refusals == []  # as --check does
    looked.engine.close()
    back(tmp_path, there, MariaApp, way_back=USE)
    assert there[0].sql(made) == before  # the same table as ever
    assert there[0].sql("SELECT COUNT(*) FROM t1 WHERE word = 'since the switch'") != "0"
    report = json.loads((tmp_path / "db.report.json").read_text())
    figures = report["verify"]["tables"]["t2"]
    counted = there[1].sql("SELECT COUNT(*) FROM t2")  # since the switch nobody can write there
    assert str(figures.get("rows_carried", figures.get("source_rows"))) == counted
    with pytest.raises(StairwayError, match="denied"):
        there[1].connect().run("INSERT INTO t1 (word) VALUES ('late')")


def test_copying_anew_lets_go_of_what_was_kept(there: Marias, tmp_path: Path) -> None:
    back(tmp_path, there, MariaApp, replace_target=True)


@pytest.mark.parametrize("begun", [False, True], ids=["before it", "on it"])
def test_given_up(there: Marias, tmp_path: Path, *, begun: bool) -> None:
    """The app stays, the old place takes no writes, and can be copied to."""
    move = a_move(tmp_path, there[1], there[0], way_back=USE)
    if begun:
        move.begin()
        there[1].connect().run("INSERT INTO t1 (word) VALUES ('meanwhile')")
    assert move.abort()
    move.engine.close()
    nothing_left(*there)
    with pytest.raises(StairwayError, match="denied"):
        there[0].connect().run("INSERT INTO t1 (word) VALUES ('late')")
    back(tmp_path, there, MariaApp, replace_target=True)


def refused(folder: Path, pair: Marias) -> str:
    with pytest.raises(StairwayError) as caught:
        moved(folder, pair[1], pair[0], Tap(folder / "nobody"), way_back=USE)
    pair[1].connect().run("INSERT INTO t1 (word) VALUES ('still')")
    return str(caught.value)


def test_a_row_changed_behind_our_back(there: Marias, tmp_path: Path) -> None:
    """What somebody did to the old place since: found before anybody is led there."""
    there[0].sql("UPDATE t3 SET score = score + 1 WHERE id = 7")
    said = refused(tmp_path, there)
    assert "t3" in said
    assert "-e abort=true" in said


def test_a_migration_since(there: Marias, tmp_path: Path) -> None:
    there[1].sql("ALTER TABLE t4 ADD COLUMN later text")
    said = refused(tmp_path, there)
    assert "t4" in said
    assert "replace_target=db" in said
    nothing_left(there[1], kept=KEPT)  # refused before anything was touched


def test_the_log_is_gone(there: Marias, tmp_path: Path) -> None:
    there[1].sql("FLUSH BINARY LOGS")
    newest = there[1].sql("SHOW MASTER STATUS").split()[0]

    def purged() -> bool | None:
        """MariaDB keeps a log, and says nothing, until its tables are on the disk without it."""
        there[1].sql(f"PURGE BINARY LOGS TO '{newest}'")
        return True if len(there[1].sql("SHOW BINARY LOGS").splitlines()) == 1 else None

    assert wait.until(purged, seconds=60)
    said = refused(tmp_path, there)
    assert "the way back is not there any more" in said
    assert "replace_target=db" in said


@pytest.mark.parametrize("which", [0, 1], ids=["the old place", "the new place"])
def test_a_server_is_killed_on_the_way_back(there: Marias, tmp_path: Path, which: int) -> None:
    move = a_move(tmp_path, there[1], there[0], way_back=USE)
    move.begin()
    there[which].kill()
    time.sleep(0.5)
    move.engine.close()
    there[which].again()
    back(tmp_path, there, MariaApp, way_back=USE)


@pytest.mark.long
def test_cut_anywhere(marias: Marias, tmp_path: Path) -> None:
    def empty() -> None:
        for one in marias:
            one.empty()

    cut_anywhere(tmp_path, marias, MariaApp, fill_maria, ("denied", "connection", "Connection", "killed"), empty)
