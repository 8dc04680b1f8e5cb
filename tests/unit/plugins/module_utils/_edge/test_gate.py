"""The gate as the program it is: started, spoken to over its sockets, killed."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._edge import gate
from ansible_collections.stairway.cloud.plugins.module_utils._edge.gates import gate_argv, order_of, release_hold
from ansible_collections.stairway.cloud.plugins.module_utils._edge.switch import EdgeState

from .conftest import Upstream

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def state(tmp_path: Path) -> EdgeState:
    state = EdgeState(tmp_path / "edge", tmp_path / "run")
    state.prepare()
    return state


@pytest.fixture
def start(state: EdgeState, blue: Upstream, green: Upstream) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(seconds: float = 20) -> subprocess.Popen[bytes]:
        services = {"api": {"blue": [blue.port], "green": [green.port]}}
        order = order_of(state, services, seconds, stamp=len(started) + 1)
        gate_process = subprocess.Popen(gate_argv(order, gate.__file__), stdout=subprocess.DEVNULL)
        started.append(gate_process)
        deadline = time.monotonic() + 10
        while state.hold_file.resolve().name != f"hold.{len(started)}":  # it stays when the hold is over
            assert time.monotonic() < deadline, "the gate did not begin to hold"
            time.sleep(0.01)
        return gate_process

    yield begin
    for process in started:
        process.kill()
        process.wait()


@contextlib.contextmanager
def accepted(process: subprocess.Popen[bytes], count: int) -> Iterator[None]:
    """When the block ends, the gate has taken that many more connections than when it began."""
    files = Path(f"/proc/{process.pid}/fd")
    before = len(list(files.iterdir()))
    yield
    deadline = time.monotonic() + 30
    while len(list(files.iterdir())) < before + count:
        assert time.monotonic() < deadline, "the gate did not take all connections"
        time.sleep(0.01)


def connect(state: EdgeState) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(15)
    peer.connect(str(state.socket("api")))
    return peer


def post(state: EdgeState, number: int, size: int = 10) -> str:
    with connect(state) as peer:
        peer.sendall(f"POST /{number} HTTP/1.1\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * size)
        return read_all(peer)


def read_all(peer: socket.socket) -> str:
    text = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := peer.recv(65536):
            text += chunk
    return text.decode()


def test_what_waits_is_executed_once_on_the_colour_that_serves_then(
    state: EdgeState, start: Start, blue: Upstream, green: Upstream
) -> None:
    process = start()
    with ThreadPoolExecutor(60) as pool:
        with accepted(process, 60):
            answers = [pool.submit(post, state, number) for number in range(60)]
        assert not blue.executed, "nothing is executed while it holds"
        blue.stop()
        state.switch("green")
        released = release_hold("chat", state)
        assert all(answer.result().endswith("green 10") for answer in answers)
    assert sorted(green.executed) == sorted(f"POST /{number} HTTP/1.1" for number in range(60))
    assert released is not None
    assert (released.held, released.forwarded, released.refused, released.expired) == (60, 60, 0, False)


def test_a_large_body_arrives_whole(state: EdgeState, start: Start) -> None:
    process = start()
    with ThreadPoolExecutor(1) as pool:
        with accepted(process, 1):
            answer = pool.submit(post, state, 1, 5_000_000)
        release_hold("chat", state)
        assert answer.result().endswith("blue 5000000")


def test_a_client_that_hung_up_is_not_executed(state: EdgeState, start: Start, blue: Upstream) -> None:
    with accepted(start(), 1):
        peer = connect(state)
        peer.sendall(b"POST /gone HTTP/1.1\r\nContent-Length: 1\r\n\r\nx")
    peer.close()
    released = release_hold("chat", state)
    assert released is not None
    assert (released.held, released.dropped, released.forwarded) == (1, 1, 0)
    time.sleep(0.2)
    assert blue.executed == []


def test_past_its_bound_the_gate_ends_the_hold_and_says_503_where_nothing_serves(
    state: EdgeState, start: Start, blue: Upstream
) -> None:
    begun = time.monotonic()
    start(seconds=0.5)
    blue.stop()
    answer = post(state, 1)
    assert answer.startswith("HTTP/1.1 503 ")
    assert "Retry-After: 5\r\n" in answer
    assert time.monotonic() - begun > 0.5
    assert state.mode() == "serving"


def test_past_its_bound_what_waits_goes_to_a_colour_that_serves(state: EdgeState, start: Start) -> None:
    start(seconds=0.3)
    assert post(state, 1).endswith("blue 10")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_stopping_the_gate_ends_the_hold_and_loses_nothing(state: EdgeState, start: Start, number: int) -> None:
    process = start()
    with ThreadPoolExecutor(5) as pool:
        with accepted(process, 5):
            answers = [pool.submit(post, state, one) for one in range(5)]
        process.send_signal(number)
        assert all(answer.result().endswith("blue 10") for answer in answers)
    assert state.mode() == "serving"
    assert process.wait(timeout=10) == 0
    assert not state.socket("api").exists()
    assert not list(state.runtime.glob("*.result"))


def test_a_held_websocket_lives_on_after_the_hold_and_the_next_one(state: EdgeState, start: Start) -> None:
    with accepted(start(), 1):
        peer = connect(state)
        peer.sendall(b"GET /ws HTTP/1.1\r\nUpgrade: echo\r\n\r\n")
    with peer:
        release_hold("chat", state)
        assert b"101" in peer.recv(1000)
        start()
        time.sleep(gate.LINGER_SECONDS + 0.5)
        assert state.mode() == "holding", "the first gate does not end the second one's hold"
        assert state.socket("api").exists(), "nor takes its socket away"
        peer.sendall(b"hello")
        assert peer.recv(1000) == b"blue:hello"
        release_hold("chat", state)


def test_a_request_that_comes_just_after_the_end_is_carried_too(state: EdgeState, start: Start) -> None:
    start()
    release_hold("chat", state)
    assert post(state, 1).endswith("blue 10")


def test_more_than_can_wait_are_refused_at_once(
    blue: Upstream, state: EdgeState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST", 0)
    order = gate.parse(json.dumps(order_of(state, {"api": {"blue": [blue.port], "green": [1]}}, 5, stamp=1)))
    here, there = socket.socketpair()

    async def one() -> gate.Count:
        one_gate = gate.Gate(order)
        one_gate._start(one_gate._refuse(there))
        await gate.asyncio.wait(one_gate._carried, timeout=1)
        return one_gate.count

    here.shutdown(socket.SHUT_WR)
    there_result: Any = gate.asyncio.run(one())
    assert there_result.dropped == 1, "who hung up gets no answer"
    here.close()
