"""The way of a replica set, with change streams and roles: what stands before FerretDB here answers for these, as
MongoDB's documentation says. Documents, and all else, are really written and read.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection, MongoError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from tests.acceptance.moves.test_02_faults_mongodb import cut_at
from tests.support.mongo_proxy import ROLES, LikeMongod
from tests.support.mongos import MongoApp, fill_mongo
from tests.support.moving import PATIENT_SECONDS, Tap, a_move, moved

PER_SECOND = 30
Pair = tuple[LikeMongod, LikeMongod]
READS = [{"role": "read", "db": "chatdb"}]


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """New ones for each test: FerretDB throws more of its oplog away than it has to, once that was full."""
    folder, run = tmp_path_factory.mktemp("mongo"), os.getpid() % 6
    pair = (
        LikeMongod(f"mv-mongo-like-{run}-here", f"10.214.79.{240 + 2 * run}", False, folder / "here"),
        LikeMongod(f"mv-mongo-like-{run}-there", f"10.214.79.{241 + 2 * run}", False, folder / "there"),
    )
    try:
        yield (pair[0].start(), pair[1].start())
    finally:
        for one in pair:
            one.remove()


def roles(one: LikeMongod) -> Any:
    return one.front.user["roles"]


def write(session: Connection, key: str) -> None:
    session.write({"insert": "sessions"}, documents=[bson.encode({"_id": key})])


@pytest.mark.long
def test_up_and_down(pair: Pair, tmp_path: Path) -> None:
    here, there = pair
    fill_mongo(here, 2000)
    tap = Tap(tmp_path)
    with MongoApp(pair, tap, per_second=PER_SECOND) as app:
        move = moved(tmp_path, here, there, tap, fence_seconds=PATIENT_SECONDS)
        time.sleep(0.5)
        app.__exit__()
    assert move.journal.facts["ways"] == ["change streams", "change streams"]
    assert app.failed == []
    assert app.read_back(there) == (0, 0)
    assert (roles(here), roles(there)) == (READS, ROLES)
    with contextlib.closing(here.connect()) as one, pytest.raises(MongoError, match="not authorized"):
        write(one, "late")
    print(f"fence {move.journal.data['fence_seconds']} s")

    down = tmp_path / "down"
    down.mkdir()
    (down / "db.json").write_text((tmp_path / "db.json").read_text())
    tap = Tap(down)
    with MongoApp((there, here), tap, first=10, per_second=PER_SECOND) as app:
        moved(down, there, here, tap, fence_seconds=PATIENT_SECONDS, replace_target=True)
        time.sleep(0.5)
        app.__exit__()
    assert app.failed == []
    assert app.read_back(here) == (0, 0)
    assert (roles(here), roles(there)) == (ROLES, READS)
    assert here.left() == [] == there.left()
    again = a_move(down, there, here)
    assert not again.begin(), "it is known that the source was left"
    again.engine.close()


@pytest.mark.long
def test_open_sessions_lose_the_right_to_write_and_get_it_back(pair: Pair, tmp_path: Path) -> None:
    """At the target before the switch, at the source behind the fence; nobody has to log in again."""
    here, there = pair
    fill_mongo(here, 300)
    move = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
    old, new = here.connect(), there.connect()
    assert move.begin()
    write(old, "before")
    with pytest.raises(MongoError, match="not authorized"):
        write(new, "early")
    assert new.call({"count": "people"})["n"] == 100

    until = time.monotonic() + PATIENT_SECONDS
    move.engine.fence(until)
    with pytest.raises(MongoError, match="not authorized"):
        write(old, "behind")
    assert old.call({"count": "people"})["n"] == 100, "readers pass"
    move.engine.unfence()
    write(old, "again")

    cut_over([move], Tap(tmp_path))
    move.finish()
    with pytest.raises(MongoError, match="not authorized"):
        write(old, "late")
    write(new, "now")
    move.engine.close()
    there_now = {one["_id"] for one in there.documents("sessions")}
    assert {"before", "again", "now"} <= there_now
    assert not {"early", "behind", "late"} & there_now
    for one in (old, new):
        one.close()


@pytest.mark.long
def test_given_up(pair: Pair, tmp_path: Path) -> None:
    here, there = pair
    fill_mongo(here, 300)
    move = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
    assert move.begin()
    assert roles(there) == READS
    with contextlib.closing(there.root()) as one:
        write(one, "theirs")
    with pytest.raises(StairwayError, match="not the same"):
        cut_over([move], Tap(tmp_path))
    assert roles(here) == ROLES, "the app writes to its source again"
    assert move.abort()
    move.engine.close()
    assert (roles(here), roles(there)) == (ROLES, ROLES)
    assert "stairway_move" not in str(here.front.user) + str(there.front.user)
    assert there.collections() == []


@pytest.mark.long
@pytest.mark.parametrize("number", [9, 12, 14, 16, 18, 20])
def test_cut_at(pair: Pair, tmp_path: Path, number: int) -> None:
    """SIGKILL: whoever guards the fence gives the roles back, and the next run goes on."""
    here, there = pair
    cut_at(number, pair, tmp_path / "cut")
    assert (roles(here), roles(there)) == (READS, ROLES)
