"""Back to where the last move came from: it lacks only what was written since, and the source's log still has that."""

from __future__ import annotations

import json
import time

from ..model import Finding, Survey, Verification
from ..way_back import changed, rows_at_the_switch
from . import apply, catalogue, clean, rights, verify, way_back
from . import survey as surveys
from .binlog import Position, end_of
from .engine import Mysql
from .quote import identifier, literal


class Returning(Mysql):
    """As a move of which the copy is there already. ``facts["returning"]`` is what the last move has noted: where the
    changes begin, and who could write to the target before.
    """

    def survey(self) -> Survey:
        here, there = surveys.ask(self.source), surveys.ask(self.target)
        size = sum(one.size for one in self.tables)
        place = Position.parse(self.facts["returning"]["place"])
        found = way_back.hinders_returning(self.wish, self.source, place)
        found += surveys.can_follow(self.wish, here, there)
        found += surveys.of_tables(self.wish, here, self.tables)
        found += self._changed_definitions()
        return Survey.of(
            self.wish,
            (here.words, there.words),
            found,
            size=size,
            tables=len(self.tables),
            rows=sum(one.rows for one in self.tables),
            seconds=size / surveys.CHECK_BYTES_PER_SECOND + 10,
            target_free=surveys.free_bytes(self.wish),
        )

    def _changed_definitions(self) -> list[Finding]:
        found = Verification()
        self.definitions(found, acting=False)
        return changed(self.wish, [f"{one.kind} {one.name}" for one in found.differences])

    def prepare(self) -> None:
        kept = self.facts["returning"]
        self.forget_tables()
        self.facts.update(
            made=True,
            writers=kept["writers"],
            source_writers=rights.writers(self.source),
            retention=kept["retention"],
            # a run that was cut off here has raised it already
            target_retention=self.facts.get("target_retention", clean.retention(self.target)),
            starts={table.name: kept["place"] for table in self.tables},
            sequences=list(catalogue.sequences(self.source)),
        )
        self.remember()
        clean.retain_for(self.target, self.facts["target_retention"], clean.HOURS)
        made = f"SELECT 1 FROM information_schema.schemata WHERE schema_name = {literal(self.own)}"
        there = self.target.one(made) and self.target.one(f"SELECT 1 FROM {identifier(self.own)}.progress")
        if not there:  # a run that was cut off here may have made a part of it
            self.target.run(apply.drop(self.own))
            for statement in apply.make(self.own, kept["place"]):
                self.target.run(statement)

    def copy(self) -> None:
        """It is there."""

    def check(self) -> Verification:
        begun = time.monotonic()
        found = Verification()
        self._guard()
        self.facts["audited"] = str(end_of(self.target))
        self.at_one_moment(found)
        self.definitions(found, acting=False)
        counts = json.loads(self.target.one(f"SELECT counts FROM {identifier(self.own)}.progress") or "{}")
        self.facts["rows"] = rows_at_the_switch(found.tables, counts)
        return verify.timed(found, begun)

    def abort(self) -> None:
        """The way back ends with it: what was carried stands on the target, and where that ended is forgotten."""
        self._stop()
        if self.facts.get("made"):
            rights.run(self.target, rights.taken(rights.writers(self.target)))
            self.target.run(apply.drop(self.own))
            clean.retain_again(self.target, self.facts.get("target_retention", clean.NO_RDS))
        if "returning" in self.facts:
            clean.retain_again(self.source, self.facts["returning"]["retention"])
