"""A switch that is more than a switch: what stands still, who waits, and what is left where it fails."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import cutover as turns
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.model import document

from .conftest import DATA, make


def test_workers_stand_still_around_a_cutover(host, second, diary, cutover):
    """Old ones stop before users are held, new ones start when they have turned; no task runs, the version stays."""
    rollout = make(host, 2, cutover=cutover)
    rollout.run()
    assert diary.lines[:-1] == [
        "start chat-api-blue-1",
        "healthy chat-api-blue-1",
        "keep chat-api-blue-1",
        "stop chat-worker-green-1",
        "stop chat-beat-green-1",
        "hold 15",
        "under way [20004]",
        "move",
        "switch to blue",
        "release",
        "start chat-worker-blue-1",
        "start chat-beat-blue-1",
        "healthy chat-worker-blue-1 chat-beat-blue-1",
        "keep chat-worker-blue-1 chat-beat-blue-1",
    ]


@pytest.mark.parametrize("step", ["healthy chat-api-blue-1", "hold 15", "under way [20004]", "move"])
def test_a_failure_before_the_turn_brings_the_old_workers_back(host, second, diary, cutover, step):
    diary.fail_at = step
    with pytest.raises(StairwayError):
        make(host, 2, cutover=cutover).run()
    assert host.edge.colour() == "green"
    assert "chat-api-blue-1" not in diary.running
    assert not any(line.startswith("start chat-worker-blue") for line in diary.lines)
    if step != "healthy chat-api-blue-1":
        assert "start again chat-worker-green-1" in diary.lines


@pytest.mark.parametrize("step", ["healthy chat-worker-blue-1 chat-beat-blue-1", "watch 3"])
def test_behind_the_turn_nothing_goes_back(host, second, diary, cutover, step):
    """The old colour's stores take no writes any more."""
    diary.fail_at = step
    with pytest.raises(StairwayError):
        make(host, 2, cutover=cutover).run()
    assert host.edge.colour() == "blue"
    assert "chat-api-blue-1" in diary.running
    assert "start again chat-worker-green-1" not in diary.lines


@pytest.mark.parametrize("expected", [0, 600])
@pytest.mark.parametrize("flipped", [True, False])
def test_users_go_on_also_where_the_cutover_could_not_let_them(host, second, diary, cutover, flipped, expected):
    """A full disk, or a signal, right behind the turn; the new workers start all the same."""

    def over(turn):
        turn.hold(3600 if expected else 15, expected)
        if flipped:
            turn.flip()
        raise StairwayError("The journal cannot be written.")

    with pytest.raises(StairwayError, match="journal cannot be written"):
        make(host, 2, cutover=over).run()
    assert host.edge.mode() == "serving"
    assert ("release" in diary.lines) is not bool(expected)
    assert host.edge.colour() == ("blue" if flipped else "green")
    assert ("chat-worker-blue-1" in diary.running) is flipped
    assert ("start again chat-worker-green-1" in diary.lines) is not flipped


def test_what_was_wrong_first_is_said_where_the_new_workers_do_not_start_either(host, second, diary, cutover):
    def over(turn):
        turn.flip()
        raise StairwayError("The journal cannot be written.")

    diary.fail_at = "start chat-worker-blue-1"
    with pytest.raises(StairwayError, match="journal cannot be written") as caught:
        make(host, 2, cutover=over).run()
    assert caught.value.log == ["start chat-worker-blue-1 failed."]


@pytest.mark.parametrize("flipped", [True, False])
def test_what_others_hold_they_let_go_themselves_unless_users_have_turned(host, diary, cutover, flipped):
    """Behind a hold a routed singleton was replaced: before the old one answers again nobody is let in."""
    turns.hold("chat", 15, {})
    turn = turns.Turn(host.edge, document(DATA), "green", lambda: host.edge.switch("green"), held=True)
    turn.hold(3600, 0)
    assert host.edge.mode() == "maintenance"
    if flipped:
        turn.flip()
    turn.release()
    assert host.edge.mode() == "serving"
    assert ("release" in diary.lines) is flipped


def test_maintenance_that_a_killed_run_has_left_ends_with_the_next_and_a_persons_does_not(host, second, diary, cutover):
    def over(turn):
        turn.hold(3600, 600)
        turn.flip()
        turn.release()

    host.edge.maintain("move")
    make(host, 2, cutover=over).run()
    assert host.edge.mode() == "serving"
    host.edge.maintain()
    make(host, 3, cutover=over).run()
    assert host.edge.mode() == "maintenance"


def test_a_hold_that_nobody_would_wait_for_says_so(host, second, diary, monkeypatch):
    monkeypatch.setattr(turns, "release_hold", lambda app: diary._write("release"))
    monkeypatch.setattr(turns, "drained", lambda ports, *, seconds: None)
    modes = []

    def over(turn):
        turn.hold(3600, 600)
        modes.append(host.edge.mode())
        turn.flip()
        turn.release()
        modes.append(host.edge.mode())

    make(host, 2, cutover=over).run()
    assert modes == ["maintenance", "serving"]


def test_users_wait_for_what_is_short_and_are_told_when_it_is_not(host, second, diary, cutover, monkeypatch):
    """The copy of a small store is over before anyone goes; one that takes its time is not waited for in silence."""
    monkeypatch.setattr(turns, "WAITED_SECONDS", 0.2)
    modes = []

    def over(turn):
        turn.hold(600, 0.1)
        modes.append(host.edge.mode())
        turn.late.join(5)
        modes.append(host.edge.mode())
        turn.flip()
        turn.release()
        modes.append(host.edge.mode())

    make(host, 2, cutover=over).run()
    assert "hold 300" in diary.lines
    assert modes == ["serving", "maintenance", "serving"]
