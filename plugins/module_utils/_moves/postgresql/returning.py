"""Back to where the last move came from: it lacks only what was written since, and the way back has kept that."""

from __future__ import annotations

import json
import time

from ..model import Finding, Survey, Verification, Wish
from ..way_back import changed, rows_at_the_switch
from . import apply, catalogue, rights, verify, way_back
from . import survey as surveys
from .catalogue import OWN_SCHEMA
from .engine import Postgresql

LOG_BYTES_PER_SECOND = 5e6


class Returning(Postgresql):
    """As a move of which the copy is there already. ``facts["returning"]`` is what the last move has kept: where the
    changes begin, and who could write to the target before.
    """

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish)
        self.name = way_back.name_of(self.name)

    def survey(self) -> Survey:
        here = surveys.ask(self.source)
        size, rows = sum(one.size for one in self.tables), sum(one.rows for one in self.tables)
        found = way_back.hinders_returning(self.wish, self.source, self.name)
        found += surveys.can_follow(self.wish, here, self.source, self.target)
        found += surveys.of_tables(self.wish, self.tables)
        found += self._changed_definitions()
        lsn = self.facts["returning"]["lsn"]
        log = int(self.source.one(f"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '{lsn}')::bigint") or 0)
        return Survey.of(
            self.wish,
            (here.version_text, surveys.ask(self.target).version_text),
            found,
            size=size,
            tables=len(self.tables),
            rows=rows,
            seconds=log / LOG_BYTES_PER_SECOND + size / surveys.CHECK_BYTES_PER_SECOND + 10,
            target_free=surveys.free_bytes(self.wish),
        )

    def _changed_definitions(self) -> list[Finding]:
        found = Verification()
        self.definitions(found, grants=False)
        names = [f"{one.kind} {one.name}" for one in found.differences]
        had, now = self.facts["returning"]["grants"], catalogue.grants(self.source)
        names += [f"grant {name}" for name in sorted(had.keys() | now.keys()) if had.get(name) != now.get(name)]
        return changed(self.wish, names)

    def prepare(self) -> None:
        kept = self.facts["returning"]
        self.forget_tables()
        self.facts.update(put_off=[], writers=kept["writers"], source_writers=rights.writers(self.source))
        self.remember()
        self.target.run(rights.read_only(self.wish.target.admin.database, on=False))
        if not self.target.one(f"SELECT 1 FROM pg_namespace WHERE nspname = '{OWN_SCHEMA}'"):
            made = f"INSERT INTO {OWN_SCHEMA}.progress VALUES ('{kept['lsn']}', '{{}}')"
            self.target.run(f"BEGIN; {apply.MAKE}; {made}; COMMIT")

    def copy(self) -> None:
        """It is there."""

    def check(self) -> Verification:
        begun = time.monotonic()
        self._guard(on=True)
        ours = {table.label for table in self.tables}
        self.facts["written"] = {name: one for name, one in verify.written(self.target).items() if name in ours}
        self._reach(self._written(), None)
        found = self._at_one_moment(self.tables)
        self.definitions(found, grants=False)
        self._refresh()
        counts = json.loads(self.target.one(f"SELECT counts FROM {OWN_SCHEMA}.progress") or "{}")
        self.facts["rows"] = rows_at_the_switch(found.tables, counts)
        return verify.timed(found, begun)

    def abort(self) -> None:
        """The way back ends with it: what was carried stands on the target, and where that ended is forgotten."""
        self._stop()
        way_back.let_go(self.source, self.name)
        if "writers" in self.facts:  # since prepare
            self._let_nobody_write()
            self.target.run(apply.DROP)
            self.target.run(rights.read_only(self.wish.target.admin.database, on=True))

    def _let_nobody_write(self) -> None:
        user, found = self.wish.target.admin.user, self.facts["writers"]
        superuser = surveys.ask(self.target).superuser
        statements = rights.taken(found) + ([] if superuser else rights.for_us(found, user, give=False))
        if statements:
            self.target.run(";\n".join(["BEGIN", *statements, "COMMIT"]))

    def retire(self) -> None:
        self._stop()
        way_back.let_go(self.source, self.name)
        super().retire()
