"""A move of PostgreSQL: what each of its steps does. Why it is done so: docs/moves-postgresql.md."""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import replace

from ..._common.errors import StairwayError
from ..following import misfit
from ..model import FOLLOW, KEEP, Survey, Verification, Wish
from . import apply, catalogue, clean, rights, verify, way_back
from .apply import Applier, Follower
from .catalogue import OWN_SCHEMA, Table
from .compared import in_time
from .copy import Copier
from .fence import NOT_AVAILABLE, Fence, busy
from .guarded import Guarded
from .pgoutput import lsn_of, number_of
from .quote import identifier, literal, qualified
from .statements import ALL
from .stream import Slot, Stream
from .survey import survey
from .tools import Tools, end_earlier
from .wire import Connection, SqlError

# The target is close behind when so few rows are left to compare.
FEW_ROWS, ROUNDS = 1000, 20
PUBLISHED_SECONDS = 20


class Postgresql(Guarded):
    """One store on its way; :meth:`close` ends every session."""

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish)
        self.name = re.sub(r"[^a-z0-9_]", "_", f"stairway_{wish.app}_{wish.store}".lower())[:63]
        self._slot: Slot | None = None
        self._follower: Follower | None = None
        self._fence: Fence | None = None

    @property
    def following(self) -> bool:
        return bool(self.facts["how"] == FOLLOW)

    # --- steps -----------------------------------------------------------------------------------------------------

    def survey(self) -> Survey:
        left = [one for one in ("replace", "left") if self.facts.get(one)]
        found = survey(self.wish, self.source, self.target, left[0] if left else "")
        if self.wish.way_back == KEEP:
            more = way_back.hinders_keeping(self.wish, found.how, self.target)
            found = replace(found, findings=(*found.findings, *more))
        return found

    def dismiss_earlier(self, side: str) -> None:
        if side == "target":
            end_earlier(self.wish)
        rights.dismiss_earlier(self.alone(side))

    def prepare(self) -> None:
        self.forget_tables()
        way_back.let_go(self.source, way_back.name_of(self.name))  # who copies anew needs none
        if self.facts.get("replace"):
            clean.target(self.target, ["public"], [])
            self.target.run(rights.read_only(self.wish.target.admin.database, on=False))
        self.facts.update(
            schemas=[row[0] for row in self.target.rows(catalogue.SCHEMAS)],
            extensions=[one[0] for one in catalogue.extensions(self.target)],
        )
        self.remember()
        for name, schema, _version in catalogue.extensions(self.source):
            owner = identifier(self.wish.target.app.user)  # the app may have tables of its own there
            self.target.run(f"CREATE SCHEMA IF NOT EXISTS {identifier(schema)} AUTHORIZATION {owner}")
            self.target.run(f"CREATE EXTENSION IF NOT EXISTS {identifier(name)} SCHEMA {identifier(schema)}")
        self.target.run(apply.MAKE)
        if self.following:
            self._publish()
            self._slot = Slot(*self.end("source"), self.name)
            lsn, self.snapshot = lsn_of(self._slot.lsn), self._slot.snapshot
        else:
            reader = self.sessions["source reader"] = Connection(*self.end("source"))
            self.snapshot = (
                reader.rows("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_export_snapshot()")[0][0] or ""
            )
            lsn = "0/0"
        self.target.run(f"INSERT INTO {OWN_SCHEMA}.progress VALUES ('{lsn}', '{{}}')")

    def _publish(self) -> None:
        """A VACUUM by hand would be waited for without a word."""
        listed = ", ".join(table.sql for table in self.tables)
        made = f"CREATE PUBLICATION {identifier(self.name)}" + (f" FOR TABLE {listed}" if listed else "")
        try:
            self.source.run(f"SET lock_timeout = '{PUBLISHED_SECONDS}s'; {made}; SET lock_timeout = 0")
        except SqlError as error:
            if error.state != NOT_AVAILABLE:
                raise
            raise busy(self.source, self.tables) from None

    def copy(self) -> None:
        objects = not self.following
        with Tools.of(self.wish) as tools:
            there = {schema for _name, schema, _version in catalogue.extensions(self.source)}
            tools.dump(self.snapshot, objects=objects, there=there)
            tools.restore("pre-data")
            if objects:
                tools.restore("data")
            self.forget_tables()
            Copier(self.end("source"), self.end("target"), self.snapshot).run(self.tables, self.wish.limits.jobs)
            verify.set_sequences(self.source, self.target)
            tools.restore("post-data", self.wish.limits.jobs)
        self._refresh()
        if objects:
            self.target.run("ANALYZE")

    def _refresh(self) -> None:
        """Materialized views, as filled as at the source."""
        asked = (
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'm' AND c.relispopulated ORDER BY c.oid"
        )
        for row in self.source.rows(asked):
            self.target.run(f"REFRESH MATERIALIZED VIEW {qualified(row[0] or '', row[1] or '')}")

    def check(self) -> Verification:
        self.target.run("ANALYZE")  # what compares everything plans by it
        self._put_off(found := self.compared(self.snapshot))
        ours = {table.label for table in self.tables}
        self.facts["written"] = {name: one for name, one in verify.written(self.target).items() if name in ours}
        self.facts["writers"] = rights.writers(self.target)
        self.facts["source_writers"] = rights.writers(self.source)
        self.facts["rows"] = {name: one["source_rows"] for name, one in found.tables.items()}
        if "source reader" in self.sessions:
            self.sessions.pop("source reader").close()
        if self._slot is not None:
            self._slot.close()
            self._slot = None
        return found

    def _put_off(self, found: Verification) -> None:
        """TRUNCATE empties a table for older snapshots too: where the source shows no row and the target does, the app
        may have emptied it since the copy. Such a table is compared behind the fence, from end to end.
        """
        off = [one for one in found.differences if one.kind == "rows" and not found.tables[one.name]["source_rows"]]
        found.differences = [one for one in found.differences if one not in off]
        self.facts["put_off"] = sorted({*self.facts.get("put_off", []), *(one.name for one in off)})

    def follow(self) -> None:
        self._guard(on=True)
        self._start()
        self._reach(self._written(), None)
        again = self._doubtful(self._running.applier.told())
        # what was emptied since; a table without a key would only be marked anew
        again += [one for one in self._changed().whole() if one.keys and one not in again]
        if again:
            self._again(again)
        changed = self._changed()
        for _round in range(ROUNDS):
            self._reach(self._written(), None)
            changed.round()
            if changed.left <= FEW_ROWS:
                break
        if self.wish.way_back == KEEP:
            way_back.keep(self.wish, self.target, self.tables, way_back.name_of(self.name))
        self._running.start()

    def _doubtful(self, counts: verify.Counts) -> list[Table]:
        """Tables of which the target's counters do not say what we have written: somebody else did, or the server was
        restarted since and has forgotten.
        """
        names = verify.strangers(self.target, self.facts["written"], counts)
        return [table for table in self.tables if table.label in names]

    def _again(self, tables: list[Table]) -> None:
        """:raises StairwayError: when they differ now."""
        found = self._at_one_moment(tables)
        if found.differences:
            raise misfit(str(found.differences[0]), self.wish.target.words)
        self.facts["compared_again"] = [table.label for table in tables]
        self.remember()
        self._start()

    def _at_one_moment(self, tables: list[Table]) -> Verification:
        """Compare these from end to end, as of one more moment: a slot for it says which, and lives as long. From there
        on their changes are marked, and what the target counts is compared with what we write.
        """
        found = Verification()
        slot = Slot(*self.end("source"), f"{self.name[:56]}_again", passing=True)
        try:
            running = self._running
            running.applier.limit = slot.lsn
            running.reach(slot.lsn)
            counts = running.applier.counts
            running.close()
            self._follower = None
            self.sums(found, tables, slot.snapshot)
            labels = {table.label for table in tables}
            self.facts["put_off"] = [one for one in self.facts["put_off"] if one not in labels]
            self._put_off(found)
        finally:
            slot.close()
        zero = (0, 0, 0)
        now = verify.written(self.target)
        for table in tables:
            numbers = zip(now.get(table.label, zero), counts.get(table.label, zero), strict=True)
            self.facts["written"][table.label] = [one - other for one, other in numbers]
        if tables:
            listed = ", ".join(literal(label) for label in labels)
            self.target.run(f"DELETE FROM {OWN_SCHEMA}.changed WHERE relation IN ({listed})")
        return found

    def _start(self) -> None:
        applier = Applier(*self.end("target"), {table.label: table for table in self.tables})
        for label in self.facts["put_off"]:
            applier.changed.setdefault(label, set()).add(ALL)
        self._follower = Follower(applier, Stream(*self.end("source"), self.name, self.name, applier.progress))

    def _changed(self) -> verify.Changed:
        applier = self._running.applier
        return verify.Changed(self.source, self.target, applier.tables, applier)

    @property
    def _running(self) -> Follower:
        if self._follower is None:
            self._start()
        if self._follower is None:
            raise StairwayError(f"Nothing follows {self.wish.store}.")
        return self._follower

    def _written(self) -> int:
        return _logged(self.source)

    def _reach(self, lsn: int, until: float | None) -> None:
        self._running.pause()
        self._running.reach(lsn, until)

    def make_way(self) -> None:
        self._fence = Fence(*self.end("source"))
        self._fence.make_way(self.tables)

    def fence(self, until: float) -> None:
        if self._follower is not None:
            self._follower.pause()
        self._within(until)
        if self._fence is None or not self._fence.stands:  # another store may have taken minutes meanwhile
            self._fence = Fence(*self.end("source"))
        self._fence.close_off(self.tables, until)
        self._note_the_time()

    def catch_up(self, until: float) -> None:
        if self.following:
            self._reach(self._written(), until)
        verify.set_sequences(self.source, self.target)

    def verify(self, until: float) -> Verification:
        begun = time.monotonic()
        found = Verification()
        self.definitions(found, grants=not self.following)
        found.objects["sequence value"], wrong = verify.sequence_values(self.source, self.target)
        found.differences += wrong
        if self.following:
            self._proof(found, until)
            in_time(until)
        else:
            self.sums(found, self.tables, None)
            found.differences += self.large_objects()
            self.facts.update(writers=[], source_writers=rights.writers(self.source))
        return verify.timed(found, begun)

    def _proof(self, found: Verification, until: float) -> None:
        """What was touched since everything was compared, and that nobody but we touched the target."""
        running, changed = self._running, self._changed()
        touched = changed.left
        found.differences += changed.round(until)
        counts = running.applier.told()
        running.close()
        self._follower = None
        again = {table.label: table for table in [*changed.whole(), *self._doubtful(counts)]}
        if again:
            self.sums(found, list(again.values()), None, until)
        found.objects["changed row"] = touched
        zero = [0, 0, 0]
        for name, rows in self.facts["rows"].items():
            inserted, _updated, deleted = counts.get(name, zero)
            figures = found.tables.setdefault(name, {"rows": rows + inserted - deleted})
            figures["changes_carried"] = sum(counts.get(name, zero))

    def _within(self, until: float | None) -> None:
        """Let no server keep us waiting behind the fence, also one that is there and says nothing."""
        if not self.following:
            return  # the app is held for as long as the copy takes, and was told so
        sessions = [self.source, self.target]
        if self._follower is not None:
            sessions += [self._follower.applier.connection, self._follower.stream.connection]
        for session in sessions:
            session.within(until)

    # --- the switch and what is around it --------------------------------------------------------------------------

    def switch(self) -> None:
        if self._fence is None:
            raise StairwayError(f"There is no fence around {self.wish.store}.")
        self._fence.for_good(self._source_closed())
        self.facts["switched"] = True
        if self.wish.way_back == KEEP:  # where the app's own changes begin
            self.facts["way_back"] = {"lsn": lsn_of(_logged(self.target)), "writers": self.facts["source_writers"]}
        self._guard(on=False)
        if self.wish.way_back == KEEP:
            self.facts["way_back"]["grants"] = catalogue.grants(self.target)

    def switch_back(self) -> None:
        self._source_given_back()
        self.facts.pop("switched", None)
        self.facts.pop("way_back", None)
        if self.following:
            self._guard(on=True)

    def unfence(self) -> None:
        if self._fence is not None:
            self._fence.open()
            self._fence = None
            for session in self.sessions.values():
                session.patient()
        if self.facts.get("switched"):
            self.source.run(rights.dismissed(self.wish.source.app.user))

    def retire(self) -> None:
        self._stop()
        clean.source(self.source, self.name)
        self.target.run(apply.DROP)

    def abort(self) -> None:
        self._stop()
        if "schemas" in self.facts:
            self.dismiss_earlier("source")
        clean.source(self.source, self.name)
        if self.wish.way_back == KEEP:
            way_back.let_go(self.target, way_back.name_of(self.name))
        if "schemas" in self.facts:
            self.dismiss_earlier("target")
            clean.target(self.target, self.facts["schemas"], self.facts["extensions"])

    def _stop(self) -> None:
        """End what reads the slot: a slot that is read cannot be dropped."""
        if self._follower is not None:
            self._follower.close()
            self._follower = None
        if self._slot is not None:
            self._slot.close()
            self._slot = None

    def close(self) -> None:
        with contextlib.suppress(StairwayError):
            self._stop()
        if self._fence is not None:
            self._fence.open()
        super().close()


def _logged(connection: Connection) -> int:
    """A place in a server's log that has every commit of before, and is on its disk."""
    connection.run("SELECT pg_logical_emit_message(true, 'stairway', '')")
    return number_of(connection.one("SELECT pg_current_wal_flush_lsn()") or "0/0")
