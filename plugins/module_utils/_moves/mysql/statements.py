"""Changes of rows as statements for the target. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ..._common.errors import StairwayError
from .binlog import Event, TableMap
from .catalogue import Column, Table
from .quote import identifier
from .rows import NULL, Reader, reader
from .wire import number

Values = list[str]
# The whole table has to be compared again.
ALL = "*"
# Bytes of one INSERT.
LARGE = 1_000_000
_MOMENTS = ("timestamp", "datetime")


@dataclass
class Decoder:
    """Reads the rows of one table as a table map has it."""

    table: Table
    readers: tuple[Reader, ...]

    @classmethod
    def of(cls, table: Table, seen: TableMap) -> Decoder:
        """:raises StairwayError: when the table is not what it was as the move began."""
        if len(seen.types) != len(table.columns):
            raise altered(table.name)
        found = zip(seen.types, seen.metadata, table.columns, strict=True)
        return cls(table, tuple(reader(kind, metadata, column) for kind, metadata, column in found))

    def rows(self, event: Event) -> Iterator[tuple[Values, Values]]:
        """Each row before and after; where there was or is none, an empty list.

        :raises StairwayError: when the source does not write whole rows.
        """
        data = event.data
        count, at = number(data, 0)
        size = (count + 7) // 8
        images = 2 if event.kind == "update" else 1
        for _image in range(images):
            if int.from_bytes(data[at : at + size], "little").bit_count() != len(self.readers):
                raise StairwayError(
                    "The binary log holds parts of rows only.", fix="SET GLOBAL binlog_row_image = 'FULL'"
                )
            at += size
        while at < len(data):
            before, at = self._row(data, at, size)
            after: Values = []
            if images == 2:
                after, at = self._row(data, at, size)
            yield ([], before) if event.kind == "insert" else (before, after)

    def _row(self, data: bytes, at: int, size: int) -> tuple[Values, int]:
        nulls = int.from_bytes(data[at : at + size], "little")
        at += size
        found = []
        for place, read in enumerate(self.readers):
            if nulls >> place & 1:
                found.append(NULL)
            else:
                value, at = read(data, at)
                found.append(value)
        return found, at


def altered(name: str, statement: str = "") -> StairwayError:
    """The source's definitions are not those that were copied."""
    return StairwayError(
        f"The source got other definitions while it was moved: {name}.",
        found=statement[:120] or None,
        expected="no CREATE, ALTER or DROP until the move is over",
        fix="give the move up (-e abort=true), release the migration, and begin the move again",
    )


def worded(where: str, statement: str) -> StairwayError:
    """Rows of the source were changed in a way of which its log has the words only."""
    return StairwayError(
        f"The source's log tells in words, and not row by row, what changed {where}.",
        found=statement[:120],
        expected="binlog_format = ROW in every session",
        fix="see which session of the app sets binlog_format; give the move up (-e abort=true), and begin it again",
    )


@dataclass
class Script:
    """What is sent at once. ``expected`` has how many rows each statement has to find."""

    statements: list[str] = field(default_factory=list)
    expected: list[int | None] = field(default_factory=list)
    changed: dict[str, set[str]] = field(default_factory=dict)
    counts: dict[str, list[int]] = field(default_factory=dict)
    size: int = 0
    bytes: int = 0
    _checks: bool | None = None

    def add(self, decoder: Decoder, event: Event) -> None:
        """The rows of one event."""
        self._foreign_keys(event.foreign_keys)
        table = decoder.table
        counts = self.counts.setdefault(table.name, [0, 0, 0])
        rows = list(decoder.rows(event))
        key = _keys(table)
        for before, after in rows:
            self.changed.setdefault(table.name, set()).update(key(one) for one in (before, after) if one)
        if event.kind == "insert":
            self._insert(table, [after for _before, after in rows])
        elif event.kind == "delete":
            self._delete(table, [key(before) for before, _after in rows])
        else:
            for before, after in rows:
                self._say(_update(table, before, after, key(before)), 1)
        counts[("insert", "update", "delete").index(event.kind)] += len(rows)
        self.size += len(rows)

    def empty(self, table: Table) -> None:
        """TRUNCATE, but as part of the transaction that notes how far we are, and as that takes nothing along."""
        self._foreign_keys(False)
        self._say(f"DELETE FROM {table.sql}", None)
        self.changed.setdefault(table.name, set()).add(ALL)
        self.size += 1

    def _foreign_keys(self, checked: bool) -> None:
        """As the source's session had it: what a foreign key takes along is not in the log, the target does it too."""
        if self._checks is not checked:
            self._checks = checked
            self._say(f"SET foreign_key_checks = {int(checked)}", None)

    def _insert(self, table: Table, rows: Sequence[Values]) -> None:
        places = [place for place, column in enumerate(table.columns) if not column.generated]
        head = f"INSERT INTO {table.sql} ({columns(table.written)}) VALUES "
        part: list[str] = []
        size = 0
        for row in rows:
            words = "(" + ",".join([row[place] for place in places]) + ")"
            if part and size + len(words) > LARGE:
                self._say(head + ",".join(part), len(part))
                part, size = [], 0
            part.append(words)
            size += len(words)
        self._say(head + ",".join(part), len(part))

    def _delete(self, table: Table, keys: Sequence[str]) -> None:
        # where one row may take another along, or be kept by it, the order counts that the source had
        most = 1 if table.circular else 200
        for at in range(0, len(keys), most):
            part = keys[at : at + most]
            self._say(f"DELETE FROM {table.sql} WHERE {of_keys(table, part)}", len(part))

    def _say(self, statement: str, expected: int | None) -> None:
        self.statements.append(statement)
        self.expected.append(expected)
        self.bytes += len(statement)


def columns(found: Sequence[Column]) -> str:
    return ", ".join(one.sql for one in found)


def _keys(table: Table) -> Callable[[Values], str]:
    """A row's key as SQL, without its brackets."""
    names = [one.name for one in table.columns]
    places = [names.index(name) for name in table.keys]
    return lambda values: ",".join([values[place] for place in places])


def of_keys(table: Table, keys: Sequence[str]) -> str:
    """The rows with these keys, as a condition that an index serves."""
    if len(table.keys) == 1:
        return f"{identifier(table.keys[0])} IN ({','.join(keys)})"
    names = ", ".join(identifier(name) for name in table.keys)
    return f"({names}) IN ({','.join(f'({one})' for one in keys)})"


def _update(table: Table, before: Values, after: Values, key: str) -> str:
    """What has changed, and every moment: the server would set some of them to the present where nothing is said."""
    told = [
        f"{column.sql} = {new}"
        for column, old, new in zip(table.columns, before, after, strict=True)
        if not column.generated and (old != new or column.type in _MOMENTS)
    ]
    return f"UPDATE {table.sql} SET {', '.join(told) or _nothing(table)} WHERE {of_keys(table, [key])}"


def _nothing(table: Table) -> str:
    name = identifier(table.keys[0])
    return f"{name} = {name}"
