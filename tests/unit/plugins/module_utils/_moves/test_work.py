from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._edge.switch import EdgeState
from ansible_collections.stairway.cloud.plugins.module_utils._moves.journal import Journal
from ansible_collections.stairway.cloud.plugins.module_utils._moves.work import RELEASE, SPEC, Mover
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.layout import Layout
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.record import Records, Release

OPTIONS: dict[str, Any] = {name: one.get("default") for name, one in SPEC.items()} | {"app": "chat", "moves": []}
PARTS: dict[str, Any] = {name: one.get("default") for name, one in RELEASE.items()} | {"document": {"app": "chat"}}


def test_a_move_releases_the_version_that_runs(tmp_path: Path) -> None:
    """As Ansible hands the options over: what nobody gave is ``None``."""
    order = Mover({**OPTIONS, "actor": "ci", "release": PARTS}, tmp_path)._order([])
    assert (order.document, order.version, order.first_version, order.again) == ({"app": "chat"}, None, None, False)
    assert (order.actor, order.lock_wait, order.lock_seconds) == ("ci", 60, 900)


def test_what_never_began_is_given_up_without_its_ends(tmp_path: Path) -> None:
    """The container that it would have gone to was never started; nobody has to start it for that."""
    never = {"name": "db", "engine": "postgresql", "image": "postgres:17", "source": {}, "target": {"container": "no"}}
    outcome = Mover({**OPTIONS, "moves": [never]}, tmp_path)._run("aborted")
    assert (outcome.changed, outcome.moves) == (False, [])


def test_a_release_after_a_switch_that_failed_has_turned_nobody(tmp_path: Path) -> None:
    """It has another colour, and is on the source all the same; a run that was cut off while it turned users is not."""
    mover = Mover(OPTIONS, tmp_path)
    mover.edge = SimpleNamespace(colour=lambda: "green")  # type: ignore[assignment]
    data = {"state": "open", "steps": [{"name": "switch"}], "colour": "blue"}
    assert not mover._flipped(Journal(tmp_path / "db.json", {**data, "turning": False}))
    assert mover._flipped(Journal(tmp_path / "db.json", {**data, "turning": True}))
    assert not mover._flipped(Journal(tmp_path / "db.json", {**data, "turning": True, "colour": "green"}))


@pytest.mark.parametrize(("keeper", "mode"), [("move", "serving"), ("", "maintenance")])
@pytest.mark.parametrize("wanted", ["aborted", "following"])
def test_users_go_on_where_a_killed_run_had_closed(tmp_path: Path, wanted: str, keeper: str, mode: str) -> None:
    """Also where the next run only gives up, or comes to no switch; what a person has closed stays closed."""
    mover = Mover(OPTIONS, tmp_path)
    mover.edge = EdgeState(tmp_path / "edge", tmp_path / "run")
    mover.edge.maintain(keeper)
    mover._run(wanted)
    assert mover.edge.mode() == mode


@pytest.mark.parametrize(("gone", "state"), [(True, "bad"), (False, "unfinished")])
def test_giving_up_makes_good_what_the_killed_run_has_left_of_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: bool, state: str
) -> None:
    """No release follows that would do it."""
    mover = Mover({**OPTIONS, "actor": "ci"}, tmp_path)
    mover.layout = Layout("chat", tmp_path)
    mover.edge = EdgeState(mover.layout.edge, mover.layout.lock.parent)
    records = Records(mover.layout)
    records.save(Release(1, "1", "unfinished", "2026-11-21T04:00:00Z", "me"))
    monkeypatch.setattr(mover, "_ended", lambda _moves: [gone])
    outcome = mover._run("aborted")
    assert (outcome.changed, list(outcome.warnings)) == (gone, [])
    assert [one.state for one in records.all()] == [state]


def test_what_of_the_app_cannot_be_made_good_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mover = Mover({**OPTIONS, "actor": "ci"}, tmp_path)
    mover.layout = Layout("chat", tmp_path)
    mover.edge = EdgeState(mover.layout.edge, mover.layout.lock.parent)
    mover.layout.record.parent.mkdir(parents=True)
    mover.layout.record.write_text("{")
    monkeypatch.setattr(mover, "_ended", lambda _moves: [True])
    (warning,) = mover._run("aborted").warnings
    assert "chat.json cannot be read" in warning


def test_without_a_release_nothing_is_switched(tmp_path: Path) -> None:
    with pytest.raises(StairwayError, match="ends with a release"):
        Mover(OPTIONS, tmp_path)._order([])
