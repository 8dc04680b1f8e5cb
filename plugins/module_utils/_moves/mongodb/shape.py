"""What a database is made of besides documents: collections with their options, views, indexes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._common import wait
from ..model import Difference
from . import bson
from .bson import Element
from .feeds import MARK
from .wire import INTERNAL_ERROR, NO_NAMESPACE, Connection, MongoError

COLLECTION, VIEW, TIME_SERIES = "collection", "view", "timeseries"
LIFETIME = "expireAfterSeconds"
TRIES, PAUSE_SECONDS = 6, 0.05
# The target throws nothing away before it is the app's: the server's largest, 68 years.
NEVER = 2_147_483_647
# What a server says of an index or a collection that is no part of how it is made.
_INDEX_NOISE, _OPTION_NOISE = ("ns", "v", "background"), ("uuid", "autoIndexId")

Shapes = dict[str, "Shape"]


@dataclass(frozen=True)
class Shape:
    """A collection, a view or a time series. ``options`` and ``indexes`` are as the server says them."""

    name: str
    kind: str
    options: dict[str, Element] = field(default_factory=dict)
    indexes: dict[str, dict[str, Element]] = field(default_factory=dict)

    @property
    def capped(self) -> bool:
        return "capped" in self.options and bool(bson.value(self.options["capped"]))

    @property
    def validated(self) -> bool:
        return "validator" in self.options

    @property
    def writing(self) -> dict[str, Any]:
        """What an insert has to say: documents may be older than the validator."""
        return {"bypassDocumentValidation": True} if self.validated else {}


def read(connection: Connection) -> Shapes:
    """All that is the app's; what the server keeps for itself, and our mark, are left out."""
    found: Shapes = {}
    for batch in connection.read({"listCollections": 1}):
        for raw in batch:
            parts = bson.fields(raw)
            name, kind = str(bson.value(parts["name"])), str(bson.value(parts["type"]))
            if name == MARK or (name.startswith("system.") and name != "system.js"):
                continue
            options = {key: one for key, one in bson.elements(parts["options"].data) if key not in _OPTION_NOISE}
            found[name] = Shape(name, kind, options, {} if kind == VIEW else indexes(connection, name))
    return found


def indexes(connection: Connection, name: str) -> dict[str, dict[str, Element]]:
    """By their names, without the one of ``_id``."""
    found: dict[str, dict[str, Element]] = {}
    try:
        for batch in connection.read({"listIndexes": name}):
            for raw in batch:
                parts = {key: one for key, one in bson.elements(raw) if key not in _INDEX_NOISE}
                own = list(bson.fields(parts["key"].data)) == ["_id"] or "clustered" in parts
                if not own:
                    found[str(bson.value(parts["name"]))] = parts
    except MongoError as error:
        if error.code != NO_NAMESPACE:
            raise
    return found


def create(target: Connection, shape: Shape) -> None:
    target.call({"create": shape.name, **{name: one for name, one in shape.options.items() if name != LIFETIME}})


def create_indexes(target: Connection, shape: Shape, there: Mapping[str, Any]) -> None:
    """Those that are not there yet; they throw nothing away before :func:`live`."""
    missing = [held(one) for name, one in shape.indexes.items() if name not in there]
    if missing:
        _create_indexes(target, shape.name, missing)
    for one in missing:
        if LIFETIME in one:
            # nobody may find out behind the fence that this is not allowed
            _lifetime(target, shape.name, one, bson.element(NEVER))


def _create_indexes(target: Connection, name: str, indexes: list[dict[str, Element]]) -> None:
    """FerretDB on SQLite says that an index is there which has gone with the collection of before, while one of its own
    sessions has not heard of that.
    """
    command = {"createIndexes": name, "indexes": [bson.joined(list(one.items())) for one in indexes]}
    for number in range(TRIES):
        try:
            target.call(command)
            return
        except MongoError as error:
            if error.code != INTERNAL_ERROR or number == TRIES - 1:
                raise
        wait.pause(PAUSE_SECONDS)


