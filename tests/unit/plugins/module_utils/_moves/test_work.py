"""What the module makes of its options; engine, release and edge are written down."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._edge.switch import EdgeState
from ansible_collections.stairway.cloud.plugins.module_utils._moves import sides, work
from tests.unit.plugins.module_utils._moves.test_move import Engine, Traffic

OPTIONS: dict[str, Any] = {
    "app": "shop",
    "state": "following",
    "moves": [
        {
            "name": "db",
            "engine": "postgresql",
            "image": "postgres:16",
            "from": "managed",
            "to": "external",
            "source": {"host": "a", "port": 5432, "tls": True, "admin_user": "boss", "admin_password": "x"},
            "target": {"host": "b", "port": 6543, "tls": True, "user": "other", "database": "more"},
            "user": "shop",
            "password": "mrk3r",
            "database": "shop",
            "how": "auto",
            "replace_target": False,
        }
    ],
    "release": None,
    "actor": "me",
    "fence_seconds": 5.0,
    "jobs": 2,
    "keep_source_days": 7,
    "authorities": "/ca/stores.pem",
}


@pytest.fixture
def engine(monkeypatch):
    found = Engine()

    def engine_of(wish):
        found.wish = wish
        return found

    monkeypatch.setattr(work, "engine_of", engine_of)
    return found


@pytest.fixture
def edge(tmp_path, monkeypatch):
    found = EdgeState(tmp_path / "edge", tmp_path / "run")
    found.prepare()
    monkeypatch.setattr(EdgeState, "of", classmethod(lambda _cls, _app: found))
    return found


@pytest.fixture
def run(engine, edge, tmp_path, monkeypatch):
    class Releaser:
        """Its cutover is what a rollout calls between health and switch."""

        def __init__(self, order, *, cutover=None):
            self.order, self.cutover = order, cutover

        def present(self, *, check_mode):
            engine.lines.append(f"release {self.order.version}, lock {self.order.lock_seconds:g}")
            if self.cutover is not None:
                self.cutover(Traffic(engine))
            return self

        changed = True

        def result(self):
            return {"version": "1"}

    monkeypatch.setattr(work, "Releaser", Releaser)

    def call(state, *, check_mode=False, **more):
        return work.Mover({**OPTIONS, "state": state, **more}, tmp_path / "state").run(check_mode=check_mode)

    return call


def test_both_ends(engine, run):
    run("surveyed")
    source, target = engine.wish.source, engine.wish.target
    assert (source.place, source.server.host, source.admin.user, source.app.user) == ("managed", "a", "boss", "shop")
    assert (target.place, target.server.port, target.app.user, target.app.database) == (
        "external",
        6543,
        "other",
        "more",
    )
    assert target.admin == target.app, "without an administrator the app's own user does everything"
    assert engine.wish.limits.fence_seconds == 5


@pytest.mark.parametrize("state", ["surveyed", "following", "moved", "aborted"])
def test_check_mode_only_looks(engine, run, state, tmp_path):
    outcome = run(state, check_mode=True)
    assert engine.lines == ["survey", "close"]
    assert outcome.changed is False
    assert not (tmp_path / "state").exists()


def test_up_to_the_switch_and_on_with_the_release(engine, run, tmp_path):
    assert run("following").result()["diff"]["after"] == {"db": "managed"}
    engine.lines.clear()
    outcome = run("moved", release={"document": {"app": "shop"}, "version": "7", "lock_wait": 60})
    assert engine.lines[:3] == ["follow", "release 7, lock 1140", "hold"]
    assert engine.lines[-2:] == ["retire", "close"]
    assert outcome.result()["diff"] == {"before": {"db": "managed"}, "after": {"db": "external"}}
    assert json.loads((tmp_path / "state/shop/moves/db.json").read_text())["colour"] == "blue"


def test_a_move_ends_with_a_release(run):
    with pytest.raises(StairwayError, match="ends with a release"):
        run("moved")


def test_when_everything_was_moved_it_is_a_release_as_any(engine, run):
    run("moved", release={"document": {"app": "shop"}, "version": "7"})
    engine.lines.clear()
    engine.stands = True
    run("moved", release={"document": {"app": "shop"}, "version": "7"})
    assert engine.lines == ["release 7, lock 900", "close"]


def test_the_edge_says_whether_users_were_turned(engine, run, edge, tmp_path):
    """Killed between the turn and its note in the journal."""
    run("following")
    file = tmp_path / "state/shop/moves/db.json"
    data = json.loads(file.read_text())
    data.update(colour="blue", steps=[*data["steps"], {"name": "switch", "begun": "now"}])
    file.write_text(json.dumps(data))
    edge.switch("green")
    engine.lines.clear()
    with pytest.raises(StairwayError, match="writes to the target"):
        run("aborted")
    run("following")
    assert engine.lines == ["close", "unfence", "retire", "close"]


def test_an_end_that_nobody_knows_is_said(run):
    move = {**OPTIONS["moves"][0], "target": {}}
    with pytest.raises(StairwayError, match="where the target of db is"):
        run("surveyed", moves=[move])


def test_a_container_is_asked_where_it_is(monkeypatch):
    asked = []

    def run_program(argv, **_more):
        asked.append(argv)
        text = '[{"NetworkSettings": {"Networks": {"shop": {"IPAddress": "172.18.0.5"}}}}]'
        return type("Done", (), {"ok": True, "stdout": text if "inspect" in argv else "pass\n"})()

    monkeypatch.setattr(sides, "run", run_program)
    side = sides.side_of({**OPTIONS["moves"][0], "source": {"container": "shop-db"}}, "source", "/ca/stores.pem")
    assert (side.server.host, side.server.tls, side.admin.user, side.admin.password) == (
        "172.18.0.5",
        False,
        "postgres",
        "pass",
    )
    assert all("pass" not in part for argv in asked for part in argv if part != sides.ADMIN_FILE)
