"""The WebSocket client against local servers that close in known ways."""

from __future__ import annotations

import asyncio
import math
import time
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections import Counter
from pathlib import Path

import pytest

from tests.support.stub import Request, Stub, close_frame, response, server_frame, upgrade
from tests.support.websocket import (
    ABNORMAL,
    PING,
    PONG,
    STILL_OPEN,
    Held,
    Refused,
    Socket,
    Target,
    frame,
    hold,
    hold_many,
    read_frame,
)


async def _serve(request: Request, reader: Reader, writer: Writer, pings: float) -> None:
    """Answer so many pings."""
    writer.write(upgrade(request))
    while pings > 0:
        opcode, masked = await _client_frame(reader)
        if opcode == PING:
            writer.write(server_frame(PONG, masked))
            pings -= 1


async def _client_frame(reader: Reader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    assert second & 0x80, "a client masks what it sends"
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(second & 0x7F)
    return first & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


async def closes_with_1001(request: Request, reader: Reader, writer: Writer) -> bool:
    await _serve(request, reader, writer, 4)
    writer.write(close_frame(1001))
    await reader.read()  # the client ends it: a ping that met a closed socket would take the frame away
    return False


async def drops(request: Request, reader: Reader, writer: Writer) -> bool:
    await _serve(request, reader, writer, 4)
    return False


async def serves(request: Request, reader: Reader, writer: Writer) -> bool:
    await _serve(request, reader, writer, math.inf)
    return False


async def pings_itself(request: Request, reader: Reader, writer: Writer) -> bool:
    writer.write(upgrade(request) + server_frame(PING, b"you"))
    opcode, payload = await _client_frame(reader)
    writer.write(close_frame(4000 + (opcode == PONG and payload == b"you")))
    return False


async def refuses(_request: Request, _reader: Reader, writer: Writer) -> bool:
    writer.write(response(502))
    return False


async def wrong_key(request: Request, _reader: Reader, writer: Writer) -> bool:
    writer.write(upgrade(request).replace(b"Accept: ", b"Accept: x"))
    return False


def target(stub: Stub) -> Target:
    return Target("localhost", "127.0.0.1", stub.port, "/ws", tls=False)


def held_by(stub: Stub, seconds: float = 60.0) -> Socket:
    async def run() -> Socket:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        return await hold(target(stub), stop, every=0.1)

    return asyncio.run(run())


def test_a_close_frame_is_recorded_with_code_and_time() -> None:
    with Stub(closes_with_1001) as stub:
        begun = time.time()
        socket = held_by(stub)
        ended = time.time()
    assert (socket.code, socket.reason, socket.version) == (1001, "bye", "7")
    assert begun <= socket.opened < socket.closed <= ended
    assert socket.pings >= socket.pongs == 4
    assert socket.closed - socket.opened > 0.3, "four pings were sent, one each 0.1 s"


def test_an_end_without_a_close_frame_is_abnormal() -> None:
    with Stub(drops) as stub:
        socket = held_by(stub)
    assert socket.code == ABNORMAL
    assert socket.closed > socket.opened


def test_a_socket_that_this_side_ends_counts_as_open() -> None:
    with Stub(serves) as stub:
        several = (held_by(stub, seconds=0.5) for _number in range(6))
        # a machine that stands still makes one silent: not every one, unless it is counted wrong
        socket = next((one for one in several if one.silent < 0.3), None)
    assert socket is not None
    assert (socket.code, socket.closed) == (STILL_OPEN, 0.0)


def test_a_ping_of_the_server_is_answered() -> None:
    with Stub(pings_itself) as stub:
        assert held_by(stub).code == 4001


@pytest.mark.parametrize("handler", [refuses, wrong_key], ids=["502", "wrong-key"])
def test_an_upgrade_that_is_refused(handler: object) -> None:
    with Stub(handler) as stub, pytest.raises(Refused):  # type: ignore[arg-type]
        held_by(stub)


def test_a_closed_socket_is_followed_by_a_new_one() -> None:
    there = 0

    async def closes_when_three_are_there(request: Request, reader: Reader, writer: Writer) -> bool:
        nonlocal there
        writer.write(upgrade(request))
        await _client_frame(reader)
        there += 1
        while there <= request.number - request.number % 3 + 2:
            await asyncio.sleep(0.01)
        writer.write(close_frame(1001))
        return False

    async def run(stub: Stub) -> Held:
        stop = asyncio.Event()
        holding = asyncio.create_task(hold_many(target(stub), 3, 60, stop))
        while stub.connections < 9 and not holding.done():
            await asyncio.sleep(0.01)
        stop.set()
        return await holding

    with Stub(closes_when_three_are_there) as stub:
        held = asyncio.run(run(stub))
    assert Counter(s.code for s in held.sockets) == {1001: 6, STILL_OPEN: 3}
    third = sorted(s.opened for s in held.sockets)[2]
    assert len(held.open_at(third)) == 3


def test_refused_upgrades_are_kept() -> None:
    with Stub(refuses) as stub:
        held = asyncio.run(hold_many(target(stub), 1, 0.5, asyncio.Event()))
    assert held.sockets == ()
    assert held.refused
    assert "502" in held.refused[0][1]


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    held = Held((Socket(1.0, 2.0, 1001, "bye", "1", 3, 3, 0.1),), ((5.0, "Refused: 502"),))
    held.save(tmp_path / "w.json")
    assert Held.load(tmp_path / "w.json") == held


def test_frames() -> None:
    assert frame(PING, b"a", b"\0\0\0\0") == b"\x89\x81\0\0\0\0a"
    assert frame(PING, b"a", b"\xff\0\0\0")[-1] == ord("a") ^ 0xFF
    assert frame(0x1, b"a" * 200, b"\0\0\0\0")[:4] == b"\x81\xfe\x00\xc8"


def test_long_frames_are_read() -> None:
    async def read() -> tuple[int, bytes]:
        reader = asyncio.StreamReader()
        reader.feed_data(b"\x81\x7e\x01\x00" + b"z" * 256)
        return await read_frame(reader)

    assert asyncio.run(read()) == (0x1, b"z" * 256)


def test_only_the_rehearsal_may_be_a_target() -> None:
    with pytest.raises(ValueError, match="not in the rehearsal"):
        Target("x", "192.0.2.1", 443, "/ws")
    with pytest.raises(ValueError, match="number of sockets"):
        asyncio.run(hold_many(Target("x", "127.0.0.1", 1, "/"), 1000, 1, asyncio.Event()))
