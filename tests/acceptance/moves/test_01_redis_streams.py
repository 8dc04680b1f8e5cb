"""Workers of a stream's group, who counts a HyperLogLog, and who loads a function: no server tells of their changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Verification
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis import keys
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.changes import Follower
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.engine import Redis
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.wire import Connection
from tests.acceptance.moves.conftest import Redises
from tests.support.moving import PATIENT_SECONDS, Tap, a_move, nothing_left
from tests.support.redises import RedisServer

Work = Callable[[Connection], object]
JOBS = 40


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redises]:
    folder = tmp_path_factory.mktemp("redis")
    pair = (
        RedisServer("mv-sql-redis-1s-here", "10.214.78.54", False, folder / "here"),
        RedisServer("mv-sql-redis-1s-there", "10.214.78.55", True, folder / "there"),
    )
    try:
        yield (pair[0].start(), pair[1].start())
    finally:
        for one in pair:
            one.remove()


@pytest.fixture
def pair(both: Redises) -> Redises:
    """Jobs that wait, some of them given out to ``me``, and a page's visitors."""
    for one in both:
        with closing(one.connect()) as session:
            if not one.managed:
                session.call("ACL", "SETUSER", "default", "+@all")
            session.call("FLUSHALL")
            session.call("FUNCTION", "FLUSH")
    with closing(both[0].connect()) as session:
        session.use(2)
        session.pipeline([("XADD", "jobs", "*", "n", number) for number in range(JOBS)])
        session.call("XGROUP", "CREATE", "jobs", "workers", "0")
        session.call("XREADGROUP", "GROUP", "workers", "me", "COUNT", 10, "STREAMS", "jobs", ">")
        session.call("XADD", "alone", "*", "n", 1)
        session.call("PFADD", "visitors", *range(500))
    return both


def ids(session: Connection) -> list[bytes]:
    return [one[0] for one in session.call("XPENDING", "jobs", "workers", "-", "+", 1000)]


def read(session: Connection) -> object:
    return session.call("XREADGROUP", "GROUP", "workers", "me", "COUNT", 5, "STREAMS", "jobs", ">")


def acknowledge(session: Connection) -> object:
    return session.call("XACK", "jobs", "workers", *ids(session)[:4])


def claim(session: Connection) -> object:
    session.call("XGROUP", "CREATECONSUMER", "jobs", "workers", "other")
    return session.call("XCLAIM", "jobs", "workers", "other", 0, *ids(session)[:3])


def claim_alike(session: Connection) -> object:
    """Nothing but the time of it: who works long keeps his job to himself."""
    time.sleep(1.5)
    return session.call("XCLAIM", "jobs", "workers", "me", 0, *ids(session), "JUSTID")


def claim_by_itself(session: Connection) -> object:
    return session.call("XAUTOCLAIM", "jobs", "workers", "me", 0, "0")


def ask_in_vain(session: Connection) -> object:
    return session.call("XREADGROUP", "GROUP", "workers", "me", "STREAMS", "jobs", "0")


def count(session: Connection) -> object:
    return session.call("PFCOUNT", "visitors")


def add_and_work(session: Connection) -> object:
    session.call("XADD", "jobs", "*", "n", "late")
    session.call("PFADD", "visitors", "late")
    time.sleep(0.5)  # it is carried
    count(session)
    return acknowledge(session)


def first_group(session: Connection) -> object:
    session.call("XGROUP", "CREATE", "alone", "new", "0")
    time.sleep(0.5)
    return session.call("XREADGROUP", "GROUP", "new", "me", "STREAMS", "alone", ">")


def state(store: RedisServer) -> list[Any]:
    """All that a worker could tell; how long a message has waited, to the second."""
    with closing(store.connect()) as session:
        session.use(2)
        found = []
        for key, group in (("jobs", "workers"), ("alone", "new")):
            told = session.pipeline([("XINFO", "GROUPS", key), ("XRANGE", key, "-", "+")])
            waiting = session.pipeline([("XPENDING", key, group, "-", "+", 1000)], strict=False)[0]
            if isinstance(waiting, list):
                now = time.time()
                waiting = [(one[0], one[1], round(now - one[2] / 1000), one[3]) for one in waiting]
                told.append(waiting)
            found.append(told)
        return [*found, session.call("PFCOUNT", "visitors")]


