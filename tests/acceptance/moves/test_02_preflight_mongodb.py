"""What a preflight of MongoDB refuses, before anything is touched; and moves of servers that do not tell of changes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from tests.acceptance.moves.conftest import Mongos
from tests.support.databases import certificates
from tests.support.mongos import MongoApp, MongoServer, fill_mongo
from tests.support.moving import PATIENT_SECONDS, Tap, a_move, moved

PER_SECOND = 25
CHANGED: dict[str, Any] = {"update": "kinds", "updates": [{"q": {"_id": "k7"}, "u": {"$set": {"int": 8}}}]}


def refused(folder: Path, pair: tuple[MongoServer, MongoServer], told: str, fix: str, **options: Any) -> None:
    move = a_move(folder, *pair, **options)
    with pytest.raises(StairwayError, match=told) as caught:
        move.begin()
    move.engine.close()
    assert fix in str(caught.value)
    assert not move.journal.open


def test_a_target_with_data_is_refused(mongo_pair: Mongos, tmp_path: Path) -> None:
    with contextlib.closing(mongo_pair[1].root()) as one:
        one.write({"insert": "theirs"}, documents=[bson.encode({"_id": 1})])
    refused(tmp_path, mongo_pair, "not empty: 1 document.*theirs", "drop the database")
    assert mongo_pair[1].documents("theirs") == [{"_id": 1}]


def test_a_target_that_does_not_let_us_in(mongo_pair: Mongos, tmp_path: Path) -> None:
    with contextlib.closing(mongo_pair[1].root()) as one:
        one.call({"updateUser": "chat", "pwd": "another"})
    refused(tmp_path, mongo_pair, "does not let the user chat in", "password in your vault")


def test_a_certificate_of_somebody_else(mongo_pair: Mongos, tmp_path: Path) -> None:
    here, there = mongo_pair
    certificates(tmp_path / "nobody", there.address)
    other = MongoServer(there.name, there.address, True, tmp_path / "nobody")
    refused(tmp_path, (here, other), "cannot prove who it is", "stores_ca_url")


def test_nobody_is_there(mongo_pair: Mongos, tmp_path: Path) -> None:
    gone = MongoServer("nobody", "127.0.0.1", False, tmp_path)
    refused(tmp_path, (mongo_pair[0], gone), "refuses connections", "listens on another port")


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[MongoServer]:
    """As a mongod of its own: no replica set."""
    run = os.getpid() % 60
    one = MongoServer(f"mv-mongo-{run}-alone", f"10.214.79.{180 + run}", False, tmp_path / "alone", tells=False)
    try:
        yield one.start()
    finally:
        one.remove()


def test_a_source_that_does_not_tell_of_changes(mongo_pair: Mongos, silent: MongoServer, tmp_path: Path) -> None:
    fill_mongo(silent, 100)
    refused(tmp_path, (silent, mongo_pair[1]), "does not tell of changes", "-e move_how=dump")
    tap = Tap(tmp_path)
    with MongoApp((silent, mongo_pair[1]), tap, per_second=PER_SECOND) as app:
        moved(tmp_path, silent, mongo_pair[1], tap, how="dump")
        app.__exit__()
    assert app.failed == []
    assert app.read_back(mongo_pair[1]) == (0, 0)


@pytest.mark.long
def test_a_target_that_does_not_tell_of_changes(mongo_pair: Mongos, silent: MongoServer, tmp_path: Path) -> None:
    """What others do there is found by comparing everything."""
    fill_mongo(mongo_pair[0], 200)
    tap = Tap(tmp_path)
    pair = (mongo_pair[0], silent)
    with MongoApp(pair, tap, per_second=PER_SECOND) as app:
        move = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
        assert move.begin()
        with contextlib.closing(silent.root()) as one:
            one.call(CHANGED)
        with pytest.raises(StairwayError, match="not the same"):
            cut_over([move], tap)
        assert move.abort()
        move.engine.close()
        assert move.begin()
        cut_over([move], tap)
        move.finish()
        app.__exit__()
    assert app.failed == []
    assert app.read_back(silent) == (0, 0)
