"""Issue 5, 1, MariaDB: up and down under writes; nothing lost or doubled, no request failed, the fence at most 5 s."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.acceptance.moves.conftest import Marias
from tests.support.maria import Maria, MariaApp, fill_maria
from tests.support.moving import Tap, moved, nothing_left

SMALL, LARGE = 30_000, 3_000_000


def go(folder: Path, pair: tuple[Maria, Maria], first: int, **options: bool) -> None:
    source, target = pair
    tap = Tap(folder)
    with MariaApp(pair, tap, first=first) as app:
        move = moved(folder, source, target, tap, **options)
        time.sleep(0.5)
        app.__exit__()
    assert app.failed == []
    assert app.read_back(target) == (0, 0)
    fence = move.journal.data["fence_seconds"]
    steps = {one["name"]: one["seconds"] for one in move.journal.data["steps"]}
    print(f"fence {fence:.2f} s, slowest request {app.slowest:.2f} s, {sum(map(len, app.written))} writes, {steps}")
    assert fence < 5
    nothing_left(source, target)
    assert sum(map(len, app.written)) > 100
    assert "denied" in _refused(source), "the source still takes writes"


def _refused(source: Maria) -> str:
    session = source.connect()
    try:
        session.run("INSERT INTO t1 (word) VALUES ('late')")
    except StairwayError as error:
        return str(error)
    finally:
        session.close()
    return "it was written"


def up_and_down(pair: tuple[Maria, Maria], folder: Path) -> None:
    here, there = pair
    go(folder, (here, there), 0)
    down = folder / "down"
    down.mkdir()
    # the journal says that what is here is ours: what the first move has left
    (down / "db.json").write_text((folder / "db.json").read_text())
    go(down, (there, here), 10, replace_target=True)


@pytest.mark.quiet
def test_small(maria_pair: Marias, tmp_path: Path) -> None:
    fill_maria(maria_pair[0], SMALL)
    up_and_down(maria_pair, tmp_path)


@pytest.mark.long
@pytest.mark.quiet
def test_three_million_rows(maria_pair: Marias, tmp_path: Path) -> None:
    fill_maria(maria_pair[0], LARGE)
    up_and_down(maria_pair, tmp_path)


def test_held_for_as_long_as_it_takes(maria_pair: Marias, tmp_path: Path) -> None:
    """A table without a key, and one that knows no transactions."""
    here, there = maria_pair
    fill_maria(here, 3000, tables=3)
    here.sql(
        "CREATE TABLE bare (a int, b text); INSERT INTO bare SELECT seq % 5, 'x' FROM seq_1_to_50;"
        "CREATE TABLE old (a int PRIMARY KEY) ENGINE = MyISAM; INSERT INTO old VALUES (1), (2);"
    )
    tap = Tap(tmp_path)
    with MariaApp((here, there), tap, tables=3) as app:
        moved(tmp_path, here, there, tap, how="dump")
        app.__exit__()
    assert app.failed == []
    assert app.read_back(there) == (0, 0)
    assert there.sql("SELECT (SELECT COUNT(*) FROM bare), (SELECT SUM(a) FROM old)") == "50\t3"
