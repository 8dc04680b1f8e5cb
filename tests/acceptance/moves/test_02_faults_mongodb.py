"""Issue 5, 2, MongoDB: whatever fails where, the app is on a correct store, nothing is lost, and the message helps."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Verification
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.engine import Mongodb
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move, cut_over
from tests.acceptance.moves.conftest import Mongos
from tests.support.databases import docker
from tests.support.mongos import OPLOG, MongoApp, fill_mongo
from tests.support.moving import PATIENT_SECONDS, App, Tap, a_move, cut_run, describe, moved

MOST_CUTS, PER_SECOND = 60, 25


def on_source(app: App, pair: Mongos) -> None:
    """As if nothing had happened: users write to the source, and nothing of the move is left."""
    app.__exit__()
    assert not app.tap.flipped
    assert app.failed == []
    assert app.read_back(pair[0]) == (0, 0)
    assert pair[0].left() == [] == pair[1].left()
    assert pair[1].collections() == []
    with contextlib.closing(pair[0].connect()) as one:
        one.write({"insert": "messages0"}, documents=[bson.encode({"_id": "still"})])


def cut_at(number: int, pair: Mongos, folder: Path, *, give_up: bool = False) -> bool:
    """SIGKILL at the ``number``-th writing of the journal, then the same again (or an end to it); whether there was
    such a one.
    """
    folder.mkdir()
    tap = Tap(folder)
    describe(folder, *pair)
    for one in pair:
        one.empty()
    # a run that goes on carries what was written shortly before too, and FerretDB's oplog is short
    fill_mongo(pair[0], 300)
    with MongoApp(pair, tap, per_second=PER_SECOND) as app:
        ended = cut_run(folder, number)
        assert ended.returncode in (0, -9), ended.stderr
        journal = json.loads((folder / "db.json").read_text())
        before = (journal["steps"] or [{"name": "nothing"}])[-1]["name"]
        # users are let go at the latest when their hold is over, whoever has died; the fence ends before. In the switch
        # it stands until the next run has said which side it is
        if before != "switch":
            until = time.monotonic() + 10
            while not tap.flipped and not pair[0].lets_in() and time.monotonic() < until:
                time.sleep(0.1)
            assert tap.flipped or pair[0].lets_in(), f"cut in {before}, and the fence did not end by itself"
            if tap.closed:
                tap.release()
        end(folder, pair, tap, before, give_up=give_up)
        app.__exit__()
        assert app.failed == [], (before, app.failed[:3])
        assert app.read_back(pair[1] if tap.flipped else pair[0]) == (0, 0), before
        assert [one.left() for one in pair] == [[], []], before
    return ended.returncode == -9


def end(folder: Path, pair: Mongos, tap: Tap, before: str, *, give_up: bool) -> None:
    if not give_up or tap.flipped:
        moved(folder, *pair, tap, fence_seconds=PATIENT_SECONDS)
        time.sleep(0.2)
        assert json.loads((folder / "db.json").read_text())["state"] == "moved"
        return
    move = a_move(folder, *pair)
    move.abort()
    move.engine.close()
    assert pair[1].collections() == [], before
    assert pair[0].lets_in(), before
    assert pair[1].lets_in(), before


@pytest.mark.long
@pytest.mark.parametrize("number", [3, 7, 11, 14, 18, 22])
def test_cut_at(mongos: Mongos, tmp_path: Path, number: int) -> None:
    assert cut_at(number, mongos, tmp_path / "cut")


@pytest.mark.long
@pytest.mark.parametrize("number", [4, 9, 13, 15, 19])
def test_cut_and_given_up(mongos: Mongos, tmp_path: Path, number: int) -> None:
    assert cut_at(number, mongos, tmp_path / "cut", give_up=True)


@pytest.mark.long
def test_cut_anywhere(mongos: Mongos, tmp_path: Path) -> None:
    """After every writing of the journal in turn, until a run comes to its end."""
    cuts = 0
    for number in range(1, MOST_CUTS):
        if not cut_at(number, mongos, tmp_path / str(number)):
            break
        cuts += 1
    assert 20 < cuts < MOST_CUTS - 1


@pytest.fixture
def following(mongo_pair: Mongos, tmp_path: Path) -> Iterator[tuple[Move, App]]:
    fill_mongo(mongo_pair[0], 500)
    tap = Tap(tmp_path)
    with MongoApp(mongo_pair, tap, per_second=PER_SECOND) as app:
        move = a_move(tmp_path, *mongo_pair, fence_seconds=PATIENT_SECONDS)
        move.begin()
        yield move, app
        move.engine.close()


def _of_k7() -> dict[str, Any]:
    return {"q": {"_id": "k7"}, "limit": 1}


BEHIND: dict[str, dict[str, Any]] = {
    "changed": {"update": "kinds", "updates": [{"q": {"_id": "k7"}, "u": {"$set": {"int": 8}}}]},
    "deleted": {"delete": "kinds", "deletes": [_of_k7()]},
    "added": {"insert": "kinds", "documents": [{"_id": "more"}]},
    "emptied": {"delete": "kinds", "deletes": [{"q": {}, "limit": 0}]},
    "a collection dropped": {"drop": "kinds"},
    "a collection more": {"create": "theirs"},
    "an index dropped": {"dropIndexes": "messages0", "index": "number_1"},
    "an entry of a capped one": {"insert": "log", "documents": [{"_id": 7777}]},
}


@pytest.mark.long
@pytest.mark.parametrize("what", BEHIND)
def test_behind_our_back(mongo_pair: Mongos, following: tuple[Move, App], what: str) -> None:
    """On the target, after everything was compared; no document that the app touches."""
    move, app = following
    with contextlib.closing(mongo_pair[1].root()) as one:
        one.call(BEHIND[what])
    with pytest.raises(StairwayError) as caught:
        cut_over([move], app.tap)
    assert "abort" in str(caught.value)
    assert move.abort()
    move.engine.close()
    on_source(app, mongo_pair)


@pytest.mark.long
def test_somebody_writes_behind_the_fence(mongo_pair: Mongos, following: tuple[Move, App]) -> None:
    """Not the app: a session of the administrator, whom nobody holds."""
    move, app = following
    stop = threading.Event()
    number = 0

    def write() -> None:
        nonlocal number
        with contextlib.closing(mongo_pair[0].root()) as one:
            while not stop.wait(0.005):
                number += 1
                one.write({"insert": "sessions"}, documents=[bson.encode({"_id": f"theirs{number}"})])

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        with pytest.raises(StairwayError) as caught:
            cut_over([move], app.tap)
    finally:
        stop.set()
        thread.join()
    assert "behind the fence" in caught.value.message or "not the same" in caught.value.message
    assert number > 10
    # once they have stopped, the same move goes on
    app.tap.release()
    assert move.begin()
    cut_over([move], app.tap)
    move.finish()
    app.__exit__()
    assert app.failed == []
    assert app.read_back(mongo_pair[1]) == (0, 0)
    assert len(mongo_pair[1].documents("sessions", _id=f"theirs{number}")) == 1


@pytest.mark.long
def test_what_the_app_makes_meanwhile(mongo_pair: Mongos, following: tuple[Move, App]) -> None:
    """A collection without documents, and an index: no change tells of them. A line of a capped collection."""
    move, app = following
    with contextlib.closing(mongo_pair[0].connect()) as one:
        one.call({"create": "later"})
        one.call({"createIndexes": "people", "indexes": [{"key": {"seen": 1}, "name": "seen_1"}]})
        one.write({"insert": "log"}, documents=[bson.encode({"_id": 200, "line": "late"})])
    assert move.begin()
    cut_over([move], app.tap)
    move.finish()
    app.__exit__()
    assert app.failed == []
    assert "later" in mongo_pair[1].collections()
    assert [one["_id"] for one in mongo_pair[1].documents("log")] == list(range(201))
    with contextlib.closing(mongo_pair[1].root()) as one:
        told = [bson.decode(raw)["name"] for part in one.read({"listIndexes": "people"}) for raw in part]
    assert "seen_1" in told


@pytest.mark.long
@pytest.mark.parametrize("which", [0, 1], ids=["source", "target"])
def test_an_oplog_that_was_too_short(
    mongo_pair: Mongos, tmp_path: Path, following: tuple[Move, App], which: int
) -> None:
    """The source's is what we follow; the target's only says whether others have written there."""
    move, app = following
    move.engine.close()
    app.__exit__()
    with contextlib.closing(mongo_pair[which].root()) as one:
        one.call({"drop": "oplog.rs"}, "local")
        one.call(OPLOG, "local")
        one.write({"insert": "sessions"}, documents=[bson.encode({"_id": "unheard"})])
    again = a_move(tmp_path, *mongo_pair, fence_seconds=PATIENT_SECONDS)
    if which == 0:
        with pytest.raises(StairwayError, match="does not remember the changes") as caught:
            again.begin()
        assert "-e abort=true" in str(caught.value.fix)
        assert again.abort()
    else:
        assert again.begin()
        cut_over([again], app.tap)
        again.finish()
        assert app.read_back(mongo_pair[1]) == (0, 0)
        assert mongo_pair[1].documents("sessions", _id="unheard") == [], "what was changed unheard is put right"
    again.engine.close()
    assert app.failed == []


@pytest.mark.long
@pytest.mark.parametrize("which", [0, 1], ids=["source", "target"])
def test_a_server_is_killed_while_it_follows(
    mongo_pair: Mongos, tmp_path: Path, following: tuple[Move, App], which: int
) -> None:
    move, app = following
    mongo_pair[which].kill()
    time.sleep(0.5)
    with pytest.raises(StairwayError):
        cut_over([move], app.tap)
    move.engine.close()
    app.__exit__()
    assert which == 0 or app.failed == []
    mongo_pair[which].again()
    with MongoApp(mongo_pair, app.tap, first=50, per_second=PER_SECOND) as again:
        moved(tmp_path, *mongo_pair, app.tap, fence_seconds=PATIENT_SECONDS)
        again.__exit__()
        assert again.failed == []
        assert again.read_back(mongo_pair[1]) == (0, 0)
    assert app.read_back(mongo_pair[1])[0] == 0


@pytest.mark.long
@pytest.mark.parametrize("which", [0, 1], ids=["source", "target"])
def test_the_network_is_cut_while_it_follows(mongo_pair: Mongos, tmp_path: Path, which: int) -> None:
    """Nobody says anything any more, not even no. Users wait for as long as the fence may last, and not longer."""
    fill_mongo(mongo_pair[0], 300)
    tap = Tap(tmp_path)
    cut = mongo_pair[which]
    with MongoApp(mongo_pair, tap, per_second=PER_SECOND) as app:
        move = a_move(tmp_path, *mongo_pair)
        assert move.begin()
        if which == 0:
            app.__exit__()
        docker("pause", cut.name)
        try:
            begun = time.monotonic()
            with pytest.raises(StairwayError):
                cut_over([move], tap)
            took = time.monotonic() - begun
            print(f"let go after {took:.1f} s")
            assert took < 12
        finally:
            docker("unpause", cut.name)
        move.engine.close()
        app.__exit__()
    assert app.failed == []
    until = time.monotonic() + 20
    while not mongo_pair[0].lets_in() and time.monotonic() < until:
        time.sleep(0.1)
    tap.release()
    with MongoApp(mongo_pair, tap, first=50, per_second=PER_SECOND) as again:
        moved(tmp_path, *mongo_pair, tap, fence_seconds=PATIENT_SECONDS)
        again.__exit__()
        assert again.failed == []
        assert again.read_back(mongo_pair[1]) == (0, 0)
    assert app.read_back(mongo_pair[1]) == (0, 0)


def test_a_source_that_is_frozen_behind_the_fence(
    mongo_pair: Mongos, tmp_path: Path, following: tuple[Move, App], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session that has taken the right to write is lost there; the run goes on, and so do users once it answers."""
    move, app = following
    plain = Mongodb.verify

    def verify(self: Mongodb, until: float) -> Verification:
        docker("pause", mongo_pair[0].name)
        return plain(self, until)

    monkeypatch.setattr(Mongodb, "verify", verify)
    try:
        with pytest.raises(StairwayError):
            cut_over([move], app.tap)
    finally:
        docker("unpause", mongo_pair[0].name)
    monkeypatch.undo()
    assert not app.tap.closed
    assert wait.until(lambda: mongo_pair[0].lets_in() or None, seconds=120)
    move.engine.close()
    moved(tmp_path, *mongo_pair, app.tap, fence_seconds=PATIENT_SECONDS)
    app.__exit__()
    assert app.failed == []
    assert app.read_back(mongo_pair[1]) == (0, 0)


@pytest.mark.long
def test_a_server_is_killed_while_it_is_copied(
    mongo_pair: Mongos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target goes away in the middle; once it is back, giving up leaves nothing there."""
    fill_mongo(mongo_pair[0], 3000)
    tap = Tap(tmp_path)
    copied = Mongodb._copied

    def once(self: Mongodb, *what: Any) -> None:
        copied(self, *what)
        mongo_pair[1].kill()

    monkeypatch.setattr(Mongodb, "_copied", once)
    with MongoApp(mongo_pair, tap, per_second=PER_SECOND) as app:
        move = a_move(tmp_path, *mongo_pair)
        with pytest.raises(StairwayError) as caught:
            move.begin()
        move.engine.close()
        assert "run the same command again" in str(caught.value)
        monkeypatch.undo()
        mongo_pair[1].again()
        move = a_move(tmp_path, *mongo_pair)
        assert move.abort()
        move.engine.close()
        on_source(app, mongo_pair)
