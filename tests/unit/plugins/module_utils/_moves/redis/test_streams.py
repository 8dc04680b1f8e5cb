"""What two servers say of a stream's groups, and a HyperLogLog's count."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis import keys, streams
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.wire import RedisError

OLD = [b"name", b"workers", b"consumers", 1, b"pending", 2, b"last-delivered-id", b"2-0"]
NEW = [*OLD, b"entries-read", 2, b"lag", 0]


class Server:
    """Says what a stream's groups are; ``asked`` has what it was asked."""

    def __init__(self, groups: Any = None, waiting: list[list[Any]] | None = None) -> None:
        self.groups = [NEW] if groups is None else groups
        self.waiting = [[b"1-0", b"me", 5000, 1], [b"2-0", b"me", 5000, 1]] if waiting is None else waiting
        self.asked: list[tuple[Any, ...]] = []

    def pipeline(self, commands: list[tuple[Any, ...]], *, strict: bool = True) -> list[Any]:
        self.asked += commands
        return [self._answer(*one) for one in commands]

    def _answer(self, command: str, *words: Any) -> Any:
        if command == "XPENDING":
            start, most = words[2], words[4]
            at = 0 if start == b"-" else [one[0] for one in self.waiting].index(start[1:]) + 1
            return self.waiting[at : at + most]
        if words[0] == "CONSUMERS":
            return [[b"name", b"me", b"pending", 2, b"idle", 7]]
        return self.groups


def unlike(here: Any, there: Any, *, messages: bool = True) -> bool:
    return bool(streams.otherwise(here, there, [b"jobs"], messages=messages))


def test_a_newer_server_says_more() -> None:
    assert not unlike(Server([OLD]), Server([NEW]))
    assert not unlike(Server([[*OLD, b"lag", 5]]), Server([[*OLD, b"lag", None]]))


@pytest.mark.parametrize("at", [1, 5, 7, 9])
def test_a_group_that_is_another(at: int) -> None:
    other: list[Any] = list(NEW)
    other[at] = b"x" if isinstance(other[at], bytes) else 7
    assert unlike(Server(), Server([other]), messages=False)


@pytest.mark.parametrize("entry", [[b"2-0", b"you", 5000, 1], [b"2-0", b"me", 5000, 2], [b"3-0", b"me", 5000, 1]])
def test_a_message_that_waits_otherwise(entry: list[Any]) -> None:
    there = Server(waiting=[Server().waiting[0], entry])
    assert unlike(Server(), there)
    assert not unlike(Server(), there, messages=False), "so much is looked at only where there is time"


def test_when_it_was_given_out() -> None:
    """Only who carries asks for it: two servers' clocks may differ."""
    there = Server(waiting=[[b"1-0", b"me", 5000, 1], [b"2-0", b"me", 9000, 1]])
    assert not unlike(Server(), there)
    given: Any = (Server(), there, [b"jobs"])
    assert streams.to_carry(*given) == {b"jobs"}


def test_many_messages_are_looked_at_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PAGE", 10)
    many = [[b"%d-0" % number, b"me", 1, 1] for number in range(25)]
    assert not unlike(Server(waiting=many), Server(waiting=many))
    assert unlike(Server(waiting=many), Server(waiting=[*many[:-1], [b"24-0", b"you", 1, 1]]))


def test_many_messages_are_carried_and_not_looked_at() -> None:
    crowd = [one if one != 2 else streams.PAGE + 1 for one in NEW]
    here: Any = Server([crowd])
    there: Any = Server([crowd])
    assert streams.to_carry(here, there, [b"jobs"]) == {b"jobs"}
    assert "XPENDING" not in {one[0] for one in here.asked}


def test_what_is_no_stream_any_more() -> None:
    gone: Any = Server(RedisError("WRONGTYPE no stream", where="here"))
    assert not unlike(gone, gone)
    assert unlike(Server(), gone)
    assert streams.grouped(gone, [b"jobs"]) == set()


def test_dumps_of_streams() -> None:
    """https://github.com/redis/redis/blob/7.4/src/rdb.h"""
    assert [kind for kind in range(30) if streams.may_be(bytes([kind]))] == [15, 19, 21, 26, 27, 28, 29]
    assert not streams.may_be(None)


SPARSE, DENSE = b"HYLL\1\0\0\0", b"HYLL\0\0\0\0"


def test_the_count_of_a_hyperloglog_is_no_data() -> None:
    rest = b"\x7f\xff\x80"
    assert keys.uncounted(SPARSE + bytes(8) + rest) == keys.uncounted(SPARSE + b"\1" * 8 + rest)
    assert keys.uncounted(SPARSE + bytes(8) + rest) != keys.uncounted(SPARSE + bytes(8) + b"\x7f\xff\x81")
    assert keys.uncounted(DENSE + bytes(8 + 12288)) == keys.uncounted(DENSE + b"\1" * 8 + bytes(12288))


@pytest.mark.parametrize(
    "value", [b"", b"HYLL", b"HYLL and so on, and so on", DENSE + bytes(30), b"HYLL\2\0\0\0" + bytes(30), None]
)
def test_any_other_string_is_compared_as_it_is(value: bytes | None) -> None:
    assert keys.uncounted(value) == value


class Hashes:
    """A hash with two fields; ``ends`` is what the server says of theirs."""

    def __init__(self, ends: Any) -> None:
        self.ends = ends

    def pipeline(self, commands: list[tuple[Any, ...]], *, strict: bool = True) -> list[Any]:
        known = {"TYPE": b"hash", "HGETALL": [b"a", b"1", b"b", b"2"], "HPEXPIRETIME": self.ends}
        return [known[one[0]] for one in commands]


def hashes(ends: Any) -> Any:
    made: Any = Hashes(ends)
    return keys.contents(made, [b"k"])


def test_fields_of_a_hash_that_end_by_themselves() -> None:
    """Redis 7.4 has them; one that does not know the command has none."""
    old = RedisError("ERR unknown command 'HPEXPIRETIME'", where="here")
    assert hashes([-1, 5000]) != hashes([-1, 6000])
    assert hashes([-1, 5000]) != hashes([-1, -1])
    assert hashes([-1, -1]) == hashes(old)
