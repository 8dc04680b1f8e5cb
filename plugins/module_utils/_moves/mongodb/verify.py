"""Both sides beside each other."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from ..model import Difference, Verification
from ..parallel import in_parallel
from . import bson, documents, lifetimes, shape
from .bson import Element
from .documents import Compared
from .feeds import Key, grouped
from .shape import COLLECTION, TIME_SERIES, VIEW, Shape, Shapes
from .wire import Connection, End, opened

MOST_SHOWN, TRIES, SERIES_SECONDS = 1000, 5, 60.0
# Documents that are not the same, as both sides have them.
Different: TypeAlias = "dict[Key, tuple[bytes | None, bytes | None]]"


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
            parts.append(_series(with_each[0], with_each[1], one))
        elif one.capped:
            parts.append(documents.in_order(with_each[0], with_each[1], one.name))
        else:
            parts.append(documents.compare(with_each[0], with_each[1], one.name, wanted))
    finally:
        for each in with_each:
            each.close()


def _series(source: Connection, target: Connection, one: Shape) -> Compared:
    """A time series from which the source goes on to delete: what does not end while we look is compared then."""
    begun = time.monotonic()
    found = documents.as_sums(source, target, one.name)
    soon = SERIES_SECONDS + 2 * (time.monotonic() - begun)
    wanted = lifetimes.lasting(source, one, soon) if found.wrong else {}
    if not wanted:
        return found
    begun = time.monotonic()
    rest = documents.as_sums(source, target, one.name, wanted)
    return rest if time.monotonic() - begun < soon else found


def lasting(source: Connection, target: Connection, here: Shapes, parts: list[Compared]) -> list[Difference]:
    """What is wrong, but for documents that have come to their end meanwhile."""
    ending = {part.collection for part in parts if part.wrong and lifetimes.ends(here[part.collection])}
    keys = {(part.collection, key) for part in parts if part.collection in ending for key in part.keys}
    wrong = all_wrong([part for part in parts if part.collection not in ending])
    return [*wrong, *told(settled(source, target, here, keys))]


def settled(source: Connection, target: Connection, here: Shapes, keys: set[Key]) -> Different:
    """Those that are not the same on both sides, also once what has come to its end is gone at the target too."""
    left = different(source, target, keys)
    for _round in range(TRIES):
        several = [(name, each) for name, each in grouped(set(left)).items() if name in here]
        if not sum(lifetimes.let_go(source, target, here[name], each) for name, each in several):
            break
        left = different(source, target, set(left))
    return left


def ended(source: Connection, target: Connection, here: Shapes, keys: set[Key]) -> set[Key]:
    """Those that have come to their end, and are on neither side now."""
    found: set[Key] = set()
    for name, several in grouped(keys).items():
        if name in here and lifetimes.ends(here[name]):
            lifetimes.let_go(source, target, here[name], several)
            there = {key for side in (source, target) for key in documents.by_key(side, name, several)}
            if there <= set(several):  # who asks for 1 is told of 1.0
                found |= {(name, key) for key in several if key not in there}
    return found


def different(source: Connection, target: Connection, keys: set[Key]) -> Different:
    """Those of the documents that are not the same now."""
    found: Different = {}
    for collection, several in grouped(keys).items():
        for at in range(0, len(several), documents.AT_ONCE):
            part = several[at : at + documents.AT_ONCE]
            here, there = (documents.by_key(one, collection, part) for one in (source, target))
            found.update(_differing(collection, part, here, there))
    return found


def _differing(
    collection: str, keys: list[Element], here: dict[Element, bytes], there: dict[Element, bytes]
) -> Different:
    """Also keys of another type that count the same: who asks for 1 is told of 1.0."""
    asked = {*keys, *here, *there}
    return {(collection, key): (here.get(key), there.get(key)) for key in asked if here.get(key) != there.get(key)}


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
        for _round in range(TRIES):
            if mine[name] == there[name]:
                break
            gone = lifetimes.let_go(source, target, here[name])
            mine[name], there[name] = _exactly(source, name), _exactly(target, name)
            if not gone:
                break
        if mine[name] != there[name]:
            found.differences.append(Difference("documents", name, str(mine[name]), str(there[name])))
    found.objects["document"] = sum(mine.values())


def _exactly(session: Connection, name: str) -> int:
    command = {"aggregate": name, "pipeline": [{"$count": "n"}], "cursor": {}}
    told = opened(session.ask(command))[1]
    return int(bson.value(bson.fields(told[0])["n"])) if told else 0


def told(wrong: Different) -> list[Difference]:
    """Documents that are not the same, for the report. Pure."""
    found = Compared("")
    for (collection, key), (here, there) in sorted(wrong.items(), key=lambda one: one[0])[:MOST_SHOWN]:
        found.collection = collection
        documents.differing(found, key, here, there)
    return found.wrong
