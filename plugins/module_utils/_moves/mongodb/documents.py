"""Documents, from one side to the other and beside each other: always as the bytes that they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model import Difference
from . import bson
from .bson import Element
from .wire import DUPLICATE, UNAUTHORIZED, Connection, MongoError, opened

AT_ONCE, BYTES_AT_ONCE = 1000, 8_000_000
# So few keys are asked for one by one: a server that has no plan for many at once answers these by its index too.
FEW_KEYS = 64
SPLIT_ROWS, MOST_STRANGE = 200_000, 100_000
# Types of keys between which a range is a range: https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
_NUMBERS = (bson.DOUBLE, bson.INT, bson.LONG)
_RANGED = (bson.STRING, bson.OBJECT_ID, bson.BINARY, bson.DATE)


def ranges(connection: Connection, collection: str, count: int, jobs: int) -> list[dict[str, Any]]:
    """Filters that together have every document once; only one where the keys are of several types."""
    if count < SPLIT_ROWS or jobs < 2:
        return [{}]
    first, last = (_at(connection, collection, 0, way) for way in (1, -1))
    if first is None or last is None or not _ordered(first, last):
        return [{}]
    parts = jobs * 2
    marks = [_at(connection, collection, count * number // parts, 1) for number in range(1, parts)]
    known = [one for one in marks if one is not None]
    return split(known)


def split(marks: Sequence[Element]) -> list[dict[str, Any]]:
    """Ranges of ``_id`` between the marks. Pure."""
    found: list[dict[str, Any]] = []
    before: Element | None = None
    for one in marks:
        if before is not None and one == before:
            continue
        found.append({"_id": {**({"$gte": before} if before is not None else {}), "$lt": one}})
        before = one
    return [*found, {"_id": {"$gte": before}}] if before is not None else [{}]


def _ordered(first: Element, last: Element) -> bool:
    numbers = first.kind in _NUMBERS and last.kind in _NUMBERS
    # what is no number stands before all numbers, and in no range
    return (first.kind == last.kind and first.kind in _RANGED) or (numbers and bson.value(first) == bson.value(first))


def _at(connection: Connection, collection: str, number: int, way: int) -> Element | None:
    command = {"find": collection, "sort": {"_id": way}, "projection": {"_id": 1}, "skip": number, "limit": 1}
    found = opened(connection.ask(command))[1]
    return bson.id_of(found[0]) if found else None


def portions(found: Sequence[bytes]) -> Iterator[list[bytes]]:
    """As many documents as go in one message. Pure."""
    part: list[bytes] = []
    size = 0
    for one in found:
        if part and (len(part) == AT_ONCE or size + len(one) > BYTES_AT_ONCE):
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one)
    if part:
        yield part


def insert(target: Connection, collection: str, found: Sequence[bytes], options: Mapping[str, Any]) -> set[Element]:
    """Write documents. Those that say the same as another where that may not be stay out, and are returned: whoever
    compares sees them, and whoever follows brings them later.
    """
    refused: set[Element] = set()
    for part in portions(found):
        said = _inserted(target, collection, part, options)
        target.see_no_other(said, DUPLICATE)
        refused |= {bson.id_of(part[one["index"]]) for one in said.get("writeErrors") or []}
    return refused


def _inserted(target: Connection, collection: str, part: Sequence[bytes], options: Mapping[str, Any]) -> dict[str, Any]:
    command = {"insert": collection, "ordered": False, "writeConcern": {"w": "majority"}}
    try:
        return target.call({**command, **options}, documents=part)
    except MongoError as error:
        if error.code != UNAUTHORIZED or not options:
            raise
    # not everybody may go past a validator; most documents need not
    return target.call(command, documents=part)


def copy(
    source: Connection, target: Connection, collection: str, wanted: Mapping[str, Any], options: Mapping[str, Any]
) -> int:
    """Carry what ``wanted`` says, in the order in which the source has it; how many documents that were."""
    count = 0
    for batch in source.find(collection, wanted, batchSize=AT_ONCE):
        insert(target, collection, batch, options)
        count += len(batch)
    return count


def by_key(connection: Connection, collection: str, keys: Sequence[Element]) -> dict[Element, bytes]:
    """The documents that have those keys now."""
    found: list[bytes] = []
    for at in range(0, len(keys), AT_ONCE):
        part = keys[at : at + AT_ONCE]
        if len(part) <= FEW_KEYS:
            commands = [{"find": collection, "filter": {"_id": _equal(key)}, "limit": 1} for key in part]
            for answer in connection.pipeline(commands):
                found += opened(answer)[1]
        else:
            for batch in connection.find(collection, {"_id": {"$in": list(part)}}, batchSize=AT_ONCE):
                found += batch
    return {bson.id_of(one): one for one in found}


def _equal(key: Element) -> Any:
    """A document as a key is not to be taken for operators, nor a pattern for a search."""
    return {"$eq": key} if key.kind in (bson.DOCUMENT, bson.REGEX) else key


def carry(
    source: Connection,
    target: Connection,
    collection: str,
    keys: Sequence[Element],
    options: Mapping[str, Any],
) -> set[Element]:
    """Bring documents to what they are at the source now. Which could not be written: another still has a value that
    is to be unique, and has changed since too.
    """
    now: dict[Element, bytes] = {}
    for at in range(0, len(keys), AT_ONCE):
        part = keys[at : at + AT_ONCE]
        now.update(by_key(source, collection, part))
        target.write(
            {"delete": collection}, deletes=[bson.encode({"q": {"_id": _equal(one)}, "limit": 1}) for one in part]
        )
    return insert(target, collection, list(now.values()), options)


@dataclass
class Compared:
    """One collection (or a range of it), beside each other."""

    collection: str
    rows: int = 0
    size: int = 0
    digest: str = ""
    wrong: list[Difference] = field(default_factory=list)
    keys: set[Element] = field(default_factory=set)

    def say(self, kind: str, key: Element, source: str, target: str) -> None:
        self.keys.add(key)
        self.wrong.append(Difference(kind, f"{self.collection} {bson.words(key)}", source, target))


def differing(found: Compared, key: Element, here: bytes | None, there: bytes | None) -> None:
    """Note one document that is not the same. Pure."""
    if here is None or there is None:
        said = ("missing", "there") if here is None else ("there", "missing")
        found.say("document", key, *said)
        return
    parts, others = list(bson.elements(here)), list(bson.elements(there))
    names, other_names = [name for name, _one in parts], [name for name, _one in others]
    if names != other_names:
        found.say("fields of document", key, ", ".join(names)[:80], ", ".join(other_names)[:80])
        return
    for (name, one), (_name, other) in zip(parts, others, strict=True):
        if one != other:
            found.say(
                f"field {name} of document", key, f"{one.kind:#x} {_shown(one)}", f"{other.kind:#x} {_shown(other)}"
            )
            return


def _shown(one: Element) -> str:
    """Enough to tell two values apart, and not the values: reports hold no data of users."""
    return hashlib.sha256(bytes([one.kind]) + one.data).hexdigest()[:12]


def compare(source: Connection, target: Connection, collection: str, wanted: Mapping[str, Any]) -> Compared:
    """All documents of both sides by their keys. Both come in the order of those, so few have to wait for theirs."""
    found = Compared(collection)
    digest = hashlib.sha256()
    options = {"batchSize": AT_ONCE, "sort": {"_id": 1}}
    both = (source.find(collection, wanted, **options), target.find(collection, wanted, **options))
    waiting: tuple[dict[Element, bytes], dict[Element, bytes]] = ({}, {})
    open_sides = [0, 1]
    while open_sides:
        for side in list(open_sides):
            batch = next(both[side], None)
            if batch is None:
                open_sides.remove(side)
                continue
            if side == 0:
                found.rows += len(batch)
                for one in batch:
                    digest.update(one)
                    found.size += len(one)
            _match(found, batch, side, waiting)
        if max(map(len, waiting)) > MOST_STRANGE:
            break  # they have nothing in common, and memory has an end
    for key, one in waiting[0].items():
        differing(found, key, one, None)
    for key, one in waiting[1].items():
        differing(found, key, None, one)
    for each in both:
        each.close()  # type: ignore[attr-defined]
    found.digest = digest.hexdigest()[:16]
    return found


def _match(
    found: Compared, batch: list[bytes], side: int, waiting: tuple[dict[Element, bytes], dict[Element, bytes]]
) -> None:
    mine, others = waiting[side], waiting[1 - side]
    for one in batch:
        key = bson.id_of(one)
        other = others.pop(key, None)
        if other is None:
            if key in mine:
                found.say("document", key, *(("twice", "once") if side == 0 else ("once", "twice")))
            mine[key] = one
        elif one != other:
            differing(found, key, *((one, other) if side == 0 else (other, one)))


def in_order(source: Connection, target: Connection, collection: str) -> Compared:
    """The same for a collection whose order is part of what it holds (capped)."""
    found = Compared(collection)
    digest = hashlib.sha256()
    here, there = (_all(one, collection) for one in (source, target))
    for one in here:
        other = next(there, None)
        found.rows += 1
        found.size += len(one)
        digest.update(one)
        if one != other:
            differing(found, bson.id_of(one), one, other)
            if other is None or bson.id_of(other) != bson.id_of(one):
                break
    else:
        for other in there:
            differing(found, bson.id_of(other), None, other)
            break
    found.digest = digest.hexdigest()[:16]
    return found


def _all(connection: Connection, collection: str, wanted: Mapping[str, Any] | None = None) -> Iterator[bytes]:
    for batch in connection.find(collection, wanted, batchSize=AT_ONCE):
        yield from batch


def as_sums(
    source: Connection, target: Connection, collection: str, wanted: Mapping[str, Any] | None = None
) -> Compared:
    """The same where documents have no key of their own (time series): as many, and the sum of what each is."""
    found = Compared(collection)
    sums, counts = [0, 0], [0, 0]
    for side, one in enumerate((source, target)):
        for raw in _all(one, collection, wanted):
            counts[side] += 1
            found.size += len(raw) if side == 0 else 0
            sums[side] = (sums[side] + int.from_bytes(hashlib.sha256(raw).digest(), "big")) % 2**256
    found.rows = counts[0]
    found.digest = f"{sums[0]:064x}"[:16]
    if counts[0] != counts[1]:
        found.wrong.append(Difference("measurements", collection, str(counts[0]), str(counts[1])))
    elif sums[0] != sums[1]:
        found.wrong.append(Difference("measurements", collection, found.digest, f"{sums[1]:064x}"[:16]))
    return found
