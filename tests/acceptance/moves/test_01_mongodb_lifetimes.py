"""Documents that end while the store moves. FerretDB ends none, and keeps no lifetimes of indexes: the tests say which
documents end, and delete them as a TTL monitor would, at the source and by nobody's rights.
"""

from __future__ import annotations

import contextlib
import struct
import time
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Verification
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson, lifetimes
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.bson import Element
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.engine import Mongodb
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.shape import Shape
from tests.acceptance.moves.conftest import Mongos
from tests.support.mongos import MongoServer, fill_mongo
from tests.support.moving import PATIENT_SECONDS, Tap, a_move, moved

HOUR, MANY = 3600, 30


def ago(seconds: float) -> Element:
    return Element(bson.DATE, struct.pack("<q", int((time.time() - seconds) * 1000)))


@pytest.fixture
def pair(mongo_pair: Mongos, monkeypatch: pytest.MonkeyPatch) -> Mongos:
    """``visits`` end an hour after they were made: some have, others are to last for long."""
    fill_mongo(mongo_pair[0], 100)
    told = [{"_id": f"old{number}", "made": ago(2 * HOUR)} for number in range(MANY)]
    told += [{"_id": f"new{number}", "made": ago(0)} for number in range(MANY)]
    with contextlib.closing(mongo_pair[0].root()) as one:
        one.write({"insert": "visits"}, documents=[bson.encode(each) for each in told])

    def ends(shape: Shape) -> list[tuple[str, float]]:
        return [("made", HOUR)] if shape.name == "visits" else []

    monkeypatch.setattr(lifetimes, "ends", ends)
    return mongo_pair


def end(store: MongoServer, *keys: str) -> None:
    with contextlib.closing(store.root()) as one:
        gone = [bson.encode({"q": {"_id": key}, "limit": 1}) for key in keys]
        assert one.write({"delete": "visits"}, deletes=gone) == len(keys)


def visits(store: MongoServer) -> list[str]:
    return sorted(one["_id"] for one in store.documents("visits"))


def passes(pair: Mongos, monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    """Three times: behind the copy, or the last change carried; in the middle of the comparison; and behind it."""
    carried, compared = ("catch_up", "verify")
    catch_up, verify, everything = Mongodb.catch_up, Mongodb.verify, Mongodb._verify_followed

    def caught_up(self: Mongodb, until: float) -> None:
        catch_up(self, until)
        end(pair[0], f"{prefix}1", f"{prefix}2")

    def middle(self: Mongodb, here: dict[str, Shape], found: Verification) -> None:
        everything(self, here, found)
        end(pair[0], f"{prefix}3")

    def verified(self: Mongodb, until: float) -> Verification:
        found = verify(self, until)
        end(pair[0], f"{prefix}4")
        return found

    monkeypatch.setattr(Mongodb, carried, caught_up)
    monkeypatch.setattr(Mongodb, compared, verified)
    monkeypatch.setattr(Mongodb, "_verify_followed", middle)


@pytest.mark.parametrize("how", ["follow", "dump"])
def test_documents_that_end_behind_the_fence(
    pair: Mongos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    passes(pair, monkeypatch, "old")
    moved(tmp_path, *pair, Tap(tmp_path), how=how, fence_seconds=PATIENT_SECONDS)
    here, there = visits(pair[0]), visits(pair[1])
    assert len(here) == 2 * MANY - (4 if how == "follow" else 3)
    # nobody looks any more once it is compared and nobody is followed; the target ends it itself
    assert set(there) - set(here) == (set() if how == "follow" else {"old4"})
    assert set(here) <= set(there)


@pytest.mark.parametrize("how", ["follow", "dump"])
def test_what_was_deleted_before_its_time(
    pair: Mongos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    catch_up = Mongodb.catch_up

    def caught_up(self: Mongodb, until: float) -> None:
        catch_up(self, until)
        end(pair[0], "new1")

    monkeypatch.setattr(Mongodb, "catch_up", caught_up)
    with pytest.raises(StairwayError, match="not the same"):
        moved(tmp_path, *pair, Tap(tmp_path), how=how, fence_seconds=PATIENT_SECONDS)
    move = a_move(tmp_path, *pair)
    move.abort()
    move.engine.close()
