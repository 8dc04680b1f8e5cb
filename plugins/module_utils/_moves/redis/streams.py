"""What groups do with streams. No server tells of it: XREADGROUP, XACK, XCLAIM and XAUTOCLAIM change a key without a
notification. So it is not heard of, but looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from .wire import Connection, RedisError

AT_ONCE, PAGE = 50, 1000
# How long a message has waited is read on one side after the other.
WAITED_WITHIN = 1000
# First bytes of dumps of what is no stream (rdb.h of Redis 8); one that is not known is asked for.
_NO_STREAM = frozenset(range(26)) - {15, 19, 21}
# A server counts it from the rest, and at times does not know it.
_COUNTED = b"lag"

# What a server says of a group, and how much waits for each of its consumers.
Head = tuple[dict[bytes, Any], dict[bytes, int]]
Heads = dict[bytes, dict[bytes, Head]]


def may_be(dump: bytes | None) -> bool:
    """Whether this is the dump of a stream. Pure."""
    return dump is not None and dump[0] not in _NO_STREAM


def grouped(connection: Connection, keys: Sequence[bytes]) -> set[bytes]:
    """Those of the keys that are streams with groups, in the database that is in use."""
    told = connection.pipeline([("XINFO", "GROUPS", key) for key in keys], strict=False)
    return {key for key, groups in zip(keys, told, strict=True) if not isinstance(groups, RedisError) and groups}


def to_carry(source: Connection, target: Connection, keys: Collection[bytes]) -> set[bytes]:
    """Streams whose groups are not known to be the same on both sides. To look through many messages takes longer than
    to carry them.
    """
    found: set[bytes] = set()
    for part in _parts(keys):
        here, there = heads(source, part), heads(target, part)
        found |= {key for key in part if not _alike(here[key], there[key]) or _long(here[key])}
        rest = [(key, name) for key in part if key not in found for name in here[key]]
        found |= _waiting(source, target, rest, times=True)
    return found


def otherwise(source: Connection, target: Connection, keys: Collection[bytes], *, messages: bool) -> set[bytes]:
    """Streams whose groups are not the same on both sides; ``messages`` says whether each that waits is looked at, or
    only how many there are.
    """
    found: set[bytes] = set()
    for part in _parts(keys):
        here, there = heads(source, part), heads(target, part)
        found |= {key for key in part if not _alike(here[key], there[key])}
        if messages:
            rest = [(key, name) for key in part if key not in found for name in here[key]]
            found |= _waiting(source, target, rest, times=False)
    return found


def heads(connection: Connection, keys: Sequence[bytes]) -> Heads:
    """What a server says of each stream's groups; nothing of what is no stream (any more)."""
    told = connection.pipeline([("XINFO", "GROUPS", key) for key in keys], strict=False)
    groups = [
        (key, _by_name(one))
        for key, several in zip(keys, told, strict=True)
        if not isinstance(several, RedisError)
        for one in several
    ]
    names = [(key, about[b"name"]) for key, about in groups]
    consumers = connection.pipeline([("XINFO", "CONSUMERS", *one) for one in names], strict=False)
    found: Heads = {key: {} for key in keys}
    for (key, about), several in zip(groups, consumers, strict=True):
        if not isinstance(several, RedisError):
            each = map(_by_name, several)
            found[key][about[b"name"]] = (about, {one[b"name"]: one[b"pending"] for one in each})
    return found


def _by_name(flat: Sequence[Any]) -> dict[bytes, Any]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _parts(keys: Collection[bytes]) -> Iterator[list[bytes]]:
    every = sorted(keys)
    for at in range(0, len(every), AT_ONCE):
        yield every[at : at + AT_ONCE]


def _alike(here: dict[bytes, Head], there: dict[bytes, Head]) -> bool:
    """By what both servers say: Redis 7 says more than 6.2. Pure."""
    if here.keys() != there.keys():
        return False
    for name, (about, consumers) in here.items():
        other, others = there[name]
        known = (about.keys() & other.keys()) - {_COUNTED}
        if consumers != others or any(about[one] != other[one] for one in known):
            return False
    return True


def _long(groups: dict[bytes, Head]) -> bool:
    return any(about[b"pending"] > PAGE for about, _consumers in groups.values())


def _waiting(
    source: Connection, target: Connection, groups: Sequence[tuple[bytes, bytes]], *, times: bool
) -> set[bytes]:
    """Streams with a group in which other messages wait, or for others, or (``times``) were given out at another time:
    who keeps a message to himself by claiming it anew changes only that.
    """
    found: set[bytes] = set()
    left: dict[tuple[bytes, bytes], bytes] = dict.fromkeys(groups, b"-")
    while left:
        commands = [("XPENDING", *one, start, "+", PAGE) for one, start in left.items()]
        here, there = (one.pipeline(commands, strict=False) for one in (source, target))
        going = {}
        for one, mine, others in zip(left, here, there, strict=True):
            if isinstance(mine, RedisError) or isinstance(others, RedisError) or not _same(mine, others, times=times):
                found.add(one[0])
            elif len(mine) == PAGE:
                going[one] = b"(" + mine[-1][0]
        left = going
    return found


def _same(here: list[list[Any]], there: list[list[Any]], *, times: bool) -> bool:
    """Number, consumer, how long it has waited, how often it was given out. Pure."""
    if len(here) != len(there):
        return False
    for mine, other in zip(here, there, strict=True):
        if (mine[0], mine[1], mine[3]) != (other[0], other[1], other[3]):
            return False
        if times and abs(mine[2] - other[2]) > WAITED_WITHIN:
            return False
    return True
