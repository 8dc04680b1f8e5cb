"""The order of a rollout, and what is left after a failure at each step; Docker and the edge are written down, not run.

The real ones are in tests/acceptance/stage1.
"""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._docker.parse import Container
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import cutover as turns
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import rollout as module

from .conftest import DATA, SERVICES, make


def test_the_order_of_a_rollout(second, diary):
    second.run()
    second.retire_old()
    assert diary.lines == [
        "task migrate within 5",
        "start chat-api-blue-1",
        "start chat-worker-blue-1",
        "healthy chat-api-blue-1 chat-worker-blue-1",
        "keep chat-api-blue-1 chat-worker-blue-1",
        "switch to blue",
        "stop chat-beat-green-1",
        "start chat-beat-blue-1",
        "healthy chat-beat-blue-1",
        "keep chat-beat-blue-1",
        "watch 3",
        "drain [20004] 4",
        "stop chat-api-green-1",
        "stop chat-worker-green-1",
        "stop chat-beat-green-1",
        "remove chat-api-green-1",
        "remove chat-worker-green-1",
        "remove chat-beat-green-1",
    ]


def test_a_rollback_runs_no_task_and_does_not_watch(host, second, diary):
    back = make(host, 2, careful=False)
    back.run()
    assert not [line for line in diary.lines if line.startswith("task")]
    assert "watch 0" in diary.lines


@pytest.mark.parametrize(
    "step",
    [
        "task migrate within 5",
        "start chat-api-blue-1",
        "start chat-worker-blue-1",
        "healthy chat-api-blue-1 chat-worker-blue-1",
    ],
)
def test_a_failure_before_the_switch_never_touches_what_serves(host, second, diary, step):
    diary.fail_at = step
    with pytest.raises(StairwayError, match="failed"):
        second.run()
    assert not [line for line in diary.lines if "green" in line or "switch" in line]
    assert sorted(diary.running) == ["chat-api-green-1", "chat-beat-green-1", "chat-worker-green-1"]
    assert host.edge.colour() == "green"


@pytest.mark.parametrize("step", ["healthy chat-beat-blue-1", "watch 3"])
def test_a_failure_after_the_switch_switches_back_before_anything_is_taken_away(host, second, diary, step):
    diary.fail_at = step
    with pytest.raises(StairwayError, match="failed"):
        second.run()
    assert host.edge.colour() == "green"
    assert "start again chat-beat-green-1" in diary.lines
    assert sorted(diary.running) == ["chat-api-green-1", "chat-beat-green-1", "chat-worker-green-1"]
    # Users first, then what is under way in the new one, and only then it goes.
    assert "switch to green, drain [20000] 4, stop chat-beat-blue-1" in ", ".join(diary.lines)
    assert diary.lines.index("switch to green") < diary.lines.index("remove chat-api-blue-1")
    # Never two of a singleton: the new one is gone before the old one starts again.
    assert diary.lines.index("remove chat-beat-blue-1") < diary.lines.index("start again chat-beat-green-1")


def test_users_wait_for_the_old_singleton_that_they_go_back_to(host, diary, cutover, monkeypatch):
    monkeypatch.setattr(module, "hold", turns.hold)
    monkeypatch.setattr(module, "release_hold", turns.release_hold)
    monkeypatch.setattr(module, "_status", lambda port: 200)
    data = {**DATA, "services": [{**SERVICES[0], "singleton": True}, *SERVICES[1:]]}
    make(host, 1, data).run()
    diary.lines.clear()
    diary.fail_at = "watch 3"
    with pytest.raises(StairwayError):
        make(host, 2, data).run()
    after = diary.lines[diary.lines.index("watch 3") :]
    order = ["hold", "switch to green", "drain", "remove chat-api-blue-1", "start again chat-api-green-1", "release"]
    found = [next(at for at, line in enumerate(after) if line.startswith(word)) for word in order]
    assert found == sorted(found)


@pytest.mark.parametrize("undoing", ["start again chat-beat-green-1", "switch to green"])
def test_what_was_wrong_first_is_said_where_it_cannot_be_undone_either(host, second, diary, undoing):
    diary.fail_at, diary.fail_too = "watch 3", undoing
    with pytest.raises(StairwayError, match="watch 3 failed") as caught:
        second.run()
    assert caught.value.log == [f"{undoing} failed."]


def test_what_a_cut_off_run_left_in_the_way_is_removed_first(host, second, diary):
    labels = {"stairway.app": "chat", "stairway.colour": "blue", "stairway.release": "9"}
    diary.running["chat-api-blue-1"] = Container(
        "old", "chat-api-blue-1", "i", "running", 0, False, 0, "", "no", labels
    )
    second.run()
    assert diary.lines.index("stop old") < diary.lines.index("task migrate within 5")
