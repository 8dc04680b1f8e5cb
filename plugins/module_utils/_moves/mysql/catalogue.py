"""What a database consists of, asked of its server; as texts that can be compared between two servers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .quote import identifier, literal
from .wire import Connection

Definitions = dict[str, dict[str, str]]

FLOATS = {"float", "double", "real"}
NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year"}
INDEXED = {"enum", "set", "bit"}
BINARY = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector"}
SHAPES = {
    *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"),
    *("geometrycollection", "geomcollection"),
}
TEXTS = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json"}
# Texts of these go through a session in utf8mb4 and come out as they were.
LIKE_UTF8 = {"utf8mb4", "utf8mb3", "utf8", "ascii", "latin1"}
SHORT = 32


@dataclass(frozen=True)
class Column:
    """One column; ``full`` is its type with length and sign, ``length`` in bytes for texts and binaries."""

    name: str
    type: str
    full: str
    charset: str
    length: int
    generated: bool

    @property
    def sql(self) -> str:
        return identifier(self.name)

    @property
    def kind(self) -> str:
        """How its values are written: ``number``, ``float``, ``index``, ``binary``, ``text``, or ``quoted``."""
        for kind, types in (("float", FLOATS), ("number", NUMBERS), ("index", INDEXED), ("text", TEXTS)):
            if self.type in types:
                return kind
        return "binary" if self.type in BINARY | SHAPES else "quoted"

    @property
    def value(self) -> str:
        """Its value to the last bit, as SQL: a float's text has six digits where it is not asked as a double."""
        return {"float": f"{self.sql} * 1e0", "index": f"{self.sql} + 0"}.get(self.kind, self.sql)

    @property
    def written(self) -> str:
        """Its value as a literal, written by the server; NULL itself only for one that is too large for that: a server
        lets no function give more than its max_allowed_packet.
        """
        if self.kind in ("number", "index"):
            return f"IFNULL({self.value}, 'NULL')"
        if self.kind == "text" and (self.charset or "utf8mb4") in LIKE_UTF8:
            return f"CONVERT(QUOTE({self.sql}) USING utf8mb4)"
        if self.kind in ("text", "binary"):
            before = f"_{self.charset} " if self.charset else ""
            return f"IF({self.sql} IS NULL, 'NULL', CONCAT('{before}X''', HEX({self.sql}), ''''))"
        return f"IFNULL(CONCAT('''', {self.value}, ''''), 'NULL')"

    @property
    def summed(self) -> str:
        """What stands for it in a row's checksum: without a comma, and never ``~`` but for NULL."""
        if self.kind not in ("text", "binary"):
            return f"IFNULL({self.value}, '~')"
        how = "HEX" if 0 < self.length <= SHORT else "MD5"
        return f"IFNULL({how}({self.sql}), '~')"


@dataclass(frozen=True)
class Table:
    """One table. ``keys`` tell a row from every other; there may be none. ``rows`` is the server's guess.
    ``circular`` says that rows of it may reach others of it by foreign keys; only who asked for that knows it.
    """

    name: str
    engine: str
    kind: str
    rows: int
    size: int
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    circular: bool = False

    @property
    def sql(self) -> str:
        return identifier(self.name)

    @property
    def written(self) -> tuple[Column, ...]:
        """The columns that can be written."""
        return tuple(one for one in self.columns if not one.generated)

    @property
    def followed(self) -> bool:
        return bool(self.keys) and self.engine.lower() == "innodb"


_TABLES = """SELECT table_name, COALESCE(engine, ''), table_type, COALESCE(table_rows, 0),
  COALESCE(data_length, 0) + COALESCE(index_length, 0) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 5 DESC, 1"""
_COLUMNS = """SELECT table_name, column_name, LOWER(data_type), LOWER(column_type), COALESCE(character_set_name, ''),
  COALESCE(character_octet_length, 0), COALESCE(generation_expression, '') <> ''
FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"""
_KEYS = """SELECT table_name, index_name, column_name, nullable = 'YES' FROM information_schema.statistics
WHERE table_schema = DATABASE() AND non_unique = 0
ORDER BY table_name, index_name <> 'PRIMARY', index_name, seq_in_index"""


def tables(connection: Connection) -> list[Table]:
    """Largest first."""
    columns: dict[str, list[Column]] = {}
    for table, name, kind, full, charset, length, generated in connection.rows(_COLUMNS):
        made = Column(name or "", kind or "", full or "", charset or "", int(length or 0), generated == "1")
        columns.setdefault(table or "", []).append(made)
    keys = _keys(connection, columns)
    return [
        Table(
            name=row[0] or "",
            engine=row[1] or "",
            kind=row[2] or "",
            rows=int(row[3] or 0),
            size=int(row[4] or 0),
            columns=tuple(columns.get(row[0] or "", ())),
            keys=keys.get(row[0] or "", ()),
        )
        for row in connection.rows(_TABLES)
    ]


def _keys(connection: Connection, columns: dict[str, list[Column]]) -> dict[str, tuple[str, ...]]:
    """Of each table the first unique index that no NULL and no float makes vague."""
    found: dict[str, dict[str, list[str] | None]] = {}
    for table, index, column, nullable in connection.rows(_KEYS):
        floats = {one.name for one in columns.get(table or "", ()) if one.kind == "float"}
        indexes = found.setdefault(table or "", {})
        parts = indexes.setdefault(index or "", [])
        if nullable == "1" or column is None or column in floats:
            indexes[index or ""] = None
        elif parts is not None:
            parts.append(column)
    chosen = {table: [one for one in indexes.values() if one] for table, indexes in found.items()}
    return {table: tuple(usable[0]) for table, usable in chosen.items() if usable}


