"""OP_MSG by the byte, cursors, and who is asked for where several hosts are named."""

from __future__ import annotations

import socket
import struct
import threading
import time
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import bson, wire
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection, MongoError
from tests.support.scripted_mongo import Scripted, batch


def test_a_message() -> None:
    body = bson.encode({"ping": 1})
    assert wire.message(7, {"ping": 1}) == struct.pack("<4i", 16 + 5 + len(body), 7, 0, 2013) + bytes(5) + body


def test_documents_go_along_as_they_are() -> None:
    two = [bson.encode({"_id": 1}), b"\x05\0\0\0\0"]
    sent = wire.message(7, {"insert": "a"}, documents=two)
    assert struct.unpack_from("<i", sent)[0] == len(sent)
    part = b"documents\0" + two[0] + two[1]
    assert sent.endswith(b"\1" + struct.pack("<i", 4 + len(part)) + part)


def test_an_answer_with_a_checksum() -> None:
    body = bson.encode({"ok": 1})
    assert wire.answered(b"\0\0\0\0\0" + body) == body
    assert wire.answered(b"\1\0\0\0\0" + body + b"\1\2\3\4") == body
    for wrong in (b"\0\0\0\0\1" + body, b"\0\0\0\0\0" + body[:-1], b"\1\0\0\0\0" + body):
        with pytest.raises(ConnectionError):
            wire.answered(wrong)


def test_a_cursor_is_read_to_its_end() -> None:
    left = [[{"_id": 3}], [{"_id": 4}, {"_id": 5}]]

    def more(asked: dict[str, Any]) -> dict[str, Any]:
        assert (asked["getMore"], asked["collection"]) == (9, "$cmd.aggregate")
        found = left.pop(0)
        return batch(found, number=9 if left else 0, name="nextBatch")

    with Scripted(find=batch([{"_id": 1}, {"_id": 2}], number=9), getMore=more) as server:
        found = [bson.decode(raw)["_id"] for part in Connection(server.end()).find("a") for raw in part]
    assert found == [1, 2, 3, 4, 5]


def test_a_cursor_that_nobody_reads_on_is_closed() -> None:
    with Scripted(find=batch([{"_id": 1}], number=9), killCursors={}) as server:
        reading = Connection(server.end()).find("a")
        next(reading)
        reading.close()  # type: ignore[attr-defined]
        assert server.said[-1]["cursors"] == [9]


@pytest.mark.parametrize(
    "answer",
    [
        {"n": 1, "writeErrors": [{"index": 0, "code": 121, "errmsg": "no"}]},
        {"n": 1, "writeErrors": [{"index": 0, "code": 11000}, {"index": 1, "code": 121, "errmsg": "no"}]},
        {"n": 1, "writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}},
        {"ok": 0, "code": 10107, "errmsg": "not primary"},
    ],
    ids=["a document", "one of two", "not on enough members", "all of it"],
)
def test_a_write_that_failed(answer: dict[str, Any]) -> None:
    with Scripted(insert=answer) as server, pytest.raises(MongoError, match="MongoDB refused it"):
        Connection(server.end()).write({"insert": "a"}, allowed=(11000,), documents=[])


def test_a_write_goes_to_most_members() -> None:
    with Scripted(insert={"n": 0, "writeErrors": [{"index": 0, "code": 11000}]}) as server:
        assert Connection(server.end()).write({"insert": "a"}, allowed=(11000,), documents=[]) == 0
        assert server.said[-1]["writeConcern"] == {"w": "majority"}
        assert server.said[-1]["$db"] == "chatdb"


def test_one_refusal_among_many_leaves_the_session_whole() -> None:
    def count(asked: dict[str, Any]) -> dict[str, Any]:
        return {"ok": 0, "code": 13, "errmsg": "not authorized"} if asked["count"] == "b" else {"n": 3}

    with Scripted(count=count) as server:
        session = Connection(server.end())
        with pytest.raises(MongoError, match="not authorized") as caught:
            session.pipeline([{"count": name} for name in "abc"])
        assert caught.value.unknown
        assert session.call({"count": "c"})["n"] == 3


def secondary(**about: Any) -> Scripted:
    return Scripted(hello={"isWritablePrimary": False, "secondary": True, **about})


def test_the_primary_is_found() -> None:
    with Scripted() as first, secondary(primary=f"127.0.0.1:{first.port}") as second, secondary() as third:
        hosts = tuple(("127.0.0.1", one.port) for one in (third, second))
        session = Connection(third.end(hosts=(("127.0.0.1", 1), *hosts)))
        assert session.server.port == first.port
        session.close()


def test_nobody_is_primary() -> None:
    with secondary() as one, secondary() as other:
        hosts = tuple(("127.0.0.1", each.port) for each in (one, other))
        with pytest.raises(StairwayError, match="has no primary") as caught:
            Connection(one.end(hosts=hosts))
        assert f"127.0.0.1:{other.port}" in str(caught.value.where)


def test_one_address_is_not_left() -> None:
    """A container's member has a name that only containers know."""
    with secondary(primary="db:27017") as one, pytest.raises(StairwayError, match="has no primary"):
        Connection(one.end())


@pytest.mark.parametrize(
    "words",
    [b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", b"", struct.pack("<4i", 2**31 - 1, 1, 0, 2013)],
    ids=["somebody else", "nobody", "too long"],
)
def test_another_protocol(words: bytes) -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _address = server.accept()
        with client:
            client.recv(4096)
            client.sendall(words)

    threading.Thread(target=serve, daemon=True).start()
    with Scripted() as known, pytest.raises(StairwayError, match="connection to a store was lost"):
        Connection(known.end(hosts=(("127.0.0.1", server.getsockname()[1]),)))
    server.close()


def test_time_that_is_over() -> None:
    waits = threading.Event()

    def slow(_asked: dict[str, Any]) -> dict[str, Any]:
        waits.wait(5)
        return {}

    with Scripted(ping=slow) as server:
        session = Connection(server.end())
        with pytest.raises(StairwayError, match="time for this is over"):
            session.within(0.0)
        session.within(time.monotonic() + 0.2)
        with pytest.raises(StairwayError, match="did not answer in time"):
            session.call({"ping": 1})
        waits.set()
        assert not session.open
