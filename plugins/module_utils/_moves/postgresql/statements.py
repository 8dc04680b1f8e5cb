"""Changes as SQL for the target. Pure.

Each statement comes with what the server has to say to it: ``UPDATE 0`` means that the target lacks a row that the
source had, which nobody may pass over.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ..._common.errors import StairwayError
from .pgoutput import UNCHANGED, Change, Relation, Truncate, Unchanged, Value, Values
from .quote import identifier, literal, qualified

# Rows of one INSERT; more make it no faster, and the server has to hold them all.
ROWS = 200
# Stands for "any row of this table": it has no key, or was emptied.
ALL = ""


@dataclass
class Script:
    """Statements in their order. ``changed`` has the keys of every row that they touch, ``counts`` how many rows of
    each table are inserted, updated and deleted, as the server itself counts them.
    """

    statements: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    changed: dict[str, set[str]] = field(default_factory=dict)
    counts: dict[str, list[int]] = field(default_factory=dict)
    size: int = 0
    _into: Relation | None = None
    _rows: list[str] = field(default_factory=list)

    def add(self, relation: Relation, change: Change, keys: Sequence[str], fixed: Collection[str] = ()) -> None:
        """``fixed`` are the columns that no UPDATE may set: GENERATED ALWAYS AS IDENTITY.

        :raises StairwayError: when the change does not say which row it is about.
        """
        self.size += 1
        label = f"{relation.schema}.{relation.name}"
        touched = self.changed.setdefault(label, set())
        touched.update(_keys_of(relation, change, keys))
        if change.kind == "I":
            self._insert(relation, change.new or ())
            self._count(label, "I")
            return
        self.finish()
        if change.kind == "D":
            where = _where(relation, change.old or ())
            self._say(f"DELETE FROM ONLY {_name(relation)} WHERE {where}", "DELETE 1")
            self._count(label, "D")
            return
        told = _told(relation, change, fixed)
        if told:
            self._say(f"UPDATE ONLY {_name(relation)} SET {', '.join(told)} WHERE {_old(relation, change)}", "UPDATE 1")
            self._count(label, "U")
        else:
            self._say(_replaced(relation, change), "INSERT 0 1")
            self._count(label, "DI")

    def empty(self, relations: Sequence[Relation], how: Truncate) -> None:
        """Empty tables."""
        self.finish()
        self.size += 1
        names = ", ".join(_name(one) for one in relations)
        words = (" RESTART IDENTITY" if how.restart else "") + (" CASCADE" if how.cascade else "")
        self._say(f"TRUNCATE ONLY {names}{words}", "TRUNCATE TABLE")
        for one in relations:
            self.changed.setdefault(f"{one.schema}.{one.name}", set()).add(ALL)

    def finish(self) -> None:
        """Write down the rows that were gathered for one INSERT."""
        if self._into is None or not self._rows:
            return
        columns = ", ".join(identifier(one) for one in self._into.columns)
        into = f"INSERT INTO {_name(self._into)} ({columns})" if columns else f"INSERT INTO {_name(self._into)}"
        self._say(f"{into} OVERRIDING SYSTEM VALUE VALUES {', '.join(self._rows)}", f"INSERT 0 {len(self._rows)}")
        self._into, self._rows = None, []

    def _insert(self, relation: Relation, values: Values) -> None:
        if self._into is not relation or len(self._rows) >= ROWS:
            self.finish()
            self._into = relation
        self._rows.append(f"({', '.join(_literal(one) for one in values)})")

    def _count(self, label: str, kinds: str) -> None:
        counts = self.counts.setdefault(label, [0, 0, 0])
        for kind in kinds:
            counts["IUD".index(kind)] += 1

    def _say(self, statement: str, tag: str) -> None:
        self.statements.append(statement)
        self.expected.append(tag)


def _name(relation: Relation) -> str:
    return qualified(relation.schema, relation.name)


def _literal(value: Value) -> str:
    if isinstance(value, Unchanged):
        raise StairwayError("A change does not say the value of a column that it needs.")
    return literal(value)


def _old(relation: Relation, change: Change) -> str:
    """Which row an update is about: where it does not say what its key was, that is the same as now."""
    return _where(relation, change.old if change.old is not None else change.new or ())


def _told(relation: Relation, change: Change, fixed: Collection[str]) -> list[str]:
    """What an UPDATE sets; nothing where it cannot say it all."""
    new, told = change.new or (), []
    before = change.old if change.old is not None else new
    for name, key, old, value in zip(relation.columns, relation.keys, before, new, strict=True):
        if name in fixed:
            # only of what tells the row does a change say whether it is still the same
            if not key or old != value:
                return []
        elif value is not UNCHANGED:
            told.append(f"{identifier(name)} = {_literal(value)}")
    return told


def _replaced(relation: Relation, change: Change) -> str:
    """The row anew, with all that it has: only an INSERT may say a column that is GENERATED ALWAYS AS IDENTITY, and the
    app has let the server give it another number (``SET id = DEFAULT``).
    """
    pairs = list(zip(relation.columns, change.new or (), strict=True))
    values = ", ".join(f"gone.{identifier(n)}" if value is UNCHANGED else _literal(value) for n, value in pairs)
    return (
        f"WITH gone AS (DELETE FROM ONLY {_name(relation)} WHERE {_old(relation, change)} RETURNING *) "
        f"INSERT INTO {_name(relation)} ({', '.join(identifier(name) for name, _value in pairs)}) "
        f"OVERRIDING SYSTEM VALUE SELECT {values} FROM gone"
    )


def _where(relation: Relation, values: Values) -> str:
    """Which row. Where the whole row is what tells it, one of those that are the same."""
    if relation.identity != "f":
        told = zip(relation.columns, relation.keys, values, strict=True)
        parts = [f"{identifier(name)} = {_literal(value)}" for name, key, value in told if key]
        if not parts:
            raise StairwayError(
                f"A change of {relation.schema}.{relation.name} does not say which row it is about.",
                fix=f"ALTER TABLE {_name(relation)} ADD PRIMARY KEY (...), and begin the move again",
            )
        return " AND ".join(parts)
    same = " AND ".join(_same(name, value) for name, value in zip(relation.columns, values, strict=True))
    return f"ctid = (SELECT ctid FROM ONLY {_name(relation)} WHERE {same} LIMIT 1)"


def _same(name: str, value: Value) -> str:
    """Whether a column holds what the stream says. ``concat`` writes it as the stream does, by the type's own output: a
    cast would write ``true`` for ``t``, add ``/32`` to an address, and cut the blanks of a ``char(8)``. It makes an
    empty text of NULL, though.
    """
    column = identifier(name)
    if value is None:
        return f"{column} IS NOT DISTINCT FROM NULL"
    same = f'concat({column}) COLLATE "C" = {_literal(value)}'
    return same if value else f"{column} IS DISTINCT FROM NULL AND {same}"


def _keys_of(relation: Relation, change: Change, keys: Sequence[str]) -> set[str]:
    """The keys of the row before and after."""
    if not keys:
        return {ALL}
    found = set()
    for values in (change.old, change.new):
        if values is not None:
            named = dict(zip(relation.columns, values, strict=True))
            found.add(json.dumps([named[one] if isinstance(named[one], str) else None for one in keys]))
    return found
