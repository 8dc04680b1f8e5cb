"""Issue 5, 2: what fails behind the fence, where nobody writes and everybody waits."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql import checksum
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.engine import Postgresql
from tests.acceptance.moves.conftest import Pair
from tests.support.databases import NETWORK, docker
from tests.support.moving import PATIENT_SECONDS, App, Tap, a_move, fill, goes, moved, nothing_left

ROWS = 6000


@pytest.mark.parametrize("which", [0, 1], ids=["source", "target"])
def test_the_network_is_cut_behind_the_fence(
    pair: Pair, tap: Tap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    """The source lets its writers go by itself, when nothing was heard of us for some seconds."""
    cut_off = pair[which]
    fill(pair[0], ROWS)
    with App(pair, tap) as app:
        move = a_move(tmp_path, *pair)
        move.begin()
        plain = Postgresql.catch_up

        def cut(self: Postgresql, until: float) -> None:
            docker("network", "disconnect", NETWORK, cut_off.name)
            plain(self, until)

        monkeypatch.setattr(Postgresql, "catch_up", cut)
        try:
            with pytest.raises(StairwayError):
                cut_over([move], tap)
            assert which == 0 or tap.let_go
        finally:
            docker("network", "connect", "--ip", cut_off.address, NETWORK, cut_off.name)
            move.engine.close()
        app.__exit__()
        assert which == 0 or app.failed == []
        assert app.read_back(pair[0]) == (0, 0)
    monkeypatch.undo()
    goes(tmp_path, pair, tap)


def test_a_switch_is_taken_back(pair: Pair, tap: Tap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What connected to the source while that was read-only already would stay so for as long as a pool keeps it."""
    fill(pair[0], 600, tables=2)
    before, meanwhile = pair[0].connect(), []
    plain = Postgresql._guard

    def guard(self: Postgresql, *, on: bool) -> None:
        if not on:
            meanwhile.append(pair[0].connect())
            raise StairwayError("planted")
        plain(self, on=on)

    move = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
    assert move.begin()
    monkeypatch.setattr(Postgresql, "_guard", guard)
    with pytest.raises(StairwayError, match="planted"):
        cut_over([move], tap)
    monkeypatch.undo()
    assert move.abort()
    move.engine.close()
    before.run("INSERT INTO t1 (word) VALUES ('before')")
    with pytest.raises(StairwayError, match="terminating|lost"):
        meanwhile[0].run("INSERT INTO t1 (word) VALUES ('meanwhile')")
    pair[0].connect().run("INSERT INTO t1 (word) VALUES ('after')")
    nothing_left(*pair)


def test_a_comparison_does_not_outlast_the_fence(
    pair: Pair, tap: Tap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that was emptied is compared from end to end; the next run does that before the fence."""
    fill(pair[0], 600, tables=2)
    move = a_move(tmp_path, *pair, fence_seconds=4.0)
    assert move.begin()
    pair[0].psql("TRUNCATE t1; INSERT INTO t1 (word) SELECT 'new' FROM generate_series(1, 300)")
    with monkeypatch.context() as slow:
        slow.setattr(checksum, "questions", lambda *_of: ["SELECT 0, 0, 0 FROM pg_sleep(60)"])
        begun = time.monotonic()
        with pytest.raises(StairwayError, match="did not end in time") as caught:
            cut_over([move], tap)
        assert time.monotonic() - begun < 10
    assert "public.t1" in str(caught.value)
    move.engine.close()
    move = moved(tmp_path, *pair, tap, fence_seconds=PATIENT_SECONDS)
    assert move.journal.facts["compared_again"] == ["public.t1"]
    report = json.loads((tmp_path / "db.report.json").read_text())
    assert "source_checksum" not in report["verify"]["tables"]["public.t1"]
    assert pair[1].psql("SELECT count(*) FROM t1") == "300"