def held(index: Mapping[str, Element]) -> dict[str, Element]:
    """An index that lets documents be. Pure."""
    return {**index, **({LIFETIME: bson.element(NEVER)} if LIFETIME in index else {})}


def lives(target: Connection, shapes: Mapping[str, Shape], *, on: bool) -> None:
    """Let documents end as the source says, or let them be again."""
    for shape in shapes.values():
        for index in shape.indexes.values():
            if LIFETIME in index:
                _lifetime(target, shape.name, index, index[LIFETIME] if on else bson.element(NEVER))
        if LIFETIME in shape.options:
            target.call({"collMod": shape.name, LIFETIME: shape.options[LIFETIME] if on else "off"})


def _lifetime(target: Connection, name: str, index: Mapping[str, Element], seconds: Element) -> None:
    target.call({"collMod": name, "index": {"name": index["name"], LIFETIME: seconds}})


def bring(source: Connection, target: Connection) -> Shapes:
    """Make what the target lacks of what has no documents of its own to wait for; what the source has is returned.
    Views come last: what they look at is there then.
    """
    here, there = read(source), read(target)
    for shape in sorted(here.values(), key=lambda one: (one.kind == VIEW, one.name)):
        if shape.name not in there:
            create(target, shape)
    return here


def drop(target: Connection) -> None:
    """Everything that is the app's; views first."""
    for shape in sorted(read(target).values(), key=lambda one: (one.kind != VIEW, one.name)):
        target.call({"drop": shape.name})


def forget_mark(connection: Connection) -> None:
    try:
        connection.call({"drop": MARK})
    except MongoError as error:
        if error.code != NO_NAMESPACE:
            raise


def differences(here: Shapes, there: Shapes, counted: dict[str, int]) -> list[Difference]:
    """What both sides do not have alike. ``counted`` gets how many there are of each kind. Pure."""
    found = []
    for name in sorted({*here, *there}):
        one, other = here.get(name), there.get(name)
        if one is None or other is None:
            found.append(Difference("collection", name, *(("there", "missing") if one else ("missing", "there"))))
            continue
        counted[one.kind] = counted.get(one.kind, 0) + 1
        counted["index"] = counted.get("index", 0) + len(one.indexes)
        if one.kind != other.kind:
            found.append(Difference("kind of", name, one.kind, other.kind))
        found += _options(one, other)
        found += _indexes(one, other)
    return found


def _options(one: Shape, other: Shape) -> list[Difference]:
    found = []
    for option in sorted({*one.options, *other.options} - {LIFETIME}):
        here, there = (plain(side.options.get(option)) for side in (one, other))
        if here != there:
            found.append(Difference("option", f"{one.name}.{option}", here, there))
    return found


def _indexes(one: Shape, other: Shape) -> list[Difference]:
    found = []
    for name in sorted({*one.indexes, *other.indexes}):
        here = index_words(one.indexes.get(name))
        # the target's documents are let be until the switch
        there = index_words(other.indexes.get(name))
        if here != there:
            found.append(Difference("index", f"{one.name}.{name}", here, there))
    return found


def index_words(index: Mapping[str, Element] | None) -> str:
    """What an index is; when its documents end is compared by whether they do."""
    if index is None:
        return "missing"
    return " ".join(f"{name}={plain(one)}" for name, one in sorted(held(index).items()))


def plain(one: Element | None) -> str:
    """A value in words: numbers by what they count, fields in their order, as both matter in a key. Pure."""
    if one is None:
        return "none"
    if one.kind in (bson.DOCUMENT, bson.ARRAY):
        return "{" + ", ".join(f"{name}: {plain(each)}" for name, each in bson.elements(one.data)) + "}"
    if one.kind in (bson.INT, bson.LONG, bson.DOUBLE):
        number = bson.value(one)
        return str(int(number) if number == number // 1 else number)
    return bson.words(one)