@pytest.mark.parametrize(
    "work", [read, acknowledge, claim, claim_alike, claim_by_itself, ask_in_vain, add_and_work, first_group]
)
def test_what_is_done_while_the_source_is_followed(pair: Redises, tmp_path: Path, work: Work) -> None:
    move = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
    assert move.begin()
    with closing(pair[0].connect()) as worker:
        worker.use(2)
        work(worker)
    cut_over([move], Tap(tmp_path))
    move.finish()
    move.engine.close()
    here, there = state(pair[0]), state(pair[1])
    # two looks at a clock may have a second's end between them
    for mine, other in zip(here[:2], there[:2], strict=True):
        for one, another in zip(*(side[2] if len(side) > 2 else [] for side in (mine, other)), strict=True):
            assert one[:2] + one[3:] == another[:2] + another[3:]
            assert abs(one[2] - another[2]) <= 1
        assert mine[:2] == other[:2]
    assert here[2] == there[2]
    nothing_left(*pair)


def test_functions_of_a_release_after_the_copy(pair: Redises, tmp_path: Path) -> None:
    def load(name: str) -> tuple[str, ...]:
        return "FUNCTION", "LOAD", f"#!lua name={name}\nredis.register_function('{name}', function() return 1 end)"

    with closing(pair[0].connect()) as session:
        session.call(*load("old"))
        move = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
        assert move.begin()
        session.pipeline([("FUNCTION", "DELETE", "old"), load("new")])
    cut_over([move], Tap(tmp_path))
    move.finish()
    move.engine.close()
    with closing(pair[1].connect()) as session:
        (found,) = session.call("FUNCTION", "LIST")
        assert found[1] == b"new"


def test_workers_need_not_stop_for_the_comparison(
    pair: Redises, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the copy and the first comparison."""
    plain = Redis.check

    def check(self: Redis) -> Verification:
        with closing(pair[0].connect()) as worker:
            worker.use(2)
            read(worker)
            acknowledge(worker)
            count(worker)
        return plain(self)

    monkeypatch.setattr(Redis, "check", check)
    move = a_move(tmp_path, *pair)
    assert move.begin()
    assert isinstance(move.engine, Redis)
    assert [str(one) for one in move.engine.compared().differences] == []
    assert move.abort()
    move.engine.close()


def test_nobody_reads_a_whole_stream_for_a_workers_sake(
    pair: Redises, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With half a million entries that took minutes, before the fence: it is carried again behind it anyway."""
    plain = Follower.reach

    def reach(self: Follower) -> None:
        plain(self)
        with closing(pair[0].connect()) as worker:
            worker.use(2)
            acknowledge(worker)

    def read_all(_connection: Connection, key: bytes) -> None:
        raise AssertionError(f"all of {key!r} was read")

    monkeypatch.setattr(Follower, "reach", reach)
    monkeypatch.setattr(keys, "_entries", read_all)
    move = a_move(tmp_path, *pair)
    assert move.begin()
    assert isinstance(move.engine, Redis)
    assert (2, b"jobs") in move.engine._running.touched
    assert move.abort()
    move.engine.close()


def test_a_run_that_goes_on_knows_the_groups(pair: Redises, tmp_path: Path) -> None:
    move = a_move(tmp_path, *pair)
    assert move.begin()
    move.engine.close()
    again = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
    assert again.begin()
    with closing(pair[0].connect()) as worker:
        worker.use(2)
        acknowledge(worker)
    cut_over([again], Tap(tmp_path))
    again.finish()
    again.engine.close()
    assert state(pair[0])[0][0] == state(pair[1])[0][0]


def test_who_works_behind_the_fence_is_seen(pair: Redises, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause was ended by somebody, and no key is told of."""
    plain = Redis.verify

    def verify(self: Redis, until: float) -> Verification:
        found = plain(self, until)
        with closing(pair[0].connect()) as worker:
            worker.call("CLIENT", "UNPAUSE")
            worker.use(2)
            acknowledge(worker)
        return found

    monkeypatch.setattr(Redis, "verify", verify)
    move = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
    assert move.begin()
    with pytest.raises(StairwayError, match="writes to db behind the fence") as caught:
        cut_over([move], Tap(tmp_path))
    assert caught.value.found == "1 key(s): 2/b'jobs'"
    assert move.abort()
    move.engine.close()
