"""Redis: the snapshot that a replica would get, which has all that the append-only file has, in the moment it is made.

Its header says how many keys the first database holds; a server that loads it says how many it took and how many had
run out meanwhile: https://redis.io/docs/latest/commands/info/ (rdb_last_load_keys_loaded, since 7.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..._common import wait
from ..._common.errors import StairwayError
from ..model import Manifest, Store
from .words import Dump, Facts, inside, told

_AUTH = 'REDISCLI_AUTH="$(cat /stairway/password)"'
REWRITE_SECONDS = 3600
_KEYS = re.compile(r"^db(\d+):keys=(\d+),expires=(\d+)", re.MULTILINE)
# A server of a restore asks for no password, as nobody reaches it, and must not begin with an empty append-only file.
_SERVER = (
    "{ grep -Ev '^(user|requirepass|appendonly|save) ' /stairway/redis.conf; echo 'appendonly no'; echo 'save \"\"'; } "
    "> /tmp/restore.conf; chmod 644 /tmp/restore.conf; exec docker-entrypoint.sh redis-server /tmp/restore.conf"
)


class Redis:
    suffix = "rdb"
    cold = True

    @contextmanager
    def dump(self, store: Store) -> Iterator[Dump]:
        """:raises StairwayError: when the server does not answer."""
        said = told(store.container, f"{_cli(store)} INFO keyspace; {_cli(store)} INFO server", what="Asking Redis")
        version = next(iter(re.findall(r"redis_version:(\S+)", said)), "")
        keys = {int(number): int(count) for number, count, _expires in _KEYS.findall(said)}

        def facts(_said: str, head: bytes) -> Facts:
            exact = first_database(head)
            # With one database in use its header says it; with more, writes go on between the question and the dump.
            counts = {"keys": exact if exact is not None and set(keys) <= {0} else sum(keys.values())}
            loose = () if exact is not None and set(keys) <= {0} else ("keys",)
            return Facts(counts, loose=loose, server=version)

        yield Dump(inside(store.container, f"{_cli(store)} --rdb -"), facts, head_bytes=65536)

    def server(self, store: Store) -> list[str]:
        return ["sh", "-c", _SERVER]

    def ready(self, store: Store) -> str:
        return "redis-cli -h 127.0.0.1 INFO persistence | grep -q '^loading:0'"

    def load(self, store: Store, manifest: Manifest) -> str:
        return f"cat > {store.folder}/dump.rdb && chown redis {store.folder}/dump.rdb {store.folder}"

    def facts(self, container: str, store: Store, said: str) -> Facts:
        told_ = told(container, "redis-cli -h 127.0.0.1 INFO", what="Asking Redis")
        loaded = re.search(r"rdb_last_load_keys_loaded:(\d+)", told_)
        expired = re.search(r"rdb_last_load_keys_expired:(\d+)", told_)
        if loaded and expired:
            return Facts({"keys": int(loaded[1]) + int(expired[1])})
        return Facts({"keys": sum(int(count) for _number, count, _expires in _KEYS.findall(told_))}, loose=("keys",))

    def settle(self, container: str, store: Store) -> None:
        """The app's own server starts from an append-only file, and with none it would start empty.

        :raises StairwayError: when that file is not written in time.
        """
        told(container, "redis-cli -h 127.0.0.1 CONFIG SET appendonly yes", what="Writing the append-only file")
        ask = "redis-cli -h 127.0.0.1 INFO persistence"

        def written() -> bool | None:
            found = told(container, ask, what="Asking Redis")
            busy = "aof_rewrite_in_progress:1" in found or "aof_rewrite_scheduled:1" in found
            return None if busy or "aof_last_bgrewrite_status:ok" not in found else True

        if wait.until(written, seconds=REWRITE_SECONDS, every=0.5) is None:
            raise StairwayError("Redis does not finish its append-only file.", where=container)

    def ask(self, store: Store) -> str:
        return "exec redis-cli -h 127.0.0.1"


def _cli(store: Store) -> str:
    user = f"--user {store.user} " if store.user not in ("", "default") else ""
    return f"{_AUTH} redis-cli -h 127.0.0.1 {user}".strip()


def first_database(head: bytes) -> int | None:
    """How many keys the first database of a snapshot holds: 0 for an empty one, None where that cannot be told. Pure.

    ``REDIS0011``, then pairs of texts after 0xFA, perhaps functions after 0xF5, then 0xFE with the number of the
    database and 0xFB with that of its keys: https://github.com/redis/redis/blob/unstable/src/rdb.h
    """
    try:
        if head[:5] != b"REDIS":
            return None
        at = 9
        while head[at] in (0xFA, 0xF5):
            texts = 2 if head[at] == 0xFA else 1
            at += 1
            for _number in range(texts):
                at = _after_text(head, at)
        if head[at] == 0xFF:
            return 0
        if head[at] != 0xFE or head[at + 1] != 0 or head[at + 2] != 0xFB:
            return None
        return _length(head, at + 3)[0]
    except (IndexError, ValueError):
        return None


def _after_text(data: bytes, at: int) -> int:
    kind = data[at] >> 6
    if kind == 3:
        small = {0xC0: 2, 0xC1: 3, 0xC2: 5}.get(data[at])
        if small is None:
            raise ValueError("a compressed text")
        return at + small
    length, after = _length(data, at)
    return after + length


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A length and where it ends."""
    first = data[at]
    if first >> 6 == 0:
        return first & 0x3F, at + 1
    if first >> 6 == 1:
        return (first & 0x3F) << 8 | data[at + 1], at + 2
    if first == 0x80:
        return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
    if first == 0x81:
        return int.from_bytes(data[at + 1 : at + 9], "big"), at + 9
    raise ValueError("no length")
