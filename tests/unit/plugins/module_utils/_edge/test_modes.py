from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._edge import modes
from ansible_collections.stairway.cloud.plugins.module_utils._edge.modes import Wish, converge
from ansible_collections.stairway.cloud.plugins.module_utils._edge.switch import EdgeState


@pytest.fixture
def state(tmp_path: Path) -> EdgeState:
    state = EdgeState(tmp_path / "chat" / "edge", tmp_path / "run")
    state.prepare()
    return state


def test_maintenance_and_back(state: EdgeState) -> None:
    wish = Wish("chat", "maintenance", text="Back at <4>")
    assert converge(wish, check_mode=False, state=state)["changed"] is True
    assert state.mode() == "maintenance"
    assert "Back at &lt;4&gt;" in (state.path / "maintenance.html").read_text()
    assert converge(wish, check_mode=False, state=state)["changed"] is False
    assert converge(Wish("chat", "maintenance"), check_mode=False, state=state)["changed"] is False
    other = converge(Wish("chat", "maintenance", text="Later"), check_mode=False, state=state)
    assert other["changed"] is True
    assert converge(Wish("chat", "serving"), check_mode=False, state=state)["changed"] is True
    assert state.mode() == "serving"


def test_a_person_takes_over_what_a_move_has_closed(state: EdgeState) -> None:
    wish = Wish("chat", "maintenance")
    converge(wish, check_mode=False, state=state)
    state.end_maintenance()
    state.maintain("move")
    assert converge(wish, check_mode=False, state=state)["changed"] is True
    assert converge(wish, check_mode=False, state=state)["changed"] is False
    assert state.end_maintenance("move") is False


def test_check_mode_tells_and_does_nothing(state: EdgeState) -> None:
    result = converge(Wish("chat", "maintenance", text="x"), check_mode=True, state=state)
    assert result["changed"] is True
    assert (result["diff"][0]["before"], result["diff"][0]["after"]) == ("serving\n", "maintenance\n")
    assert [one["after_header"] for one in result["diff"]] == ["edge", "maintenance.html", "maintenance.json"]
    assert state.mode() == "serving"
    assert not (state.path / "maintenance.html").exists()


def test_check_mode_works_on_a_bare_host(tmp_path: Path) -> None:
    bare = EdgeState(tmp_path / "none" / "edge", tmp_path / "run")
    assert converge(Wish("chat", "holding"), check_mode=True, state=bare)["changed"] is True
    assert not bare.path.exists()


def test_an_unknown_app_names_the_ones_that_are_there(state: EdgeState) -> None:
    missing = EdgeState(state.path.parent.parent / "shop" / "edge", state.runtime)
    with pytest.raises(StairwayError, match="does not know the app shop") as error:
        converge(Wish("shop", "maintenance"), check_mode=False, state=missing)
    assert error.value.expected == "one of chat"


def test_a_hold_begins_before_maintenance_ends(state: EdgeState, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(modes, "hold", lambda *_args, **_more: seen.append(state.mode()))
    state.maintain()
    converge(Wish("chat", "holding"), check_mode=False, state=state)
    assert seen == ["maintenance"]


def test_a_hold_that_is_too_long_is_refused_in_check_mode_too(state: EdgeState) -> None:
    with pytest.raises(StairwayError, match="has to end"):
        converge(Wish("chat", "holding", seconds=301), check_mode=True, state=state)