def _names(connection: Connection, question: str) -> list[str]:
    return [row[0] or "" for row in connection.rows(question)]


def _of_type(kind: str) -> str:
    return f"SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = '{kind}'"


def sequences(connection: Connection) -> dict[str, str]:
    """The next value of each that is not given out."""
    names = _names(connection, _of_type("SEQUENCE") + " ORDER BY 1")
    return {name: connection.one(f"SELECT next_not_cached_value FROM {identifier(name)}") or "" for name in names}


def references(connection: Connection) -> list[tuple[str, str]]:
    """Which table has a foreign key to which."""
    asked = "SELECT table_name, referenced_table_name FROM information_schema.referential_constraints "
    return [(row[0] or "", row[1] or "") for row in connection.rows(asked + "WHERE constraint_schema = DATABASE()")]


def circles(found: Sequence[tuple[str, str]]) -> set[str]:
    """The tables from which such references lead back to themselves. Pure."""

    def reached(name: str) -> set[str]:
        seen: set[str] = set()
        new = {name}
        while new:
            new = {to for one, to in found if one in new} - seen
            seen |= new
        return seen

    return {name for name, _to in found if name in reached(name)}


def counters(connection: Connection) -> dict[str, str]:
    """Where AUTO_INCREMENT stands in each table that has one."""
    asked = "SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = DATABASE() "
    return {row[0] or "": row[1] or "" for row in connection.rows(asked + "AND auto_increment IS NOT NULL")}


def create(connection: Connection, kind: str, name: str) -> tuple[str, str]:
    """The statement that makes it, and what has to be set before (``TRIGGER``, ``EVENT``, routines)."""
    row = connection.rows(f"SHOW CREATE {kind} {identifier(name)}")[0]
    if kind in ("TABLE", "SEQUENCE"):
        return row[1] or "", ""
    if kind == "VIEW":
        return row[1] or "", f"character_set_client = {row[2]}, collation_connection = {row[3]}"
    zone = f", time_zone = {literal(row[2] or '')}" if kind == "EVENT" else ""
    at = 3 if kind == "EVENT" else 2
    settings = f"sql_mode = {literal(row[1] or '')}, character_set_client = {row[at + 1]}"
    return row[at] or "", f"{settings}, collation_connection = {row[at + 2]}{zone}"


_TRIGGERS = "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1"
_TRIGGERS_IN_ORDER = (
    "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() "
    "ORDER BY event_object_table, action_timing, event_manipulation, action_order"
)
_EVENTS = "SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE() ORDER BY 1"
# Kind as SHOW CREATE takes it, and who is asked for the names.
NAMES = {
    "SEQUENCE": _of_type("SEQUENCE") + " ORDER BY 1",
    "FUNCTION": "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() "
    "AND routine_type = 'FUNCTION' ORDER BY 1",
    "PROCEDURE": "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() "
    "AND routine_type = 'PROCEDURE' ORDER BY 1",
    "VIEW": _of_type("VIEW") + " ORDER BY 1",
    "TRIGGER": _TRIGGERS_IN_ORDER,
    "EVENT": _EVENTS,
}
# They act by themselves: on the target they are made when no change is carried any more.
ACTING = ("TRIGGER", "EVENT")


def names(connection: Connection, kind: str) -> list[str]:
    return _names(connection, NAMES[kind])


_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")
_STATE = re.compile(r" (ENABLE|DISABLE ON SLAVE|DISABLE) (?=DO |COMMENT )")


def definitions(connection: Connection, *, acting: bool) -> Definitions:
    """Everything but rows, by kind and name; ``acting`` says whether triggers and events are asked for too."""
    found: Definitions = {one: {} for one in ("column", "index", "constraint", "table")}
    for name in _names(connection, _of_type("BASE TABLE")):
        for kind, part, words in _lines(create(connection, "TABLE", name)[0]):
            found[kind][f"{name}.{part}" if part else name] = words
    for kind in NAMES:
        if acting or kind not in ACTING:
            made = {name: " ".join(create(connection, kind, name)) for name in names(connection, kind)}
            found[kind.lower()] = {name: _STATE.sub(" ", one) for name, one in made.items()}
    asked = "SELECT @@character_set_database, @@collation_database"
    found["database"] = {"defaults": " ".join(str(one) for one in connection.rows(asked)[0])}
    return found


def _lines(statement: str) -> Iterator[tuple[str, str, str]]:
    """Each line of a CREATE TABLE as (kind, name, text)."""
    lines = _COUNTER.sub("", statement).split("\n")
    options = []
    for place, line in enumerate(lines[1:], 1):
        words = line.strip().rstrip(",")
        name = words.split("`")[1] if "`" in words else ""
        if not line.startswith("  "):
            options.append(words)
        elif words.startswith("`"):
            yield "column", name, f"{place}. {words}"
        elif words.startswith(("CONSTRAINT", "CHECK", "PERIOD")):
            yield "constraint", name, words
        else:
            yield "index", "PRIMARY" if words.startswith("PRIMARY") else name, words
    yield "table", "", "\n".join(options)


def state_of_events(connection: Connection) -> dict[str, str]:
    """Whether each event runs."""
    asked = "SELECT event_name, status FROM information_schema.events WHERE event_schema = DATABASE()"
    return {row[0] or "": row[1] or "" for row in connection.rows(asked)}
