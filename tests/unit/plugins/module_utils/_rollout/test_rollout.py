"""The order of a rollout, and what is left after a failure at each step; Docker and the edge are written down, not run.

The real ones are in tests/acceptance/stage1.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._docker.parse import Container
from ansible_collections.stairway.cloud.plugins.module_utils._edge.switch import EdgeState
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import cutover as turns
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import rollout as module
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.layout import Layout
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.model import document
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.rollout import Host, Rollout

SERVICES: list[dict[str, Any]] = [
    {
        "name": "api",
        "kind": "routed",
        "image": "r/api",
        "port": 3000,
        "ports": {"blue": [20000], "green": [20004]},
        "health": {"path": "/h"},
    },
    {
        "name": "worker",
        "kind": "worker",
        "image": "r/api",
        "port": None,
        "ports": {"blue": [], "green": []},
        "health": None,
    },
    {"name": "beat", "kind": "singleton", "image": "r/api"},
]
TASKS = [{"name": "migrate", "service": "api", "command": ["migrate"], "timeout_seconds": 5}]


class Diary:
    """Stands for Docker: keeps containers in a dict and writes down what was asked, in order."""

    def __init__(self):
        self.lines = []
        self.running = {}
        self.fail_at = self.fail_too = None

    def _write(self, line):
        self.lines.append(line)
        if line in (self.fail_at, self.fail_too):
            raise StairwayError(f"{line} failed.")

    def containers(self, _labels):
        return list(self.running.values())

    def start(self, run):
        self._write(f"start {run.name}")
        self.running[run.name] = Container(run.name, run.name, run.image, "running", 0, False, 0, "", "no", run.labels)

    def run_once(self, run, *, seconds):
        self._write(f"task {run.command[0]} within {seconds:g}")

    def stop(self, names, *, seconds):
        for name in names:
            self._write(f"stop {name}")

    def start_again(self, names):
        for name in names:
            self._write(f"start again {name}")

    def remove(self, names):
        for name in names:
            self._write(f"remove {name}")
            self.running.pop(name, None)

    def keep_running(self, names):
        self._write(f"keep {' '.join(names)}")

    def ensure_network(self, name, _labels):
        return False

    def last_lines(self, _name, lines=15):
        return ["last words"]


class Edge(EdgeState):
    diary: Diary

    def switch(self, colour):
        changed = super().switch(colour)
        if changed:
            self.diary._write(f"switch to {colour}")
        return changed


@pytest.fixture
def diary(monkeypatch):
    found = Diary()
    monkeypatch.setattr(
        module, "drained", lambda ports, *, seconds: found.lines.append(f"drain {sorted(ports)} {seconds:g}")
    )
    monkeypatch.setattr(
        module.Vigil,
        "until_healthy",
        lambda _self, group: found._write("healthy " + " ".join(one.name for one in group)),
    )
    monkeypatch.setattr(module.Vigil, "stay", lambda _self, seconds, _also: found._write(f"watch {seconds:g}"))
    return found


@pytest.fixture
def host(tmp_path, diary):
    edge = Edge(tmp_path / "edge", tmp_path / "run")
    object.__setattr__(edge, "diary", diary)
    edge.prepare()
    return Host(diary, edge, Layout("chat", tmp_path))


DATA = {"app": "chat", "services": SERVICES, "tasks": TASKS, "watch_seconds": 3, "drain_seconds": 4}


def make(host, number, data=None, **more):
    images = {name: f"r/api@sha256:{number}" for name in ("api", "worker", "beat")}
    return Rollout(host, document(data or DATA), version=str(number), number=number, images=images, mark="m", **more)


@pytest.fixture
def second(host, diary):
    """A host on which release 1 serves in green; the diary is empty again."""
    first = make(host, 1)
    first.run()
    first.retire_old()
    diary.lines.clear()
    return make(host, 2)


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


def test_an_old_singleton_that_users_need_is_not_kept_down_for_what_is_under_way(host, diary, cutover, monkeypatch):
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
    assert "switch to green" in after
    assert "start again chat-api-green-1" in after
    assert not [line for line in after if line.startswith("drain")]


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


# --- a switch that is more than a switch -----------------------------------------------------------------------------


@pytest.fixture
def cutover(host, diary, monkeypatch):
    """What a move does in the middle, and what holds users, written down."""
    held = []

    def hold(app, seconds, ports):
        diary._write(f"hold {seconds:g}")
        held.append(app)

    def release(app):
        if held:
            held.clear()
            diary._write("release")

    monkeypatch.setattr(turns, "hold", hold)
    monkeypatch.setattr(turns, "release_hold", release)
    monkeypatch.setattr(turns, "drained", lambda ports, *, seconds: diary._write(f"under way {sorted(ports)}"))

    def over(turn):
        turn.hold(15, 0)
        try:
            diary._write("move")
            turn.flip()
        finally:
            turn.release()

    return over


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
