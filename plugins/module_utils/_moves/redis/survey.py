"""The preflight: what both servers say of themselves, and what of it hinders a move."""

from __future__ import annotations

import re
import secrets

from ..model import FOLLOW, REFUSE, SAY, Finding, Survey, Wish
from .changes import SETTING, Listener
from .wire import Connection, RedisError, databases, info

# Seen on two cores, both servers beside each other.
KEYS_PER_SECOND, BYTES_PER_SECOND = 10_000, 20e6


def version(facts: dict[str, str]) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", facts.get("redis_version", "0"))[:2])


def allowed(connection: Connection, *words: str | bytes) -> bool:
    """Whether this may be said at all; what else is wrong with it does not matter."""
    try:
        connection.call(*words)
    except RedisError as error:
        return error.code != "NOPERM" and "unknown command" not in error.message.lower()
    return True


def setting(connection: Connection) -> str | None:
    """Of what the server tells; None where it does not say (ElastiCache)."""
    try:
        found = connection.call("CONFIG", "GET", SETTING)
    except RedisError:
        return None
    return bytes(found[1]).decode() if len(found) > 1 else ""


def tells(connection: Connection, listener: Listener) -> bool:
    """Whether writes are told of, where nobody may ask: by one of a key that ends within a second."""
    name = f"stairway_move:{secrets.token_hex(8)}"
    connection.use(0)
    connection.call("SET", name, "", "PX", 1000)
    connection.call("DEL", name)
    listener.all()
    return (0, name.encode()) in listener.taken()


def survey(wish: Wish, source: Connection, target: Connection, left: str = "") -> Survey:
    """Ask both sides; nothing of the app's is changed. ``left`` is ``left`` where the target may hold what an earlier
    move has left, and ``replace`` where that may be dropped.
    """
    here, there = info(source), info(target)
    size = int(here.get("used_memory_dataset", here.get("used_memory", 0)))
    count = keys_of(here)
    found = [
        *_versions(wish, here, there),
        *_target_is_empty(wish, target, left),
        *_room(wish, size, there),
        *_rights(wish, source, target, left),
    ]
    return Survey.of(
        wish,
        (f"Redis {here.get('redis_version')}", f"Redis {there.get('redis_version')}"),
        found,
        size=size,
        tables=len(databases(source)),
        rows=count,
        seconds=2 * count / KEYS_PER_SECOND + size / BYTES_PER_SECOND + 2,
        target_free=None,
    )


def keys_of(facts: dict[str, str], *, lasting: bool = False) -> int:
    """How many keys a server counts; ``lasting`` leaves out those that end: a side may have ended them already."""
    count = 0
    for name, value in facts.items():
        if re.fullmatch(r"db\d+", name):
            numbers = dict(part.split("=") for part in value.split(","))
            count += int(numbers["keys"]) - (int(numbers["expires"]) if lasting else 0)
    return count


def _versions(wish: Wish, here: dict[str, str], there: dict[str, str]) -> list[Finding]:
    where = f"{wish.source.words}, {wish.target.words}"
    found = []
    if version(there) < version(here):
        what = f"Redis {here.get('redis_version')} writes keys in a form that {there.get('redis_version')} may not read"
        found.append(Finding(REFUSE, what, where, "take a target of the same version or a newer one"))
    for facts, side in ((here, wish.source), (there, wish.target)):
        if facts.get("cluster_enabled") == "1":
            fix = "turn cluster mode off"
            found.append(Finding(REFUSE, "it is a cluster, and a move is from one to one", side.words, fix))
        if facts.get("role") == "slave":
            found.append(Finding(REFUSE, "it is a replica", side.words, "name the primary's address"))
    return found


def _target_is_empty(wish: Wish, target: Connection, left: str) -> list[Finding]:
    count = keys_of(info(target))
    if left == "replace":
        return [Finding(SAY, "what an earlier move has left at the target is replaced", wish.target.words)]
    if not count:
        return []
    fix = "see whether anyone needs them; then FLUSHALL"
    if left:
        fix = f"it is what an earlier move has left there: -e replace_target={wish.store} drops it"
    return [Finding(REFUSE, f"the target is not empty: it has {count} key(s)", wish.target.words, fix)]


def _room(wish: Wish, size: int, there: dict[str, str]) -> list[Finding]:
    most = int(there.get("maxmemory", 0))
    found = []
    if most and most < size * 1.1:
        what = f"the target may hold {most // 1024**2} MB, and there are {size // 1024**2}"
        found.append(Finding(REFUSE, what, wish.target.words, "take a larger one"))
    policy = there.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        what = f"the target throws keys away when it is full ({policy})"
        found.append(Finding(SAY, what, wish.target.words, "maxmemory-policy noeviction, where queues live there too"))
    return found


def _rights(wish: Wish, source: Connection, target: Connection, left: str) -> list[Finding]:
    found = []
    if not allowed(source, "CLIENT", "PAUSE", "0", "WRITE"):
        what = f"{wish.source.admin.user or 'default'} may not let writers wait (CLIENT PAUSE, from 6.2)"
        found.append(Finding(REFUSE, what, wish.source.words, "move it with the user default, or start it empty"))
    # a source of before may write nothing until prepare gives it back
    if left != "replace" and not allowed(target, "RESTORE", "stairway_move", "0", b""):
        what = f"{wish.target.admin.user or 'default'} may not write keys as they were dumped (RESTORE)"
        found.append(Finding(REFUSE, what, wish.target.words, "give it +restore"))
    if setting(source) is None:
        listener = Listener(source.server, wish.source.admin)
        try:
            told = tells(source, listener)
        finally:
            listener.close()
        if not told:
            fix = f"{SETTING} = KEA in its parameter group (no restart), or -e move_how=dump"
            found.append(Finding(REFUSE, "it does not tell of changes", wish.source.words, fix, FOLLOW))
    return found
