"""The preflight: what both servers say of themselves, and what of it hinders a move."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from typing import Any

from ..model import DUMP, FOLLOW, REFUSE, SAY, Finding, Survey, Wish
from . import shape, verify
from .feeds import way_of
from .rights import NOTHING, PASSWORD, Rights
from .shape import TIME_SERIES, VIEW, Shapes
from .wire import Connection, End, MongoError

# Copied, then compared, on two busy cores with both servers beside each other; those were FerretDB, MongoDB is faster.
DOCUMENTS_PER_SECOND, BYTES_PER_SECOND = 2_000, 10e6
# So many are compared behind the fence where the target does not tell whether others have written to it.
COMPARED_MOST = 20_000
LARGE_CAPPED = 64 * 1024**2
_OURS = ("admin", "local", "config")
_LATIN = re.compile(r"\d+")


@dataclass
class Asked:
    """One server, and what it said."""

    session: Connection
    app: End
    words: str
    shapes: Shapes = field(default_factory=dict)
    build: dict[str, Any] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)
    way: str = ""

    def ask(self) -> Asked:
        self.build = self.session.call({"buildInfo": 1}, "admin")
        self.stats = self.session.call({"dbStats": 1})
        self.shapes = shape.read(self.session)
        self.way = way_of(self.session.end)
        return self

    @property
    def version(self) -> tuple[int, ...]:
        return tuple(int(part) for part in _LATIN.findall(str(self.build.get("version", "0")))[:2])

    @property
    def name(self) -> str:
        ferret = self.build.get("ferretdbVersion")
        return f"MongoDB {self.build.get('version')}" + (f" (FerretDB {ferret})" if ferret else "")


def survey(wish: Wish, source: Asked, target: Asked, left: str = "") -> Survey:
    """What both sides have said; nothing of the app's is changed. ``left`` is ``left`` where the target may hold what
    an earlier move has left, and ``replace`` where that may be dropped.
    """
    names = [one.name for one in source.shapes.values() if one.kind == shape.COLLECTION]
    rows = sum(verify.count(source.session, names).values())
    size = int(source.stats.get("dataSize", 0))
    found = [
        *_versions(source, target),
        *_sharded(source, target),
        *_target_is_empty(wish, target, left),
        *_follows(source),
        *_shapes(source, wish.how),
        *_rights(source, target, left),
        *_others(source),
        *_room(target, size),
    ]
    return Survey.of(
        wish,
        (source.name, target.name),
        found,
        size=size,
        tables=len(source.shapes),
        rows=rows,
        seconds=rows / DOCUMENTS_PER_SECOND + size / BYTES_PER_SECOND + 2,
        target_free=_free(target),
    )


def _free(target: Asked) -> int | None:
    whole, used = target.stats.get("fsTotalSize"), target.stats.get("fsUsedSize")
    return int(whole - used) if whole and used else None


def _room(target: Asked, size: int) -> list[Finding]:
    free = _free(target)
    if free is None or free > size * 1.2:
        return []
    what = f"the target's disk has {free // 1024**2} MB, and there are {size // 1024**2}"
    return [Finding(REFUSE, what, target.words, "take a larger one")]


def _versions(source: Asked, target: Asked) -> list[Finding]:
    if target.version[:1] < source.version[:1]:
        what = f"{target.name} is older than {source.name}, and may not know all that it is given"
        return [Finding(REFUSE, what, target.words, "take a target of the same version or a newer one")]
    found = []
    for one in (source, target):
        compatible = _compatible(one)
        if compatible and compatible != ".".join(map(str, one.version)):
            what = f"it holds itself to what {compatible} could (featureCompatibilityVersion)"
            found.append(Finding(SAY, what, one.words, "setFeatureCompatibilityVersion, once nobody goes back"))
    return found


def _compatible(one: Asked) -> str:
    asked = {"getParameter": 1, "featureCompatibilityVersion": 1}
    with contextlib.suppress(MongoError):
        said = one.session.call(asked, "admin").get("featureCompatibilityVersion")
        return str(said["version"] if isinstance(said, dict) else said)
    return ""


def _sharded(source: Asked, target: Asked) -> list[Finding]:
    what = "it is a sharded cluster, and how its collections are divided is not carried"
    fix = "move it by the tools of MongoDB (mongosync), then say start_empty"
    sharded = [one for one in (source, target) if one.session.hello.get("msg") == "isdbgrid"]
    return [Finding(REFUSE, what, one.words, fix) for one in sharded]


def _target_is_empty(wish: Wish, target: Asked, left: str) -> list[Finding]:
    if left == "replace":
        return [Finding(SAY, "what an earlier move has left at the target is replaced", target.words)]
    names = [one.name for one in target.shapes.values() if one.kind == shape.COLLECTION]
    held = {name: number for name, number in verify.count(target.session, names).items() if number}
    held |= {one.name: 0 for one in target.shapes.values() if one.kind != shape.COLLECTION}
    if not held:
        return []
    fix = "see whether anyone needs them; then drop the database"
    if left:
        fix = f"it is what an earlier move has left there: -e replace_target={wish.store} drops it"
    shown = ", ".join(sorted(held)[:5])
    what = f"the target is not empty: {sum(held.values())} document(s) in {len(held)} collection(s) ({shown})"
    return [Finding(REFUSE, what, target.words, fix)]


def _follows(source: Asked) -> list[Finding]:
    if source.way:
        return [Finding(SAY, f"its changes are followed by {source.way}", source.words)]
    what = "it does not tell of changes: it is no replica set, or the user may not open a change stream"
    fix = "make it a replica set of one (--replSet, then rs.initiate()), or hold the app meanwhile: -e move_how=dump"
    return [Finding(REFUSE, what, source.words, fix, FOLLOW)]


def _shapes(source: Asked, how: str) -> list[Finding]:
    found = []
    for one in sorted(source.shapes.values(), key=lambda each: each.name):
        where = f"{one.name} {source.words}"
        if "encryptedFields" in one.options:
            found.append(Finding(REFUSE, "its fields are encrypted by the client (Queryable Encryption)", where))
        if one.kind == TIME_SERIES:
            fix = "-e move_how=dump: the app is held meanwhile"
            found.append(Finding(REFUSE, "no change stream tells of a time series", where, fix, FOLLOW))
        elif one.kind not in (shape.COLLECTION, VIEW):
            found.append(Finding(REFUSE, f"{one.kind} is nothing that is known here", where))
        if one.capped and how != DUMP and _bytes(source, one.name) > LARGE_CAPPED:
            what = "a large capped collection is carried whole behind the fence when it is written to"
            found.append(Finding(SAY, what, where, "-e move_how=dump, where five seconds are too short for that"))
    return found


def _bytes(source: Asked, name: str) -> int:
    return int(source.session.call({"collStats": name}).get("size", 0))


def _rights(source: Asked, target: Asked, left: str) -> list[Finding]:
    found = []
    at_source, at_target = (Rights(one.session, one.app) for one in (source, target))
    if at_source.way == PASSWORD:
        what = (
            "it knows no roles: behind the fence the app's password is another one, and open sessions could still write"
        )
        found.append(Finding(SAY, what, source.words, "what they write is noticed, and ends the move"))
    if at_source.way == NOTHING:
        what = f"nobody may take the right to write from {source.app.user}; only the app itself is held"
        found.append(Finding(SAY, what, source.words, "see that nobody else writes there until the move is over"))
    if not (left and at_target.taken):
        Connection(target.app).close()
    if at_target.way == NOTHING:
        what = f"until the switch nobody keeps {target.app.user} from writing there"
        found.append(Finding(SAY, what, target.words))
    if not target.way:
        what = f"the target does not tell of changes: up to {COMPARED_MOST:,} documents are compared behind the fence"
        found.append(Finding(SAY, what, target.words))
    return found


def _others(source: Asked) -> list[Finding]:
    """What stays where it is."""
    found = []
    with contextlib.suppress(MongoError):
        users = source.session.call({"usersInfo": 1})["users"]
        names = sorted(str(one["user"]) for one in users if one["user"] != source.app.user)
        if names:
            found.append(Finding(SAY, f"users that are not carried: {', '.join(names)}", source.words))
        roles = source.session.call({"rolesInfo": 1})["roles"]
        if roles:
            shown = ", ".join(sorted(str(one["role"]) for one in roles))
            found.append(Finding(SAY, f"roles that are not carried: {shown}", source.words))
    with contextlib.suppress(MongoError):
        told = source.session.call({"listDatabases": 1, "nameOnly": True}, "admin")["databases"]
        names = sorted(str(one["name"]) for one in told)
        others = [one for one in names if one not in (*_OURS, source.session.database)]
        if others:
            what = f"other databases stay where they are: {', '.join(others)}"
            found.append(Finding(SAY, what, source.words, f"only {source.session.database} is the app's"))
    return found
