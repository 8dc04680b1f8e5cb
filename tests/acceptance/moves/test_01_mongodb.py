"""Issue 5, 1, MongoDB: up and down under writes; nothing lost or doubled, no request failed, the fence at most 5 s."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson, documents
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.engine import Mongodb
from tests.acceptance.moves.conftest import Mongos
from tests.support.mongos import KINDS, PASSWORDS, MongoApp, MongoServer, fill_mongo
from tests.support.moving import Tap, a_move, moved

PER_SECOND = 40


def go(folder: Path, pair: Mongos, first: int, **options: bool) -> None:
    source, target = pair
    tap = Tap(folder)
    with MongoApp(pair, tap, first=first, per_second=PER_SECOND) as app:
        move = moved(folder, source, target, tap, **options)
        time.sleep(0.5)
        app.__exit__()
    assert app.failed == []
    assert app.read_back(target) == (0, 0)
    fence = move.journal.data["fence_seconds"]
    print(f"fence {fence:.2f} s, slowest request {app.slowest:.2f} s, {sum(map(len, app.written))} writes")
    assert fence < 5
    assert source.left() == [] == target.left()
    assert sum(map(len, app.written)) > 100


def moved_away(folder: Path, source: MongoServer, target: MongoServer) -> bool:
    """Whether the source itself says so: without roles it is not kept from being written to."""
    with contextlib.closing(a_move(folder, source, target).engine) as engine:
        return bool(engine.retired())


@pytest.mark.long
@pytest.mark.quiet
def test_up_and_down(mongo_pair: Mongos, tmp_path: Path) -> None:
    here, there = mongo_pair
    fill_mongo(here, 5000)
    go(tmp_path, (here, there), 0)
    assert moved_away(tmp_path, here, there)
    assert there.lets_in()
    down = tmp_path / "down"
    down.mkdir()
    (down / "db.json").write_text((tmp_path / "db.json").read_text())
    go(down, (there, here), 10, replace_target=True)
    assert here.lets_in()
    assert moved_away(down, there, here)
    (kind,) = here.documents("kinds", _id="k7")
    assert {name: kind[name] for name in KINDS} == KINDS
    assert list(kind) == ["_id", *KINDS, "number"], "fields keep their order"
    assert [one["_id"] for one in here.documents("log")] == list(range(200)), "a capped collection keeps its order"


@pytest.mark.long
def test_held_for_as_long_as_it_takes(mongo_pair: Mongos, tmp_path: Path) -> None:
    fill_mongo(mongo_pair[0], 2000)
    tap = Tap(tmp_path)
    with MongoApp(mongo_pair, tap, per_second=PER_SECOND) as app:
        moved(tmp_path, *mongo_pair, tap, how="dump")
        app.__exit__()
    assert app.failed == []
    assert app.read_back(mongo_pair[1]) == (0, 0)
    assert mongo_pair[0].left() == [] == mongo_pair[1].left()


@pytest.mark.long
@pytest.mark.quiet
def test_to_where_we_are_nobody_but_the_app(mongo_pair: Mongos, tmp_path: Path) -> None:
    """As to Atlas and back, by a URL alone: no rights can be taken there, so writes are heard of instead."""
    here, there = mongo_pair
    there.by_url = True
    fill_mongo(here, 1000)
    go(tmp_path, (here, there), 0)
    down = tmp_path / "down"
    down.mkdir()
    (down / "db.json").write_text((tmp_path / "db.json").read_text())
    tap = Tap(down)
    with MongoApp((there, here), tap, first=10, per_second=PER_SECOND) as app:
        moved(down, there, here, tap, replace_target=True)
        app.__exit__()
    assert app.failed == []
    assert app.read_back(here) == (0, 0)
    again = a_move(down, there, here)
    assert not again.begin(), "the same once more finds that it is done"
    again.engine.close()
    assert here.left() == []


def test_every_document_is_the_same(mongo_pair: Mongos, tmp_path: Path) -> None:
    here, there = mongo_pair
    fill_mongo(here, 1000)
    move = a_move(tmp_path, *mongo_pair)
    assert move.begin()
    assert isinstance(move.engine, Mongodb)
    found = move.engine.compared()
    assert [str(one) for one in found.differences] == []
    assert found.tables["messages0"]["documents"] == 200
    assert found.tables["messages0"]["bytes"] > 200 * len(bson.encode({"_id": "old1"}))
    assert found.objects["index"] == 11
    assert move.abort()
    move.engine.close()
    assert there.collections() == []
    assert here.left() == [] == there.left()
    assert here.lets_in()
    assert there.lets_in()


def test_a_large_collection_goes_in_ranges(mongo_pair: Mongos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = mongo_pair
    monkeypatch.setattr(documents, "SPLIT_ROWS", 200)
    with contextlib.closing(here.root()) as one:
        told = [bson.encode({"_id": number * 0.5 if number % 2 else number // 2, "n": number}) for number in range(900)]
        one.write({"insert": "numbers"}, documents=told)
        one.write({"insert": "texts"}, documents=[bson.encode({"_id": f"t{n}", "n": n}) for n in range(900)])
        one.write({"insert": "both"}, documents=[bson.encode({"_id": n if n % 2 else f"t{n}"}) for n in range(300)])
        assert len(documents.ranges(one, "numbers", 900, 2)) == 4
        assert documents.ranges(one, "both", 300, 2) == [{}]
    move = a_move(tmp_path, *mongo_pair)
    assert move.begin()
    assert isinstance(move.engine, Mongodb)
    found = move.engine.compared()
    assert found.differences == []
    assert {name: one["documents"] for name, one in found.tables.items()} == {"both": 300, "numbers": 900, "texts": 900}
    assert len(found.tables["numbers"]["sha256"].split()) == 4
    with contextlib.closing(there.root()) as one:
        one.write({"delete": "numbers"}, deletes=[bson.encode({"q": {"_id": 100}, "limit": 1})])
        one.write({"insert": "texts"}, documents=[bson.encode({"_id": "t5 again"})])
    names = [one.name for one in move.engine.compared().differences]
    assert names == ["numbers 100", "texts 't5 again'"]
    assert move.abort()
    move.engine.close()


def test_secrets_stay_secret(mongo_pair: Mongos, tmp_path: Path) -> None:
    mongo_pair[1].by_url = True
    fill_mongo(mongo_pair[0], 100)
    move = a_move(tmp_path, *mongo_pair)
    assert move.begin()
    told = repr(move.engine.wish) + repr(getattr(move.engine, "ends", "")) + (tmp_path / "db.json").read_text()
    told += (tmp_path / "db.report.json").read_text() + (tmp_path / "db.report.txt").read_text()
    assert move.abort()
    move.engine.close()
    for secret in PASSWORDS.values():
        assert secret not in told
