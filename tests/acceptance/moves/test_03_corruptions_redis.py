"""Issue 5, 3, Redis: a verification that cannot fail is worthless. Each of these is planted, and seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.engine import Redis
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.wire import Connection, Word
from tests.acceptance.moves.conftest import Redises
from tests.support.moving import a_move
from tests.support.redises import RedisServer, fill_redis

Command = tuple[Word, ...]
PLANTED: dict[str, list[Command]] = {
    "a flipped byte": [("SETRANGE", "word:7", 3, "X")],
    "a cut value": [("SET", "word:7", "word 7")],
    "a zero at the end": [("APPEND", "word:7", b"\0")],
    "an empty value": [("SET", "word:7", "")],
    "a lost key": [("DEL", "word:7")],
    "a key more": [("SET", "word:more", "x")],
    "a key in another database": [("MOVE", "word:7", 5)],
    "another name": [("RENAME", "word:7", "word:seven")],
    "values of two keys exchanged": [("SET", "word:7", "word 8" * 5), ("SET", "word:8", "word 7" * 5)],
    "another type": [("DEL", "word:7"), ("RPUSH", "word:7", "word 7" * 5)],
    "a key that ends no more": [("PERSIST", "ends:7")],
    "a key that ends": [("EXPIRE", "word:7", 100_000)],
    "two seconds": [("EXPIRE", "ends:7", 1009)],  # it had 1007 when it was made
    "a word less in a list": [("RPOP", "list:7")],
    "a word doubled in a list": [("RPUSH", "list:7", 7)],
    "another order in a list": [("LPOP", "list:7"), ("RPUSH", "list:7", 0)],
    "a member less": [("SREM", "set:7", 3)],
    "a member less of a large set": [("SREM", "big:7", "m7")],
    "a member changed in a large set": [("SREM", "big:7", "m7"), ("SADD", "big:7", "m-7")],
    "a field less": [("HDEL", "map:7", "f6")],
    "a field changed in a large hash": [("HSET", "map:7", "f6", "f-7")],
    "a score's last bit": [("ZADD", "board", "1.0000000000000002", "m7")],
    "an entry less of a stream": [("XTRIM", "stream", "MAXLEN", 199)],
    "a stream without its group": [("XGROUP", "DESTROY", "stream", "group")],
    "a message that was read again": [("XGROUP", "SETID", "stream", "group", "0")],
    "a message that was answered": [("XREADGROUP", "GROUP", "group", "me", "COUNT", 1, "STREAMS", "stream", ">")],
    "a bit": [("SETBIT", "bits", 4001, 1)],
    "one counted more": [("PFADD", "unique", "never seen")],
    "a function less": [("FUNCTION", "FLUSH")],
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redises]:
    folder = tmp_path_factory.mktemp("redis")
    both = (
        RedisServer("mv-sql-redis-3-here", "10.214.78.51", False, folder / "here"),
        RedisServer("mv-sql-redis-3-there", "10.214.78.52", True, folder / "there"),
    )
    try:
        yield (both[0].start(), both[1].start())
    finally:
        for one in both:
            one.remove()


def _copied(pair: Redises, folder: Path) -> tuple[Move, Connection]:
    """A good copy, by the copy and by what followed it, and a session there."""
    for one in pair:
        session = one.connect()
        session.call("FLUSHALL")
        session.call("FUNCTION", "FLUSH")
        session.close()
    fill_redis(pair[0], 1000)
    move = a_move(folder, *pair)
    assert move.begin()
    return move, pair[1].connect()


@pytest.fixture
def copied(pair: Redises, tmp_path: Path) -> Iterator[tuple[Move, Connection]]:
    move, session = _copied(pair, tmp_path)
    yield move, session
    session.close()
    assert move.abort()
    move.engine.close()


def test_a_good_copy_is_good(copied: tuple[Move, Connection]) -> None:
    move, _session = copied
    assert isinstance(move.engine, Redis)
    found = move.engine.compared()
    assert [str(one) for one in found.differences] == []
    assert found.tables["db0"]["keys"] > 1000
    assert found.tables["db3"]["keys"] == 1


@pytest.mark.parametrize("what", ["a flipped byte", "a lost key", "a key more", "a key that ends no more"])
def test_is_found_behind_the_fence(copied: tuple[Move, Connection], what: str) -> None:
    """No key that the app touches: the target itself tells of it."""
    move, session = copied
    session.pipeline(PLANTED[what])
    engine = move.engine
    assert isinstance(engine, Redis)
    until = 10**9
    engine.fence(until)
    engine.catch_up(until)
    assert engine.verify(until).differences, f"{what} was not seen"
    engine.unfence()


Kept = dict[int, list[tuple[Word, ...]]]


def keep(session: Connection) -> Kept:
    """All that is there, as the commands that make it again, by database."""
    found: Kept = {}
    for number in (0, 3):
        session.use(number)
        keys = session.call("KEYS", "*")
        dumps = session.pipeline([("DUMP", key) for key in keys])
        ends = session.pipeline([("PEXPIRETIME", key) for key in keys])
        rows = zip(keys, dumps, ends, strict=True)
        found[number] = [("RESTORE", key, max(0, end), dump, "ABSTTL") for key, dump, end in rows]
    session.use(0)
    return {**found, 0: [*found[0], ("FUNCTION", "RESTORE", session.call("FUNCTION", "DUMP"))]}


def put_right(session: Connection, kept: Kept) -> None:
    session.call("FLUSHALL")
    session.call("FUNCTION", "FLUSH")
    for number in reversed(kept):
        session.use(number)
        session.pipeline(kept[number])


@pytest.fixture(scope="module")
def once(pair: Redises, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Redis, Connection, Kept]]:
    """One good copy for all that follow, which put right what they have planted. It follows its source to the end."""
    move, session = _copied(pair, tmp_path_factory.mktemp("once"))
    assert isinstance(move.engine, Redis)
    kept = keep(session)
    put_right(session, kept)
    assert [str(one) for one in move.engine.compared().differences] == []
    yield move.engine, session, kept
    session.close()
    assert move.abort()
    move.engine.close()


@pytest.mark.parametrize("what", PLANTED)
def test_is_found(once: tuple[Redis, Connection, Kept], what: str) -> None:
    engine, session, kept = once
    session.pipeline(PLANTED[what])
    found = engine.compared()
    put_right(session, kept)
    assert found.differences, f"{what} was not seen"
    print("; ".join(str(one) for one in found.differences)[:200])


def test_what_was_put_right_is_good(once: tuple[Redis, Connection, Kept]) -> None:
    """Or all of the above would have been found whatever was planted."""
    assert [str(one) for one in once[0].compared().differences] == []
