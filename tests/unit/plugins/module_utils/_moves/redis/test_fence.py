"""A pause that ended before its time is seen, and a server that says nothing keeps nobody."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Side, Wish
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis import fence as fences
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.engine import Redis
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.fence import Fence
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server

LOGIN = Login("", "", "")


class Source:
    """Writes down what it is asked; ``now`` is the time, and ``slow`` is how long each answer takes."""

    def __init__(self) -> None:
        self.now, self.slow, self.open, self.where = 1000.0, 0.0, True, "here"
        self.asked: list[tuple[Any, ...]] = []

    def call(self, *words: Any) -> Any:
        if not self.open:
            raise StairwayError("The connection to a store was lost.")
        self.now += self.slow
        self.asked.append(words[1:])
        return [b"commands", b"+@all"]

    def within(self, until: float) -> None:
        """It has time."""

    def close(self) -> None:
        self.open = False


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    made = Source()
    monkeypatch.setattr(fences, "Connection", lambda *_end: made)
    monkeypatch.setattr(fences, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


@pytest.fixture
def fence(source: Source) -> Fence:
    """One that is renewed by nobody but the test."""
    made: Any = Fence(Server("db", "redis", "10.0.0.1", 1, False, "redis:7", "/nowhere"), LOGIN)
    made.pulse.start = lambda: None
    made.close_off(until=1005.0)
    return made


def renewed(fence: Any) -> None:
    """As by its thread, until that gives up."""
    fence.pulse._stop.wait = lambda _seconds: False
    fence.pulse._run()


def lost(source: Source, fence: Fence) -> None:
    source.open = False
    renewed(fence)


def stopped(source: Source, _fence: Fence) -> None:
    source.now += 11


def stopped_and_renewed(source: Source, fence: Fence) -> None:
    source.now += 11
    renewed(fence)


def answered_late(source: Source, fence: Fence) -> None:
    source.slow = 11
    renewed(fence)


def test_one_that_is_renewed_in_time_stands(source: Source, fence: Fence) -> None:
    for _time in range(5):
        source.now += 9
        fence._pause()
    source.now += 9
    fence.stood()
    fence.for_good(30)
    source.now += 29 * 86_400
    fence.stood()
    assert source.asked[-1] == ("PAUSE", 30 * 86_400_000, "WRITE")


def test_at_the_switch_a_busy_server_has_the_rest_of_the_fences_time(fence: Any) -> None:
    ends: list[float] = []
    fence.pulse.end = ends.append
    fence.for_good(30)
    assert ends == [1005.0]


@pytest.mark.parametrize("what", [lost, stopped, stopped_and_renewed, answered_late])
def test_one_that_ended_before_its_time(source: Source, fence: Fence, what: Callable[[Source, Fence], None]) -> None:
    what(source, fence)
    with pytest.raises(StairwayError, match="was lost|was over before the switch"):
        fence.stood()


@pytest.fixture
def engine(source: Source, fence: Fence) -> Redis:
    server = Server("db", "redis", "10.0.0.1", 1, False, "redis:7", "/nowhere")
    made: Any = Redis(Wish("shop", "db", "redis", *[Side("container", server, LOGIN, LOGIN)] * 2))
    made.facts.update(how="follow")
    made.sessions["source"], made._fence = source, fence
    listener = SimpleNamespace(all=lambda: None, taken=set)
    made._follower = SimpleNamespace(listener=listener, sessions=[], unlike=set)
    return made


def test_the_switch_asks_once_nobody_may_write(source: Source, engine: Redis) -> None:
    engine.switch()
    assert engine.facts["switched"]
    assert source.asked[-1] == ("SETUSER", "default", "-@write")


def test_no_switch_where_the_fence_was_gone(source: Source, engine: Redis) -> None:
    source.now += 11
    with pytest.raises(StairwayError, match="was over before the switch"):
        engine.switch()
    assert "switched" not in engine.facts


def test_no_switch_where_somebody_was_heard(engine: Any) -> None:
    engine._follower.listener.taken = lambda: {(0, b"theirs"), (3, b"more")}
    with pytest.raises(StairwayError, match="writes to db behind the fence") as caught:
        engine.switch()
    assert caught.value.found == "2 key(s): 0/b'theirs', 3/b'more'"
    assert "switched" not in engine.facts


def test_a_source_that_says_nothing_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is frozen: its host takes what comes, and nobody answers."""
    monkeypatch.setattr(fences, "BACK_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        made = threading.Thread(target=_opened, args=(Server("db", "redis", host, port, False, "r", "/nowhere"),))
        made.daemon = True
        made.start()
        there, _address = listening.accept()
        with there:
            there.sendall(b"+OK\r\n" * 2)  # its name, and the pause
            made.join(60)
            assert not made.is_alive()


def _opened(server: Server) -> None:
    fence = Fence(server, LOGIN)
    fence.close_off(time.monotonic() + 60)
    fence.open()
