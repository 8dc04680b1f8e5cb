"""Carrying changes from the source's stream to the target, each transaction exactly once.

How far we are stands in the target itself, written by the same transaction as the changes: whatever is cut off where,
the next run goes on right behind the last transaction that is there. Beside it stand the keys of the rows that were
touched since everything was compared, and how many rows of each table were inserted, updated and deleted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping

from ..._common import wait
from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..following import Background, late, misfit
from .catalogue import FIXED, OWN_SCHEMA, Table
from .pgoutput import Begin, Change, Commit, Message, Relation, Truncate, lsn_of, number_of
from .quote import literal
from .statements import ALL, Script
from .stream import Stream
from .wire import Connection, SqlError

# Changes that are sent at once; a larger transaction goes in several parts.
BATCH = 2000
MAKE = f"""CREATE SCHEMA {OWN_SCHEMA};
CREATE TABLE {OWN_SCHEMA}.progress (lsn pg_lsn NOT NULL, counts text NOT NULL);
CREATE TABLE {OWN_SCHEMA}.changed (relation text, key text, PRIMARY KEY (relation, key));"""
# https://www.postgresql.org/docs/15/release-15.html: counters in shared memory, and a word to have them written
FLUSHES_SINCE, COUNTED_SECONDS = 150_000, 0.6
DROP = f"DROP SCHEMA IF EXISTS {OWN_SCHEMA} CASCADE"


class Applier:
    """Applies what a stream brings; :meth:`step` does one portion."""

    def __init__(self, target: Server, admin: Login, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self.connection = Connection(target, admin)
        self.connection.run("SET session_replication_role = replica")
        row = self.connection.rows(f"SELECT lsn, counts FROM {OWN_SCHEMA}.progress")[0]
        self.progress = number_of(row[0] or "0/0")
        self.counts: dict[str, list[int]] = json.loads(row[1] or "{}")
        self.changed: dict[str, set[str]] = {}
        for relation, key in self.connection.rows(f"SELECT relation, key FROM {OWN_SCHEMA}.changed"):
            self.changed.setdefault(relation or "", set()).add(key or "")
        self._fixed: dict[str, set[str]] = {}
        for label, column in self.connection.rows(FIXED):
            self._fixed.setdefault(label or "", set()).add(column or "")
        self.applied = 0
        self._relations: dict[int, Relation] = {}
        self._script = Script()
        self._inside = False
        self._skip = False
        self._begun = False
        self._end = 0
        # Stop before the first transaction whose commit stands there or later; it is held back.
        self.limit: int | None = None
        self.held: Begin | None = None

    def told(self) -> dict[str, list[int]]:
        """How many rows of each table we have inserted, updated and deleted, when the server's own counters have all of
        them: one of ours that it does not count yet could hide one of somebody else's.
        """
        if int(self.connection.one("SHOW server_version_num") or 0) >= FLUSHES_SINCE:
            self.connection.run("SELECT pg_stat_force_next_flush()")
        else:
            # told at the end of a transaction, where the last time was long enough ago, and counted a little later
            wait.pause(COUNTED_SECONDS)
            self.connection.run("SELECT 1")
            wait.pause(COUNTED_SECONDS)
        return {name: list(numbers) for name, numbers in self.counts.items()}

    @property
    def idle(self) -> bool:
        """Whether nothing is half done."""
        return not self._inside and not self._script.size

    def step(self, stream: Stream, seconds: float) -> None:
        """Apply what is there, waiting ``seconds`` at most where nothing is.

        :raises StairwayError: when the target is not as the source was before the change, or a side is lost.
        """
        for message in self._until_limit(stream, seconds):
            self._take(message)
            if self._script.size >= BATCH:
                self._flush()
                if not self._inside:
                    break  # a source that writes on and on must not keep us from looking how far we are
                stream.confirmed(self.progress)
        if self._script.size or self._begun:
            self._flush()
        done = self.idle and self.held is None
        stream.confirmed(max(self.progress, stream.received) if done else self.progress)

    def _until_limit(self, stream: Stream, seconds: float) -> Iterator[Message]:
        if self.held is not None:
            return
        for message in stream.messages(seconds):
            if isinstance(message, Begin) and self.limit is not None and message.lsn >= self.limit:
                self.held = message
                return
            yield message

    def forget(self, relation: str, keys: set[str]) -> None:
        """These rows were compared and are the same."""
        self.changed.get(relation, set()).difference_update(keys)

    def close(self) -> None:
        self.connection.close()

    # --- one message -----------------------------------------------------------------------------------------------

    def _take(self, message: Message) -> None:
        if isinstance(message, Change):
            if not self._skip:
                relation = self._relations[message.oid]
                label = f"{relation.schema}.{relation.name}"
                table = self.tables.get(label)
                self._script.add(relation, message, table.keys if table else (), self._fixed.get(label, ()))
        elif isinstance(message, Begin):
            self._inside = True
            self._skip = message.lsn < self.progress
        elif isinstance(message, Commit):
            self._inside = False
            if not self._skip:
                self._end = message.end
        elif isinstance(message, Relation):
            self._relations[message.oid] = message
        elif isinstance(message, Truncate) and not self._skip:
            self._script.empty([self._relations[oid] for oid in message.oids], message)

    # --- one portion -----------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        """Send what was gathered; it is committed with the end of the source's transaction."""
        script, self._script = self._script, Script()
        script.finish()
        try:
            self._send(script)
        except SqlError as error:
            raise _refused(error) from None

    def _send(self, script: Script) -> None:
        begin = [] if self._begun else ["BEGIN"]
        self._begun = True
        marks = self._marks(script)
        if begin or script.statements or marks:
            answers = self.connection.run(";\n".join([*begin, *script.statements, *marks]))
            tags = [one.tag for one in answers][len(begin) : len(begin) + len(script.statements)]
            for statement, tag, wanted in zip(script.statements, tags, script.expected, strict=True):
                if tag != wanted:
                    raise misfit(f"{wanted} was expected and {tag} happened: {statement.split(' SET ')[0][:80]}", "")
        for name, numbers in script.counts.items():
            mine = self.counts.setdefault(name, [0, 0, 0])
            self.counts[name] = [one + other for one, other in zip(mine, numbers, strict=True)]
        self.applied += script.size
        if not self._inside:
            self._commit()

    def _commit(self) -> None:
        counts = literal(json.dumps(self.counts))
        self.connection.run(f"UPDATE {OWN_SCHEMA}.progress SET lsn = '{lsn_of(self._end)}', counts = {counts}; COMMIT")
        self.progress = max(self.progress, self._end)
        self._begun = False

    def _marks(self, script: Script) -> list[str]:
        """The keys that were not marked yet."""
        new = []
        for relation, keys in script.changed.items():
            known = self.changed.setdefault(relation, set())
            if ALL in known:
                continue
            new += [f"({literal(relation)}, {literal(key)})" for key in keys - known]
            known |= keys
        if not new:
            return []
        return [f"INSERT INTO {OWN_SCHEMA}.changed VALUES {', '.join(new)} ON CONFLICT DO NOTHING"]


