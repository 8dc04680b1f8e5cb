"""Issue 5, 1, Redis: up and down under writes; nothing lost or doubled, no request failed, the fence at most 5 s."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.engine import Redis
from tests.acceptance.moves.conftest import Redises
from tests.support.moving import Tap, a_move, moved, nothing_left
from tests.support.redises import RedisApp, fill_redis


def go(folder: Path, pair: Redises, first: int, **options: bool) -> None:
    source, target = pair
    tap = Tap(folder)
    with RedisApp(pair, tap, first=first) as app:
        move = moved(folder, source, target, tap, **options)
        time.sleep(0.5)
        app.__exit__()
    assert app.failed == []
    assert app.read_back(target) == (0, 0)
    fence = move.journal.data["fence_seconds"]
    print(f"fence {fence:.2f} s, slowest request {app.slowest:.2f} s, {sum(map(len, app.written))} writes")
    assert fence < 5
    nothing_left(source, target)
    assert sum(map(len, app.written)) > 100


@pytest.mark.quiet
def test_up_and_down(redis_pair: Redises, tmp_path: Path) -> None:
    here, there = redis_pair
    fill_redis(here, 20_000)
    go(tmp_path, (here, there), 0)
    old = here.connect()
    answer = old.pipeline([("SET", "late", "x")], strict=False)[0]
    assert str(answer).startswith("NOPERM"), "the source still takes writes"
    down = tmp_path / "down"
    down.mkdir()
    (down / "db.json").write_text((tmp_path / "db.json").read_text())
    go(down, (there, here), 10, replace_target=True)
    one = here.connect()
    assert one.call("FCALL", "f", 0) == 1
    assert 0 < one.call("TTL", "ends:5") <= 1005
    one.use(3)
    assert one.call("GET", "elsewhere") == b"yes"


def test_held_for_as_long_as_it_takes(redis_pair: Redises, tmp_path: Path) -> None:
    fill_redis(redis_pair[0], 3000)
    tap = Tap(tmp_path)
    with RedisApp(redis_pair, tap) as app:
        moved(tmp_path, *redis_pair, tap, how="dump")
        app.__exit__()
    assert app.failed == []
    assert app.read_back(redis_pair[1]) == (0, 0)


def test_every_key_is_the_same(redis_pair: Redises, tmp_path: Path) -> None:
    fill_redis(redis_pair[0], 5000)
    move = a_move(tmp_path, *redis_pair)
    assert move.begin()
    assert isinstance(move.engine, Redis)
    assert [str(one) for one in move.engine.compared().differences] == []
    assert move.abort()
    move.engine.close()
    assert redis_pair[1].connect().call("DBSIZE") == 0
    nothing_left(*redis_pair)
