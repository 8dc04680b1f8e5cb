"""A way back, gone while an app writes: to its end, or cut off and begun again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import KEEP, USE
from tests.support.moving import PATIENT_SECONDS, App, Tap, cut_run, describe, moved, nothing_left

# More than a whole way back writes into its journal.
MOST_CUTS = 60


def back(folder: Path, pair: Any, app_of: type[App], **options: Any) -> None:
    """The app writes on where it is, and returns meanwhile. Nothing is lost, and nothing of the move is left."""
    second = folder / "back"
    second.mkdir(exist_ok=True)
    tap = Tap(second)
    with app_of((pair[1], pair[0]), tap, first=10) as app:
        time.sleep(1)
        move = moved(folder, pair[1], pair[0], tap, fence_seconds=PATIENT_SECONDS, **options)
        app.__exit__()
        print(move.journal.data["fence_seconds"], {one["name"]: one["seconds"] for one in move.journal.data["steps"]})
        assert app.failed == []
        assert app.read_back(pair[0]) == (0, 0)
        assert sum(map(len, app.written)) > 100
    nothing_left(*pair)


def cut_anywhere(
    folder: Path,
    pair: Any,
    app_of: type[App],
    fill: Callable[..., None],
    known: Sequence[str],
    empty: Callable[[], None],
) -> None:
    """SIGKILL after every writing of the journal in turn, then the same again, until a run comes to its end. Of what
    was refused at the new place, between the switch and the turn of the users, each says a word of ``known``.
    """
    number = 0
    while _cut_at(number := number + 1, folder / str(number), pair, app_of, fill, known, empty):
        assert number < MOST_CUTS
    assert number > 15


def _cut_at(number: int, folder: Path, pair: Any, app_of: type[App], fill: Any, known: Any, empty: Any) -> bool:
    here, there = pair
    empty()
    fill(here, 600, tables=4)
    folder.mkdir()
    moved(folder, here, there, Tap(folder), way_back=KEEP, fence_seconds=PATIENT_SECONDS)
    for name in ("hold", "flipped"):
        (folder / name).unlink(missing_ok=True)
    describe(folder, there, here, way_back=USE)
    tap = Tap(folder)
    with app_of((there, here), tap, tables=4) as app:
        ended = cut_run(folder, number)
        assert ended.returncode in (0, -9), ended.stderr
        if tap.closed:
            tap.release()
        if ended.returncode:
            moved(folder, there, here, tap, way_back=USE, fence_seconds=PATIENT_SECONDS)
        time.sleep(0.2)
        app.__exit__()
        assert all(any(word in one for word in known) for one in app.failed), app.failed[:3]
        assert app.read_back(here) == (0, 0), number
    nothing_left(*pair)
    return ended.returncode == -9