def _refused(error: SqlError) -> StairwayError:
    """The target does not take a change. That need not be somebody's doing: its disk may be full."""
    return StairwayError(
        "The target refuses a change of the source.",
        where=error.where,
        found=f"{error.message} ({error.found})" if error.found else error.message,
        expected="the same answer as at the source",
        fix="mend what it says and run the same command again; where somebody has changed a definition or a row since, "
        "give the move up (-e abort=true) and begin it again",
    )


class Follower(Background):
    """An applier at work in the background, so that the target stays close behind while the app gets ready."""

    def __init__(self, applier: Applier, stream: Stream) -> None:
        super().__init__()
        self.applier = applier
        self.stream = stream

    def portion(self) -> None:
        self.applier.step(self.stream, 0.2)

    def reach(self, lsn: int, until: float | None = None) -> None:
        """Apply everything up to ``lsn``, here and now.

        :raises StairwayError: when that is not done at ``until`` (``time.monotonic``).
        """
        while (self.stream.received < lsn and self.applier.held is None) or not self.applier.idle:
            if until is not None and time.monotonic() > until:
                raise late(lsn_of(self.applier.progress), lsn_of(lsn))
            self.stream.tell(answer=True)
            self.applier.step(self.stream, 0.05)

    def close(self) -> None:
        self._halt()
        self.stream.close()
        self.applier.close()
