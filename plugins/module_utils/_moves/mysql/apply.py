"""Carrying changes from the source's binary log to the target, each transaction exactly once.

How far we are stands in the target itself, written by the same transaction as the changes: whatever is cut off where,
the next run goes on right behind the last transaction that is there. Beside it stand the keys of the rows that were
touched since everything was compared, and how many rows of each table were inserted, updated and deleted.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..following import Background, late, misfit
from .binlog import Event, Position, Stream, TableMap
from .catalogue import Table
from .quote import identifier, literal
from .statements import ALL, Decoder, Script, altered, worded
from .wire import TOO_LARGE, Connection, Result, SqlError

# Changes, and bytes of statements, that are sent at once; a larger transaction goes in several parts.
BATCH, LARGE = 1000, 2_000_000
# What a log says that is about no row of ours.
_ELSEWHERE = re.compile(
    r"(ROLLBACK|SAVEPOINT|FLUSH|GRANT|REVOKE|ANALYZE|OPTIMIZE|CHECK|REPAIR|SET |#|/\*.*\*/$|"
    r"(CREATE|ALTER|DROP|RENAME)( OR REPLACE)? (USER|ROLE|SERVER)|(CREATE|DROP) TEMPORARY|DROP .*TEMPORARY|"
    r"ALTER( DEFINER=\S+)? EVENT)",  # events are made anew behind the fence
    re.IGNORECASE,
)
_ROWS = re.compile(r"(INSERT|UPDATE|DELETE|REPLACE|LOAD|WITH)\b", re.IGNORECASE)
_TRUNCATE = re.compile(
    r"TRUNCATE\s+(?:TABLE\s+)?(?:`?(\w+)`?\.)?`?([^`\s;]+)`?\s*(?:WAIT\s+\d+|NOWAIT)?\s*(?:/\*.*)?;?$", re.I
)


def make(own: str, start: str) -> list[str]:
    """What is kept on the target, in a database of ours."""
    name = identifier(own)
    return [
        f"CREATE DATABASE {name} CHARACTER SET utf8mb4",
        f"CREATE TABLE {name}.progress (place varchar(300) NOT NULL, counts longtext NOT NULL) ENGINE = InnoDB",
        f"CREATE TABLE {name}.changed (id binary(20) PRIMARY KEY, relation varchar(64) NOT NULL, "
        "told longtext NOT NULL) ENGINE = InnoDB",
        f"INSERT INTO {name}.progress VALUES ({literal(start)}, '{{}}')",
    ]


def drop(own: str) -> str:
    return f"DROP DATABASE IF EXISTS {identifier(own)}"


class Applier:
    """Applies what a stream brings; :meth:`step` does one portion. ``starts`` has from where on each table's changes
    count: what came before was copied with it.
    """

    def __init__(
        self,
        target: tuple[Server, Login],
        own: str,
        source: str,
        tables: Mapping[str, Table],
        starts: Mapping[str, str],
    ) -> None:
        self.tables, self.source, self.own = tables, source, identifier(own)
        self._dropped = drop(own)
        self.starts = {name: Position.parse(text) for name, text in starts.items()}
        self.connection = Connection(*target)
        row = self.connection.rows(f"SELECT place, counts FROM {self.own}.progress")[0]
        self.progress = Position.parse(row[0] or "")
        self.counts: dict[str, list[int]] = json.loads(row[1] or "{}")
        self.changed: dict[str, set[str]] = {}
        for relation, key in self.connection.rows(f"SELECT relation, told FROM {self.own}.changed"):
            self.changed.setdefault(relation or "", set()).add(key or "")
        self.applied = 0
        self._decoders: dict[TableMap, Decoder] = {}
        self._script = Script()
        self._inside = False
        self._begun = False
        self._end = self.progress
        # Stop before the first transaction that is not over there; it is held back.
        self.limit: Position | None = None
        self.held = False

    @property
    def idle(self) -> bool:
        """Whether nothing is half done."""
        return not self._inside and not self._script.statements and not self._begun

    def step(self, stream: Stream, seconds: float) -> None:
        """Apply what is there, waiting ``seconds`` at most where nothing is.

        :raises StairwayError: when the target is not as the source was before the change, or a side is lost.
        """
        for event in stream.events(0.0 if self.held else seconds):
            if self.held or self._beyond(event):
                self.held = True
                break
            self._take(event)
            if self._script.size >= BATCH or self._script.bytes >= LARGE:
                self._flush()
        if self._script.statements or self._begun:
            self._flush()

    def forget(self, relation: str, keys: set[str]) -> None:
        """These rows were compared and are the same."""
        self.changed.get(relation, set()).difference_update(keys)

    def close(self) -> None:
        self.connection.close()

    def _beyond(self, event: Event) -> bool:
        begins = event.kind == "begin" or (event.kind == "statement" and not self._inside)
        return self.limit is not None and begins and event.end > self.limit

    # --- one event -------------------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        if event.kind == "begin":
            self._inside = True
        elif event.kind == "commit":
            self._inside = False
            self._end = event.end
        elif event.kind == "statement":
            self._statement(event)
        elif event.kind in ("insert", "update", "delete"):
            self._rows(event)

    def _rows(self, event: Event) -> None:
        seen = event.table
        if seen is None or seen.database != self.source:
            return
        table = self.tables.get(seen.name)
        if table is None:
            if seen.name in self.starts:  # a sequence
                return
            raise altered(seen.name)
        if event.end <= self.starts[seen.name]:
            return
        if seen not in self._decoders:
            self._decoders[seen] = Decoder.of(table, seen)
        self._script.add(self._decoders[seen], event)

    def _statement(self, event: Event) -> None:
        """Something that is no row: of another database, about rights, or what ends the move."""
        database = event.table.database if event.table else ""
        if not self._inside:
            self._end = event.end
        if (
            _ELSEWHERE.match(event.text)
            or event.text == self._dropped
            or (database != self.source and self.source not in event.text)
        ):
            return
        found = _TRUNCATE.match(event.text)
        if found is None:
            where = f"in {database or self.source}"
            raise worded(where, event.text) if _ROWS.match(event.text) else altered(where, event.text)
        table = self.tables.get(found.group(2))
        if (found.group(1) or database) != self.source or table is None:
            return
        if event.end > self.starts[table.name]:
            self._script.empty(table)

    # --- one portion -----------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        """Send what was gathered; it is committed with the end of the source's transaction."""
        script, self._script = self._script, Script()
        try:
            self._send(script)
        except SqlError as error:
            if error.number == TOO_LARGE:
                raise StairwayError(
                    "A change of the source is too large for the target.",
                    where=self.connection.where,
                    found=error.message,
                    fix="raise the target's max_allowed_packet (a value needs up to twice its size); then run the same "
                    "command again",
                ) from None
            raise misfit(error.message, self.connection.where) from None

    def _send(self, script: Script) -> None:
        begin = [] if self._begun else ["BEGIN"]
        self._begun = True
        marks = self._marks(script)
        if script.statements or marks or begin:
            answers = self._said([*begin, *script.statements, *marks])
            done = answers[len(begin) : len(begin) + len(script.statements)]
            for statement, answer, wanted in zip(script.statements, done, script.expected, strict=True):
                if wanted is not None and answer.affected != wanted:
                    short = re.split(r" (?:SET|VALUES|WHERE) ", statement)[0][:80]
                    raise misfit(f"{wanted} row(s) were expected and {answer.affected} found: {short}", "")
        for name, numbers in script.counts.items():
            mine = self.counts.setdefault(name, [0, 0, 0])
            self.counts[name] = [one + other for one, other in zip(mine, numbers, strict=True)]
        self.applied += script.size
        if not self._inside:
            self._commit()

    def _said(self, statements: Sequence[str]) -> list[Result]:
        """Together, as far as the target takes that much at once; one that is large by itself."""
        answers: list[Result] = []
        part: list[bytes] = []
        size = 0
        for one in statements:
            raw = one.encode(errors="surrogateescape")
            if part and size + len(raw) > LARGE:
                answers += self.connection.say(b";\n".join(part))
                part, size = [], 0
            part.append(raw)
            size += len(raw) + 2
        return answers + self.connection.say(b";\n".join(part))

    def _commit(self) -> None:
        counts = literal(json.dumps(self.counts))
        place = literal(str(self._end))
        self.connection.run(f"UPDATE {self.own}.progress SET place = {place}, counts = {counts}; COMMIT")
        self.progress = max(self.progress, self._end)
        self._begun = False

    def _marks(self, script: Script) -> list[str]:
        """The keys that were not marked yet."""
        new = []
        for relation, keys in script.changed.items():
            known = self.changed.setdefault(relation, set())
            if ALL in known:
                continue
            for key in keys - known:
                digest = hashlib.sha1(f"{relation} {key}".encode(), usedforsecurity=False).hexdigest()
                new.append(f"(X'{digest}', {literal(relation)}, {literal(key)})")
            known |= keys
        return [f"INSERT IGNORE INTO {self.own}.changed VALUES {', '.join(new)}"] if new else []


class Follower(Background):
    """An applier at work in the background, so that the target stays close behind while the app gets ready."""

    def __init__(self, applier: Applier, stream: Stream) -> None:
        super().__init__()
        self.applier = applier
        self.stream = stream
        # compares some of what was touched, so that little of it is left for the fence
        self.tidy: Callable[[], None] = lambda: None

    def portion(self) -> None:
        self.applier.step(self.stream, 0.2)
        self.tidy()

    def reach(self, place: Position, until: float | None = None) -> None:
        """Apply everything up to ``place``, here and now.

        :raises StairwayError: when that is not done at ``until`` (``time.monotonic``).
        """
        while (self.stream.received < place and not self.applier.held) or not self.applier.idle:
            if until is not None and time.monotonic() > until:
                raise late(self.applier.progress, place)
            self.applier.step(self.stream, 0.05)

    def close(self) -> None:
        self._halt()
        self.stream.close()
        self.applier.close()
