"""A move of MySQL or MariaDB: what each of its steps does. Why it is done so: docs/moves-mysql.md."""

from __future__ import annotations

import contextlib
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import replace

from ..._common.errors import StairwayError
from ..engine import Facts
from ..model import FOLLOW, KEEP, Survey, Verification, Wish
from ..session import time_to_go_back
from . import apply, catalogue, clean, copy, rights, verify, way_back
from .apply import Applier, Follower
from .audit import Auditor
from .binlog import Position, Stream, end_of, still_has
from .catalogue import ACTING
from .compared import Compared
from .copy import Copier, Reader
from .fence import Fence
from .quote import identifier
from .survey import survey

FEW_ROWS, ROUNDS = 1000, 20
_DURING = ("SEQUENCE", "TABLE", "FUNCTION", "PROCEDURE", "VIEW")


class Mysql(Compared):
    """One store on its way; :meth:`close` ends every session."""

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish)
        self.facts: Facts = {}
        self.remember: Callable[[], None] = lambda: None
        self.own = re.sub(r"[^a-z0-9_]", "_", f"stairway_{wish.app}_{wish.store}".lower())[:60]
        self._readers: list[Reader] = []
        self._reader_of: dict[str, Reader] = {}
        self._follower: Follower | None = None
        self._auditor: Auditor | None = None
        self._fence: Fence | None = None

    @property
    def following(self) -> bool:
        return bool(self.facts["how"] == FOLLOW)

    # --- steps -----------------------------------------------------------------------------------------------------

    def survey(self) -> Survey:
        left = [one for one in ("replace", "left") if self.facts.get(one)]
        found = survey(self.wish, self.source, self.target, self.own, left[0] if left else "")
        if self.wish.way_back == KEEP:
            more = way_back.hinders_keeping(self.wish, found.how, self.target)
            found = replace(found, findings=(*found.findings, *more))
        return found

    def dismiss_earlier(self, side: str) -> None:
        rights.dismiss_earlier(self.alone(side))

    def retired(self) -> bool:
        user = self.wish.source.app.user
        return all(who.split("@")[0].strip("'") != user for who, *_rest in rights.writers(self.source))

    def prepare(self) -> None:
        self.forget_tables()
        before = self.target.rows("SELECT @@character_set_database, @@collation_database")[0]
        self.facts.update(made=True, defaults=list(before), source_writers=rights.writers(self.source))
        kept = self.facts.get("kept")  # for a way back that nobody goes now
        self.facts["retention"] = kept["retention"] if kept else clean.retention(self.source)
        self.facts["target_retention"] = clean.retention(self.target)
        self.remember()
        if self.facts.get("replace"):
            clean.target(self.target, self.own)
            name = (self.wish.target.admin.database or "").replace("_", "\\_")
            self.target.run(f"GRANT ALL PRIVILEGES ON {identifier(name)}.* TO {self._app_on_target()}")
        self.facts["writers"] = rights.writers(self.target)
        self.remember()
        clean.retain_for(self.source, self.facts["retention"], clean.HOURS)
        # others than we may write there until the switch, and only its log tells
        clean.retain_for(self.target, self.facts["target_retention"], clean.HOURS)
        charset, collation = self.source.rows("SELECT @@character_set_database, @@collation_database")[0]
        clean.defaults(self.target, charset or "", collation or "")
        self._open_readers()
        started = [one.position for one in self._readers if one.position is not None]
        for statement in apply.make(self.own, str(min(started)) if started else "binlog.000000:0"):
            self.target.run(statement)

    def _app_on_target(self) -> str:
        return f"'{self.wish.target.app.user}'@'%'"

    def _open_readers(self) -> None:
        self._readers = [
            Reader(*self.end("source"), followed=self.following) for _number in range(self.wish.limits.jobs)
        ]

    def copy(self) -> None:
        source, target = self.session("source app"), self.session("target app")
        # a session knows its rights on a database from its USE
        target.run(f"USE {identifier(self.wish.target.app.database)}")
        copy.make(source, target, _DURING)
        self._grant()
        copier = Copier(self.end("target"), self._readers)
        copier.run(copy.groups(self.source, self.tables))
        self._reader_of = copier.reader_of
        self.facts["starts"] = {name: str(one.position) for name, one in copier.reader_of.items()}
        self.facts["sequences"] = list(catalogue.sequences(self.source))
        verify.set_positions(self.source, self.target)
        for table in self.tables:
            self.target.rows(f"ANALYZE TABLE {table.sql}")

    def _grant(self) -> None:
        """What others than the app's user may do."""
        user = self.wish.source.app.user
        there = rights.others(self.target, user)
        for name, words in rights.others(self.source, user).items():
            who, on = name.split(" on ")
            if there.get(name) != words:
                self.target.run(f"GRANT {words} ON {on} TO {who}")

    def check(self) -> Verification:
        begun = time.monotonic()
        found = Verification()
        self.facts["audited"] = str(end_of(self.target))
        self.definitions(found, acting=False)
        self.sums(found, self.tables, self._reader_of)
        self.facts["rows"] = {name: one["source_rows"] for name, one in found.tables.items()}
        self._close_readers()
        return verify.timed(found, begun)

    def compared(self) -> Verification:
        """Everything on both sides as it is now, from end to end."""
        begun = time.monotonic()
        found = Verification()
        self.definitions(found, acting=True)
        self.positions(found)
        self.sums(found, self.tables)
        return verify.timed(found, begun)

    # --- following -------------------------------------------------------------------------------------------------

    def follow(self) -> None:
        self._guard()
        if not still_has(self.target, Position.parse(self.facts["audited"])):
            self._compare_again()
        self._start()
        changed = self._changed()
        for _round in range(ROUNDS):
            self._reach(None)
            changed.round()
            if changed.left <= FEW_ROWS:
                break
        beside = verify.Changed(
            self.session("source beside"), self.session("target beside"), changed.tables, changed.applier
        )
        if self.wish.way_back == KEEP:
            self.facts.setdefault("target_retention", clean.retention(self.target))
            self.remember()
            clean.retain_for(self.target, self.facts["target_retention"], 24 * self.wish.limits.keep_source_days)
        self._running.tidy = beside.some
        self._running.start()

    def _compare_again(self) -> None:
        """Nobody can say any more who has written to the target: its log of since then is gone."""
        self.facts["audited"] = str(end_of(self.target))
        found = Verification()
        self.at_one_moment(found)
        if found.differences:
            raise StairwayError(
                f"The target of {self.wish.store} is not what it was when all of it was compared.",
                where=self.target.where,
                found=str(found.differences[0]),
                expected="the same rows as at the source: nobody but the move writes to the target",
                fix="give the move up (-e abort=true), see who else writes there, and begin it again",
                log=[str(one) for one in found.differences[1:20]],
            )

    def at_one_moment(self, found: Verification) -> None:
        """Carry everything up to where a reader stands, and compare with what it sees; the app writes on.

        :raises StairwayError: when a side is lost, or a change does not fit.
        """
        self._reach(None)
        reader = Reader(*self.end("source"), followed=True)
        try:
            running = self._running
            running.applier.limit = reader.position
            if reader.position is not None:
                running.reach(reader.position)
            self._stop()
            self.sums(found, self.tables, {table.name: reader for table in self.tables})
            self.target.run(f"DELETE FROM {identifier(self.own)}.changed")
        finally:
            reader.connection.close()

    def _guard(self) -> None:
        """Until the switch only we write to the target."""
        rights.run(self.target, rights.taken(rights.writers(self.target)))
        self.dismiss("target", self.facts["writers"])
        copy.clear(self.target, ACTING)

    def _start(self) -> None:
        if self._follower is not None:
            return
        starts = {**{name: "x.0:0" for name in self.facts["sequences"]}, **self.facts["starts"]}
        database = self.wish.source.admin.database
        circles = catalogue.circles(catalogue.references(self.source))
        tables = {table.name: replace(table, circular=table.name in circles) for table in self.tables}
        applier = Applier(self.end("target"), self.own, database, tables, starts)
        reader = zlib.crc32(f"{self.own} {time.time_ns()}".encode()) | 1 << 31
        self._follower = Follower(applier, Stream(*self.end("source"), applier.progress, reader))
        audited = Position.parse(self.facts["audited"])
        there = self.wish.target.admin.database
        self._auditor = Auditor(self.end("target"), there, self.own, audited, reader)

    @property
    def _running(self) -> Follower:
        self._start()
        if self._follower is None:
            raise StairwayError(f"Nothing follows {self.wish.store}.")
        return self._follower

    def _changed(self) -> verify.Changed:
        applier = self._running.applier
        return verify.Changed(self.source, self.target, applier.tables, applier)

    def _reach(self, until: float | None) -> None:
        """Everything that is written by now, carried and looked after."""
        self._running.pause()
        self._running.reach(end_of(self.source), until)
        if self._auditor is not None:
            self._auditor.reach(end_of(self.target), until)

    def make_way(self) -> None:
        """Writers only are in the way. What another try has left to act at the target acts no more."""
        if self._follower is not None:
            copy.clear(self.target, ACTING)

    def fence(self, until: float) -> None:
        if self._follower is not None:
            self._follower.pause()
        self._within(until)
        self._fence = Fence(*self.end("source"))
        names = [table.name for table in catalogue.tables(self.source)]
        self._fence.close_off([*names, *catalogue.sequences(self.source)], until)

    def catch_up(self, until: float) -> None:
        if self.following:
            self._reach(until)
        verify.set_positions(self.source, self.target)
        copy.make(self.session("source app"), self.session("target app"), ACTING)

    def verify(self, until: float) -> Verification:
        begun = time.monotonic()
        found = Verification()
        self.definitions(found, acting=True)
        self.positions(found)
        if self.following:
            self._proof(found, until)
        else:
            self._close_readers()
            self.sums(found, self.tables)
        return verify.timed(found, begun)

    def _proof(self, found: Verification, until: float) -> None:
        """What was touched since everything was compared, and that nobody but we touched the target."""
        running, changed = self._running, self._changed()
        touched = changed.left
        found.differences += changed.round(until)
        counts = {name: list(numbers) for name, numbers in running.applier.counts.items()}
        again = {table.name: table for table in changed.whole()}
        along = [one for one in self.tables if one.name in verify.taken_along(self.source, counts)]
        again.update({one.name: one for one in along if one.size <= verify.WHOLE_MOST_BYTES})
        found.differences += verify.last_rows(self.source, self.target, self.tables)
        strangers = self._strangers(until)
        again.update({one.name: one for one in self.tables if one.name in strangers})
        found.differences += verify.counted(self.source, self.target, [one for one in along if one.name not in again])
        if again:
            self.sums(found, list(again.values()))
        found.objects["changed row"] = touched
        found.objects["table a foreign key reaches"] = len(along)
        zero = [0, 0, 0]
        for name, rows in self.facts["rows"].items():
            inserted, _updated, deleted = counts.get(name, zero)
            figures = found.tables.setdefault(name, {"rows_carried": rows + inserted - deleted})
            figures["changes_carried"] = sum(counts.get(name, zero))

    def _strangers(self, until: float) -> set[str]:
        if self._auditor is None:
            return set()
        self._auditor.reach(end_of(self.target), until)
        found = self._auditor.strangers
        return {table.name for table in self.tables} if "*" in found else found

    def _within(self, until: float | None) -> None:
        """Let no server keep us waiting behind the fence, also one that is there and says nothing."""
        if not self.following:
            return  # the app is held for as long as the copy takes, and was told so
        sessions = [self.source, self.target, self.session("source app"), self.session("target app")]
        if self._follower is not None and self._auditor is not None:
            streams = (self._follower.stream, self._auditor.stream)
            sessions += [self._follower.applier.connection, *(one.connection for one in streams)]
        for session in sessions:
            session.within(until)

    # --- the switch and what is around it --------------------------------------------------------------------------

    def switch(self) -> None:
        if self._fence is None:
            raise StairwayError(f"There is no fence around {self.wish.store}.")
        self.facts["switching"] = True
        self.remember()
        found = self.facts["source_writers"]
        rights.run(self.source, rights.taken(rights.writers(self.source)))
        # whoever waits behind the fence was let in before, and would write as soon as it is gone
        self.dismiss("source", found)
        self._fence.stood()
        self.facts["switched"] = True
        if self.wish.way_back == KEEP:
            had = {"writers": found, "retention": self.facts["target_retention"]}
            self.facts["way_back"] = {"place": str(end_of(self.target)), **had}
        self._let_in()

    def _let_in(self) -> None:
        """The target takes writes, in sessions of before too: those know the rights of a table only."""
        if self.following:
            statements = rights.given(self.facts["writers"])
            words = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX"
            statements += [f"GRANT {words} ON {table.sql} TO {self._app_on_target()}" for table in self.tables]
            rights.run(self.target, statements)
        copy.let_act(self.source, self.session("target app"))

    def switch_back(self) -> None:
        time_to_go_back(self.sessions.values())
        found = self.facts.get("source_writers")
        if found is not None:
            rights.run(self.source, rights.given(found))
            if self.facts.pop("switching", None):
                self.dismiss("source", found)
        self.facts.pop("switched", None)
        self.facts.pop("way_back", None)
        if self.following:
            self._guard()

    def unfence(self) -> None:
        if self._fence is not None:
            self._fence.open()
            self._fence = None
            for session in self.sessions.values():
                session.patient()
        if self._follower is not None:
            self._follower.applier.connection.patient()

    def retire(self) -> None:
        self._stop()
        self.target.run(apply.drop(self.own))
        clean.retain_again(self.source, self.facts.get("retention", clean.NO_RDS))
        if self.wish.way_back != KEEP:
            clean.retain_again(self.target, self.facts.get("target_retention", clean.NO_RDS))

    def abort(self) -> None:
        self._stop()
        if not self.facts.get("made"):
            return
        self.dismiss_earlier("source")
        clean.retain_again(self.source, self.facts.get("retention", clean.NO_RDS))
        self.dismiss_earlier("target")
        clean.retain_again(self.target, self.facts.get("target_retention", clean.NO_RDS))
        clean.target(self.target, self.own)
        charset, collation = self.facts["defaults"]
        clean.defaults(self.target, charset, collation)
        rights.run(self.target, rights.given(self.facts.get("writers") or []))

    def _stop(self) -> None:
        """End what reads a log."""
        for one in (self._follower, self._auditor):
            if one is not None:
                one.close()
        self._follower = self._auditor = None
        self._close_readers()

    def _close_readers(self) -> None:
        for reader in self._readers:
            reader.connection.close()
        self._readers, self._reader_of = [], {}

    def close(self) -> None:
        with contextlib.suppress(StairwayError):
            self._stop()
        if self._fence is not None:
            self._fence.open()
        super().close()
