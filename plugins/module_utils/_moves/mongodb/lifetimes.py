"""Documents that end by themselves. A server goes on to delete those while nobody may write: what it deletes at the
source behind the copy has to go at the target too, and is no difference. The target ends none before the switch.
"""

from __future__ import annotations

import math
import struct
import time
from collections.abc import Sequence
from typing import Any

from . import bson, documents
from .bson import Element
from .documents import AT_ONCE
from .shape import COLLECTION, LIFETIME, TIME_SERIES, Shape
from .wire import Connection

_SECOND = 1000


def ends(shape: Shape) -> list[tuple[str, float]]:
    """By which fields the documents of a collection end, and how many seconds behind what those say. Pure."""
    if shape.kind != COLLECTION or shape.capped:
        return []
    found = [
        (next(iter(bson.fields(index["key"].data))), _seconds(index[LIFETIME]))
        for index in shape.indexes.values()
        if LIFETIME in index
    ]
    if LIFETIME in shape.options:  # clustered: the key itself is the time
        found.append(("_id", _seconds(shape.options[LIFETIME])))
    return found


def _seconds(told: Element) -> float:
    """What is no number counts as nothing, as with older servers; only what is gone at the source ever goes."""
    number = float(bson.value(told))
    return 0.0 if math.isnan(number) else number


def let_go(source: Connection, target: Connection, shape: Shape, keys: Sequence[Element] | None = None) -> int:
    """Delete at the target what has ended and is gone at the source, of ``keys`` or of all; how many that were. What
    somebody has deleted before its time is left, to be seen.

    :raises MongoError: when a server refuses it.
    """
    count = 0
    for field, seconds in ends(shape):
        over = {field: {"$lte": moment(source, -seconds)}}
        for wanted in [over] if keys is None else _of(keys, over):
            for batch in target.find(shape.name, wanted, projection={"_id": 1}, batchSize=AT_ONCE):
                count += _gone(source, target, shape.name, [bson.id_of(one) for one in batch])
    return count


def _of(keys: Sequence[Element], over: dict[str, Any]) -> list[dict[str, Any]]:
    parts = [list(keys[at : at + AT_ONCE]) for at in range(0, len(keys), AT_ONCE)]
    return [{"$and": [over, {"_id": {"$in": part}}]} for part in parts]


def _gone(source: Connection, target: Connection, collection: str, keys: list[Element]) -> int:
    there = documents.by_key(source, collection, keys)
    gone = [bson.encode({"q": {"_id": key}, "limit": 1}) for key in keys if key not in there]
    return target.write({"delete": collection}, deletes=gone) if gone else 0


def lasting(source: Connection, shape: Shape, seconds: float) -> dict[str, Any]:
    """Which measurements of a time series do not end in so many seconds; nothing where that cannot be asked."""
    if shape.kind != TIME_SERIES or LIFETIME not in shape.options:
        return {}
    life = _seconds(shape.options[LIFETIME])
    if life <= seconds:
        return {}
    field = str(bson.value(bson.fields(shape.options["timeseries"].data)["timeField"]))
    return {field: {"$gt": moment(source, seconds - life)}}


def moment(server: Connection, seconds: float) -> Element:
    """So many seconds from now, by a server's own clock."""
    now = server.call({"hello": 1}).get("localTime")
    if not isinstance(now, Element) or now.kind != bson.DATE:
        now = Element(bson.DATE, struct.pack("<q", int(time.time() * _SECOND)))
    return Element(bson.DATE, struct.pack("<q", struct.unpack("<q", now.data)[0] + int(seconds * _SECOND)))
