"""Issue 5, 2, Redis: a run that is gone is continued by the next; what it did not hear of is carried again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Verification
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move, cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.engine import Redis
from tests.acceptance.moves.conftest import Redises
from tests.support.databases import docker
from tests.support.moving import PATIENT_SECONDS, Tap, a_move, moved, nothing_left
from tests.support.redises import RedisApp, RedisServer, fill_redis


def test_the_next_run_goes_on(redis_pair: Redises, tmp_path: Path) -> None:
    fill_redis(redis_pair[0], 3000)
    tap = Tap(tmp_path)
    with RedisApp(redis_pair, tap) as app:
        move = a_move(tmp_path, *redis_pair)
        assert move.begin()
        move.engine.close()
        time.sleep(1)
        moved(tmp_path, *redis_pair, tap, fence_seconds=PATIENT_SECONDS)
        app.__exit__()
    assert app.failed == []
    assert app.read_back(redis_pair[1]) == (0, 0)
    nothing_left(*redis_pair)


def test_a_key_that_others_have_changed(redis_pair: Redises, tmp_path: Path) -> None:
    fill_redis(redis_pair[0], 1000)
    tap = Tap(tmp_path)
    with RedisApp(redis_pair, tap) as app:
        move = a_move(tmp_path, *redis_pair)
        assert move.begin()
        redis_pair[1].connect().call("SET", "list:7", "theirs")
        with pytest.raises(StairwayError, match="not the same"):
            cut_over([move], tap)
        assert move.abort()
        move.engine.close()
        app.__exit__()
    assert app.failed == []
    assert app.read_back(redis_pair[0]) == (0, 0)
    assert redis_pair[1].connect().call("DBSIZE") == 0
    nothing_left(*redis_pair)


def somebody_ends_it(engine: Redis, source: RedisServer) -> None:
    with closing(source.connect()) as one:
        one.call("CLIENT", "UNPAUSE")
        one.call("SET", "theirs", "late")


def its_session_is_lost(engine: Redis, source: RedisServer) -> None:
    assert engine._fence is not None
    engine._fence.connection.cut()
    assert wait.until(lambda: engine._fence and engine._fence.pulse.problem, seconds=60)


@pytest.mark.parametrize("harm", [somebody_ends_it, its_session_is_lost])
def test_a_pause_that_ends_before_the_switch(
    redis_pair: Redises,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[[Redis, RedisServer], None],
) -> None:
    """What was written then is on no other side, and nobody looks for it any more."""
    fill_redis(redis_pair[0], 1000)
    tap, plain = Tap(tmp_path), Redis.verify

    def verify(self: Redis, until: float) -> Verification:
        found = plain(self, until)
        harm(self, redis_pair[0])
        return found

    with RedisApp(redis_pair, tap) as app:
        move = a_move(tmp_path, *redis_pair, fence_seconds=PATIENT_SECONDS)
        assert move.begin()
        monkeypatch.setattr(Redis, "verify", verify)
        with pytest.raises(StairwayError, match="behind the fence|was lost"):
            cut_over([move], tap)
        move.engine.close()
        monkeypatch.undo()
        assert not tap.flipped
        moved(tmp_path, *redis_pair, tap, fence_seconds=PATIENT_SECONDS)
        app.__exit__()
    assert app.failed == []
    assert app.read_back(redis_pair[1]) == (0, 0)
    with closing(redis_pair[1].connect()) as there:
        assert there.call("GET", "theirs") == (b"late" if harm is somebody_ends_it else None)


def go_back(move: Move, tap: Tap, said: list[StairwayError]) -> None:
    try:
        cut_over([move], tap)
    except StairwayError as error:
        said.append(error)


def test_a_source_that_is_frozen_behind_the_fence(
    redis_pair: Redises, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes what is sent and says nothing any more. Whoever goes back does not wait for it."""
    fill_redis(redis_pair[0], 1000)
    tap, plain = Tap(tmp_path), Redis.catch_up

    def catch_up(self: Redis, until: float) -> None:
        docker("pause", redis_pair[0].name)
        plain(self, until)

    with RedisApp(redis_pair, tap) as app:
        move = a_move(tmp_path, *redis_pair)
        assert move.begin()
        monkeypatch.setattr(Redis, "catch_up", catch_up)
        said: list[StairwayError] = []
        run = threading.Thread(target=go_back, args=(move, tap, said), daemon=True)
        run.start()
        run.join(120)
        docker("unpause", redis_pair[0].name)
        assert len(said) == 1
        assert not tap.closed
        move.engine.close()
        monkeypatch.undo()
        before = [len(one) for one in app.written]

        def all_go_on() -> bool | None:
            """The pause ends by itself: nobody could end it."""
            return all(len(one) > had for one, had in zip(app.written, before, strict=True)) or None

        assert wait.until(all_go_on, seconds=60)
        moved(tmp_path, *redis_pair, tap, fence_seconds=PATIENT_SECONDS)
        app.__exit__()
    assert app.failed == []
    assert app.read_back(redis_pair[1]) == (0, 0)
