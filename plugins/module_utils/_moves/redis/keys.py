"""Keys from one server to the other, and whether they are the same there.

A key travels as the server itself dumps it, with the moment at which it ends. Two servers may dump one value in two
ways (a set has no order); where dumps differ, the values themselves are compared.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..._common.errors import StairwayError
from ..model import Difference
from . import streams
from .wire import Connection, RedisError, Word

Key = tuple[int, bytes]
AT_ONCE = 200
# A moment in milliseconds may be read twice, a little apart, where the server tells only how long is left.
ENDS_WITHIN = 1000
_NONE, _NEVER = -2, -1


def every(connection: Connection, database: int) -> Iterator[list[bytes]]:
    """All keys that are there from the first to the last of them; some come twice."""
    cursor = b"0"
    while True:
        connection.use(database)
        cursor, found = connection.call("SCAN", cursor, "COUNT", 1000)
        if found:
            yield found
        if cursor == b"0":
            return


def _ends(connection: Connection, keys: Sequence[bytes], *, exact: bool) -> list[int]:
    """When each ends, in milliseconds since 1970; -1 for never, -2 where it is not there."""
    told = connection.pipeline([("PEXPIRETIME" if exact else "PTTL", key) for key in keys])
    now = int(time.time() * 1000)
    return [int(one) if exact or one < 0 else now + int(one) for one in told]


def copy(source: Connection, target: Connection, database: int, keys: Sequence[bytes], *, exact: bool) -> set[Key]:
    """Let these be at the target as they are at the source; which of them have groups, of whose work nobody hears.

    :raises StairwayError: when the target refuses one: no memory, or a form that it does not know.
    """
    source.use(database)
    target.use(database)
    dumps = source.pipeline([("DUMP", key) for key in keys])
    ends = _ends(source, keys, exact=exact)
    commands: list[tuple[Word, ...]] = []
    for key, dump, end in zip(keys, dumps, ends, strict=True):
        if dump is None or end == _NONE:
            commands.append(("DEL", key))
        else:
            commands.append(("RESTORE", key, max(end, 0), dump, "REPLACE", "ABSTTL"))
    for key, answer in zip(keys, target.pipeline(commands, strict=False), strict=True):
        if isinstance(answer, RedisError):
            raise StairwayError(
                f"The target does not take a key: {answer.message}",
                where=target.where,
                found=f"a key that begins with {key[:8]!r}, in database {database}",
                fix="see maxmemory and the version of the target",
            )
    asked = [key for key, dump in zip(keys, dumps, strict=True) if streams.may_be(dump)]
    return {(database, key) for key in streams.grouped(source, asked)}


def name_of(database: int, key: bytes) -> str:
    """For people; two long keys may share one, which only makes both be looked at again."""
    return f"{database}/{key[:60]!r}"


def compared(
    source: Connection, target: Connection, keys: Sequence[Key], *, exact: bool, values: bool = True
) -> list[Difference]:
    """Which of these are not the same on both sides; without ``values`` another dump is enough to be another."""
    found: list[Difference] = []
    for database in sorted({one for one, _key in keys}):
        mine = [key for one, key in keys if one == database]
        for at in range(0, len(mine), AT_ONCE):
            found += _part(source, target, database, mine[at : at + AT_ONCE], exact=exact, values=values)
    return found


def _part(
    source: Connection, target: Connection, database: int, keys: Sequence[bytes], *, exact: bool, values: bool
) -> list[Difference]:
    for one in (source, target):
        one.use(database)
    dumps = [one.pipeline([("DUMP", key) for key in keys]) for one in (source, target)]
    ends = [_ends(one, keys, exact=exact) for one in (source, target)]
    others = _other_dumps(keys, dumps)
    if values and others:
        others = _others(source, target, others)
    found = []
    for number, key in enumerate(keys):
        name = name_of(database, key)
        here, there = dumps[0][number], dumps[1][number]
        if (here is None) != (there is None):
            found.append(Difference("key", name, _there(here), _there(there)))
            continue
        if here is None:
            continue
        if key in others:
            found.append(Difference("key", name, _short(here), _short(there)))
        end, other = ends[0][number], ends[1][number]
        if (end < 0) != (other < 0) or abs(end - other) > ENDS_WITHIN:
            found.append(Difference("end of key", name, str(end), str(other)))
    return found


def _other_dumps(keys: Sequence[bytes], dumps: Sequence[Sequence[bytes | None]]) -> list[bytes]:
    """Keys that are on both sides, and not dumped in the same way."""
    pairs = zip(keys, dumps[0], dumps[1], strict=True)
    return [key for key, here, there in pairs if here and there and _bare(here) != _bare(there)]


def _others(source: Connection, target: Connection, asked: Sequence[bytes]) -> list[bytes]:
    """Those of the keys that have not the same value."""
    both = list(zip(asked, contents(source, asked), contents(target, asked), strict=True))
    unlike = {key for key, here, there in both if here != there}
    several = {key for key, (kind, _value), _there in both if kind == _STREAM} - unlike
    return [*unlike, *streams.otherwise(source, target, several, messages=True)]


def _bare(dump: bytes) -> bytes:
    """Without the version of the form and its checksum."""
    return dump[:-10]


def _there(dump: bytes | None) -> str:
    return "not there" if dump is None else _short(dump)


def _short(dump: bytes) -> str:
    return f"{len(dump)} bytes, {hashlib.sha256(dump).hexdigest()[:12]}"


_STREAM, _HASH = b"stream", b"hash"
# https://github.com/redis/redis/blob/7.4/src/hyperloglog.c: a word, an encoding (dense, sparse), three zeros, the count
_HYPERLOGLOG, _COUNT_AT, _REGISTERS_AT, _DENSE_SIZE = b"HYLL", 8, 16, 16 + 16384 * 6 // 8


def uncounted(value: Any) -> Any:
    """A string, without what PFCOUNT notes in a HyperLogLog: it tells nobody, and can count again. Pure."""
    if not isinstance(value, bytes) or value[:4] != _HYPERLOGLOG or value[5:_COUNT_AT] != b"\0\0\0":
        return value
    dense, sparse = value[4] == 0 and len(value) == _DENSE_SIZE, value[4] == 1 and len(value) >= _REGISTERS_AT
    return value[:_COUNT_AT] + value[_REGISTERS_AT:] if dense or sparse else value


# How a value is read, and in which order it is compared.
_READ: dict[bytes, tuple[tuple[str, ...], Callable[[Any], Any]]] = {
    b"string": (("GET",), uncounted),
    b"list": (("LRANGE", "0", "-1"), lambda value: value),
    b"set": (("SMEMBERS",), sorted),
    b"zset": (("ZRANGE", "0", "-1", "WITHSCORES"), lambda value: value),
    _HASH: (("HGETALL",), lambda value: sorted(_pairs(value))),
}


def _pairs(flat: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def _entries(connection: Connection, key: bytes) -> Any:
    """What a stream holds; what its groups have done with it is compared apart."""
    about = dict(_pairs(connection.call("XINFO", "STREAM", key)))
    return connection.call("XRANGE", key, "-", "+"), about[b"last-generated-id"]


def _ends_of_fields(connection: Connection, key: bytes, fields: Sequence[bytes]) -> dict[bytes, int]:
    """When single fields of a hash end, where the server has that (Redis 7.4)."""
    if not fields:
        return {}
    (told,) = connection.pipeline([("HPEXPIRETIME", key, "FIELDS", len(fields), *fields)], strict=False)
    pairs = [] if isinstance(told, RedisError) else zip(fields, told, strict=True)
    return {field: end for field, end in pairs if end >= 0}


def contents(connection: Connection, keys: Sequence[bytes]) -> list[tuple[bytes, Any]]:
    """Type and value of each, in an order of our own where it has none."""
    kinds = [bytes(one) for one in connection.pipeline([("TYPE", key) for key in keys])]
    reads = [_READ[kind][0] if kind in _READ else ("DUMP",) for kind in kinds]
    commands: list[tuple[Word, ...]] = [(words[0], key, *words[1:]) for words, key in zip(reads, keys, strict=True)]
    found: list[tuple[bytes, Any]] = []
    for kind, key, value in zip(kinds, keys, connection.pipeline(commands, strict=False), strict=True):
        if kind == _STREAM:
            found.append((kind, _entries(connection, key)))
        elif kind == _HASH and isinstance(value, list):
            found.append((kind, (_READ[kind][1](value), _ends_of_fields(connection, key, value[::2]))))
        elif kind in _READ and not isinstance(value, RedisError):
            found.append((kind, _READ[kind][1](value)))
        else:
            found.append((kind, str(value)))
    return found
