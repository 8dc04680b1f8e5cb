"""Issue 5, 1: up and down under writes; nothing lost, nothing doubled, no request failed, the fence at most 5 s."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move
from tests.acceptance.moves.conftest import Pair
from tests.support.databases import Postgres
from tests.support.moving import App, Tap, fill, moved, nothing_left

SMALL, LARGE = 60_000, 5_000_000


def up_and_down(pair: Pair, tap: Tap, folder: Path) -> None:
    """There and back, while the app writes on."""
    here, there = pair
    with App(pair, tap) as app:
        up = moved(folder, here, there, tap)
        assert_moved(app, up, here, there)
    second = folder / "down"
    second.mkdir()
    back = Tap(second)
    with App((there, here), back, first=10) as app:
        # the journal says that what is here is ours: what the first move has left
        (second / "db.json").write_text((folder / "db.json").read_text())
        down = moved(second, there, here, back, replace_target=True)
        assert_moved(app, down, there, here)


def assert_moved(app: App, move: Move, source: Postgres, target: Postgres) -> None:
    app.__exit__()
    assert app.failed == []
    assert app.read_back(target) == (0, 0)
    fence = move.journal.data["fence_seconds"]
    print(f"fence {fence:.2f} s, slowest request {app.slowest:.2f} s, {sum(map(len, app.written))} writes")
    assert fence < 5
    nothing_left(source, target)
    assert sum(map(len, app.written)) > 100


def test_small(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    fill(pair[0], SMALL)
    up_and_down(pair, tap, tmp_path)


@pytest.mark.long
@pytest.mark.quiet
def test_a_gigabyte_of_five_million_rows(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    fill(pair[0], LARGE)
    up_and_down(pair, tap, tmp_path)
