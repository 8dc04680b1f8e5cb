"""Issue 5, 2, Redis: a run that is gone is continued by the next; what it did not hear of is carried again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from tests.acceptance.moves.conftest import Redises
from tests.support.moving import PATIENT_SECONDS, Tap, a_move, moved, nothing_left
from tests.support.redises import RedisApp, fill_redis


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
