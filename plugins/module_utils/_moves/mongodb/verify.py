"""Both sides beside each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..model import Difference, Verification
from ..parallel import in_parallel
from . import bson, documents, shape
from .documents import Compared
from .feeds import Key
from .shape import COLLECTION, TIME_SERIES, VIEW, Shape, Shapes
from .wire import Connection, End, opened

MOST_SHOWN = 1000


def shapes(source: Connection, target: Connection, found: Verification) -> Shapes:
    """Collections, options, indexes, views; what the source has is returned."""
    here = shape.read(source)
    found.differences += shape.differences(here, shape.read(target), found.objects)
    return here


def everything(ends: tuple[End, End], here: Shapes, jobs: int, found: Verification) -> list[Compared]:
    """Every document of every collection. What differs is not in ``found`` yet: it may have changed meanwhile."""
    parts: list[Compared] = []
    work: list[Callable[[], None]] = []
    session = Connection(ends[0])
    try:
        for one in sorted(here.values(), key=lambda each: each.name):
            if one.kind == VIEW:
                continue
            for wanted in _ranges(session, one, jobs):
                work.append(partial(_compared, ends, one, wanted, parts))
    finally:
        session.close()
    in_parallel(work, jobs)
    for part in sorted(parts, key=lambda each: each.collection):
        told = found.tables.setdefault(part.collection, {"documents": 0, "bytes": 0, "sha256": ""})
        told["documents"] += part.rows
        told["bytes"] += part.size
        told["sha256"] = f"{told['sha256']} {part.digest}".strip()
    return parts


def all_wrong(parts: list[Compared]) -> list[Difference]:
    return [one for part in sorted(parts, key=lambda each: each.collection) for one in part.wrong[:MOST_SHOWN]]


def _ranges(session: Connection, one: Shape, jobs: int) -> list[dict[str, object]]:
    if one.kind != COLLECTION or one.capped:
        return [{}]
    return documents.ranges(session, one.name, count(session, [one.name])[one.name], jobs)


def _compared(ends: tuple[End, End], one: Shape, wanted: dict[str, object], parts: list[Compared]) -> None:
    with_each = [Connection(end) for end in ends]
    try:
        if one.kind == TIME_SERIES:
            parts.append(documents.as_sums(with_each[0], with_each[1], one.name))
        elif one.capped:
            parts.append(documents.in_order(with_each[0], with_each[1], one.name))
        else:
            parts.append(documents.compare(with_each[0], with_each[1], one.name, wanted))
    finally:
        for each in with_each:
            each.close()


def count(session: Connection, names: list[str]) -> dict[str, int]:
    """How many documents a server counts; after a crash it may not know exactly."""
    answers = session.pipeline([{"count": name} for name in names])
    return {name: int(bson.value(bson.fields(one)["n"])) for name, one in zip(names, answers, strict=True)}


def counts(source: Connection, target: Connection, here: Shapes, found: Verification) -> None:
    """As many documents on both sides, in every collection."""
    names = sorted(one.name for one in here.values() if one.kind == COLLECTION)
    mine: dict[str, int] = {}
    there: dict[str, int] = {}
    in_parallel([lambda: mine.update(count(source, names)), lambda: there.update(count(target, names))], 2)
    for name in names:
        if mine[name] != there[name]:
            mine[name], there[name] = _exactly(source, name), _exactly(target, name)
        if mine[name] != there[name]:
            found.differences.append(Difference("documents", name, str(mine[name]), str(there[name])))
    found.objects["document"] = sum(mine.values())


def _exactly(session: Connection, name: str) -> int:
    command = {"aggregate": name, "pipeline": [{"$count": "n"}], "cursor": {}}
    told = opened(session.ask(command))[1]
    return int(bson.value(bson.fields(told[0])["n"])) if told else 0


def told(different: dict[Key, tuple[bytes | None, bytes | None]]) -> list[Difference]:
    """Documents that are not the same, for the report. Pure."""
    found = Compared("")
    for (collection, key), (here, there) in sorted(different.items(), key=lambda one: one[0])[:MOST_SHOWN]:
        found.collection = collection
        documents.differing(found, key, here, there)
    return found.wrong
