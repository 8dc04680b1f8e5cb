from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import atomic
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._edge.switch import EdgeState, other


@pytest.fixture
def state(tmp_path: Path) -> EdgeState:
    return EdgeState(tmp_path / "lib" / "chat" / "edge", tmp_path / "run" / "chat")


def test_blue_serves_before_anything_was_switched(state: EdgeState) -> None:
    assert (state.colour(), state.mode()) == ("blue", "serving")


def test_a_switch_there_and_back(state: EdgeState) -> None:
    assert state.switch("green") is True
    assert state.colour() == "green"
    assert state.switch("green") is False
    assert state.switch("blue") is True
    assert state.colour() == "blue"
    assert not list(state.path.glob(".*")), "no temporary file stays behind"


def test_an_unknown_colour_is_refused(state: EdgeState) -> None:
    with pytest.raises(StairwayError) as error:
        state.switch("red")  # type: ignore[arg-type]
    assert error.value.expected == "blue or green"
    assert error.value.found == "'red'"


@pytest.mark.parametrize(("colour", "expected"), [("blue", "green"), ("green", "blue")])
def test_other(colour: str, expected: str) -> None:
    assert other(colour) == expected  # type: ignore[arg-type]


def test_maintenance_wins_over_hold_and_keeps_the_colour(state: EdgeState) -> None:
    state.switch("green")
    state.hold_file.write_text("")
    assert state.mode() == "holding"
    assert state.maintain() is True
    assert state.maintain() is False
    assert state.mode() == "maintenance"
    assert state.end_maintenance() is True
    assert state.end_maintenance() is False
    assert state.mode() == "holding"
    assert state.end_hold() is True
    assert state.mode() == "serving"
    assert state.colour() == "green"


def test_a_program_ends_only_the_maintenance_of_its_own_and_a_person_any(state: EdgeState) -> None:
    assert state.keeper() is None
    assert (state.maintain("move"), state.maintain("move")) == (True, False)
    assert (state.keeper(), state.mode()) == ("move", "maintenance")
    assert state.maintain() is True, "a person wants it to stay"
    assert (state.maintain("move"), state.end_maintenance("move")) == (False, False)
    assert (state.keeper(), state.mode()) == ("", "maintenance")
    assert state.end_maintenance() is True
    state.maintain("move")
    assert state.end_maintenance("move") is True
    assert state.mode() == "serving"
    assert state.end_maintenance("move") is False


def test_a_hold_does_not_outlive_a_reboot_but_maintenance_and_colour_do(state: EdgeState) -> None:
    state.switch("green")
    state.hold_file.write_text("")
    state.maintain()
    shutil.rmtree(state.runtime.parent)  # what a reboot does to /run
    assert state.mode() == "maintenance"
    state.end_maintenance()
    assert state.mode() == "serving"
    assert state.colour() == "green"
    assert state.end_hold() is False


def test_prepare_is_idempotent_and_mends_a_stale_hold_file(state: EdgeState) -> None:
    state.path.mkdir(parents=True)
    state.hold_link.write_text("left by hand")
    state.prepare()
    before = os.lstat(state.hold_link).st_ino
    state.prepare()
    assert os.lstat(state.hold_link).st_ino == before
    assert state.mode() == "serving"


def test_a_full_disk_leaves_the_old_colour_serving(state: EdgeState, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    state.prepare()
    monkeypatch.setattr(atomic.os, "replace", full)
    with pytest.raises(StairwayError, match="No space left on device") as error:
        state.switch("green")
    assert error.value.where == str(state.path / "green")
    assert state.colour() == "blue"
    assert not list(state.path.glob(".*"))


def test_the_places_on_a_host() -> None:
    state = EdgeState.of("chat")
    assert str(state.path) == "/var/lib/stairway/chat/edge"
    assert str(state.socket("api")) == "/run/stairway/chat/api.sock"
    assert str(state.hold_file) == "/run/stairway/chat/hold"
