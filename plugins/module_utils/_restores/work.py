"""Restores a database that AWS runs, leads the app there and back, and throws away what it does not use.

A run may be cut anywhere: what there is, the next one reads from the databases and their tags, and goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .._blueprint.apply import apply
from .._blueprint.engine import plan_for
from .._blueprint.model import Plan
from .._blueprint.plan import Goal
from .._common.errors import StairwayError
from .._kinds.registry import kind
from .._resource.kind import Found, Kind, Scope
from . import copies as of
from . import moments
from .copies import BEFORE, RESTORED, Copies
from .entry import entry_beside
from .refusals import refuse

Say = Callable[[str, str, float], None]


@dataclass(frozen=True)
class Asked:
    """``at`` is as it was typed. ``places`` and ``managed`` are the app's facts, ``endpoints`` its journal's: where it
    last found its stores. ``give_up_replicas``: those of the database that the app leaves may go.
    """

    app: str
    store: str
    region: str
    at: str
    places: Mapping[str, str]
    managed: Sequence[Mapping[str, Any]]
    endpoints: Mapping[str, Any]
    give_up_replicas: bool = False
    check_mode: bool = False
    now: datetime = field(default_factory=lambda: datetime.now(timezone.utc))


@dataclass(frozen=True)
class Outcome:
    """``name`` and ``endpoint`` are those of the database that the call was about."""

    changed: bool
    text: tuple[str, ...]
    name: str = ""
    endpoint: str = ""
    at: str = ""
    seconds: float = 0.0


class Restoring:
    """``say`` tells of progress as the engine of blueprints does; ``tell`` gets the plan of what will be made."""

    def __init__(self, aws: Any, asked: Asked, say: Say, tell: Callable[[Plan], None]) -> None:
        self.aws = aws
        self.asked = asked
        self.say = say
        self.tell = tell
        self.kind: Kind = kind("database")
        self.began = time.monotonic()

    # -- the four states ----------------------------------------------------------------------------------------------

    def prepared(self) -> Outcome:
        """It is restored beside the one in use."""
        copies, finished = self._settled()
        at = self._moment(copies)
        stamp = moments.stamp(at)
        if stamp in copies.before:
            return Outcome(finished, (f"{self.asked.store} stands on it already: {copies.serving.id}.",))
        return self._restore(copies, at)

    def switched(self) -> Outcome:
        """So it is, and the app is led there."""
        copies, finished = self._settled()
        at = self._moment(copies)
        stamp = moments.stamp(at)
        if stamp in copies.before:
            return self._there(copies.serving, at, changed=finished)
        of.no_other_before(copies)
        self._replicas_may_go(copies)
        made = self._restore(copies, at)
        if self.asked.check_mode:
            return Outcome(True, (f"{self.asked.store} would stand on {made.name}.",), made.name, at=made.at)
        copies, _finished = self._settled()
        new = copies.restored[stamp]
        self._change_places(copies, new, of.copy_name(self.asked.store, BEFORE, stamp))
        return self._there(new, at, changed=True)

    def back(self) -> Outcome:
        """The app is led to the database before the last switch."""
        copies, finished = self._settled()
        if not copies.before and of.undone(copies):
            text = f"{self.asked.store} stands on the one before already: {copies.serving.id}."
            return Outcome(finished, (text,), copies.serving.id, _endpoint(copies.serving))
        stamp, old = of.the_one_before(copies)
        self._replicas_may_go(copies)
        if not self.asked.check_mode:
            self._change_places(copies, old, of.copy_name(self.asked.store, RESTORED, stamp))
        text = f"{self.asked.store} stands on {old.id} again; {copies.serving.id} stays beside it."
        return Outcome(True, (text,), old.id, _endpoint(old))

    def discarded(self) -> Outcome:
        """The one that the app does not use is gone, with a last snapshot."""
        copies, finished = self._settled()
        stamp = moments.stamp(moments.moment(self.asked.at, self.asked.store)) if self.asked.at else None
        found = of.to_discard(copies, stamp)
        if found is None:
            return Outcome(finished, (f"Nothing stands beside {self.asked.store}.",))
        self._not_in_use(found)
        if self.asked.check_mode:
            return Outcome(True, (f"{found.name} ({found.id}) would go, with a last snapshot.",), found.id)
        snapshot = self._snapshot(found)
        self._say(found, "deleting")
        self.kind.delete(self.aws, found)
        self._say(found, "deleted")
        kept = f"its last snapshot is {snapshot}" if snapshot else "it left no snapshot"
        return Outcome(True, (f"{found.name} ({found.id}) is gone; {kept}.",), found.id, seconds=self._seconds())

    # -- restoring ----------------------------------------------------------------------------------------------------

    def _moment(self, copies: Copies) -> datetime:
        """
        :raises StairwayError: for a moment that cannot be brought back; one that was restored already needs no more.
        """
        store = self.asked.store
        at = moments.moment(self.asked.at, store) if self.asked.at else None
        if at is not None and moments.stamp(at) in {*copies.restored, *copies.before}:
            return at
        possible = self._window(copies)
        if at is None:
            raise moments.missing(possible, store)
        if at < possible.earliest:
            # what was restored begins at its restore; what was earlier, only the one before has
            of.no_other_before(copies)
        moments.check(at, possible, store, self.asked.now)
        return at

    def _window(self, copies: Copies) -> moments.Window:
        name = copies.serving.id
        found = list(self.aws.pages("rds", "describe_db_instances", "DBInstances", DBInstanceIdentifier=name))
        backups = self.aws.pages(
            "rds", "describe_db_instance_automated_backups", "DBInstanceAutomatedBackups", DBInstanceIdentifier=name
        )
        # backups of an instance that was deleted stay under its name
        alive = [one for one in backups if one.get("Status") != "retained"]
        possible = moments.window(found[0], alive) if found else None
        if possible is None:
            raise moments.no_backup(self.asked.store, name)
        return possible

    def _restore(self, copies: Copies, at: datetime) -> Outcome:
        """The engine of blueprints makes it, waits for it, and goes on where a run before this one was cut."""
        name = of.copy_name(self.asked.store, RESTORED, moments.stamp(at))
        self._not_failed(copies.restored.get(moments.stamp(at)), name)
        known = {self.kind.name: self.kind}
        entry = entry_beside(copies.serving, self.kind, name, at)
        goal = Goal(self.asked.app, "restore", self.asked.region, (entry,), {})
        plan = plan_for(self.aws, goal, known)
        if plan.changed:
            self.tell(plan)
        shown = moments.shown(at)
        if self.asked.check_mode:
            would = f"{self.asked.store} would be restored to {shown} as {name}."
            return Outcome(plan.changed, (would if plan.changed else f"{name} is there.",), name, at=shown)
        made = apply(self.aws, goal, plan, known, self.say).outputs[entry.key]
        seconds = self._seconds()
        written = (
            "The app was on it until it went back, so what was written then is in it: it is not as it was any more."
        )
        text = (
            f"{self.asked.store} as it was at {shown} is {made['id']}, at {made['endpoint']}:{made['port']}"
            + (f"; it took {_duration(seconds)}." if plan.changed else ", and was there already."),
            "Its users and passwords are those of that moment. It costs what the one in use costs, until "
            "-e discard=true takes it away.",
            *((written,) if of.was_in_use(copies, moments.stamp(at)) else ()),
        )
        return Outcome(plan.changed, text, str(made["id"]), f"{made['endpoint']}:{made['port']}", shown, seconds)

    def _not_failed(self, found: Found | None, name: str) -> None:
        """
        :raises StairwayError: for one that will never be ready.
        """
        if found is not None and found.state == "failed":
            raise StairwayError(
                f"AWS could not restore {name}.",
                expected="available",
                found=found.why,
                where=found.id,
                fix=moments.again(
                    self.asked.store, f"-e at={self.asked.at} -e discard=true -e confirm={self.asked.app}"
                )
                + "; then restore it once more",
            )

    # -- changing places ----------------------------------------------------------------------------------------------

    def _settled(self) -> tuple[Copies, bool]:
        """What there is, and whether a switch had to be ended that another run has begun.

        :raises StairwayError: for what is no database that AWS runs.
        """
        asked = self.asked
        redis = any(one["name"] == asked.store and one["engine"] == "redis" for one in asked.managed)
        refuse(asked.app, asked.store, asked.places, asked.managed, self._snapshots() if redis else ())
        copies = self._copies()
        if copies.displaced is None:
            return copies, False
        if asked.check_mode:
            raise StairwayError(
                "A switch was cut before its end.",
                expected=f"one database called {asked.store}",
                found=f"{copies.serving.id} and {copies.displaced.id}",
                where="check mode",
                fix="type the same without --check: it ends the switch",
            )
        self._retag(copies.displaced, of.steps_aside(asked.app, copies.displaced_name))
        return self._copies(), True

    def _copies(self) -> Copies:
        return of.sort_out(self.asked.store, self.kind.describe(self.aws, Scope(self.asked.app)))

    def _change_places(self, copies: Copies, new: Found, other: str) -> None:
        """
        :raises StairwayError: when the app could not use the new one.
        """
        if new.state != "ready":
            raise StairwayError(
                f"The app cannot be led to {new.id} now.",
                expected="available",
                found=str(new.detail.get("status")),
                where=new.id,
                fix="wait until it is available, then type the same again",
            )
        # first, as a replica is in nobody's way: cut here, a stage makes new ones of the database that is still in use
        for one in copies.replicas:
            self._say(one, "deleting")
            self.kind.delete(self.aws, one)
            self._say(one, "deleted")
        self._retag(new, of.takes_over(self.asked.app, copies, other, self.asked.now))
        self._retag(copies.serving, of.steps_aside(self.asked.app, other))

    def _replicas_may_go(self, copies: Copies) -> None:
        if not self.asked.give_up_replicas:
            of.no_replicas(copies)

    def _retag(self, found: Found, tags: Mapping[str, str]) -> None:
        if self.kind.retag is not None:
            self.kind.retag(self.aws, found, tags, [])

    def _there(self, found: Found, at: datetime, *, changed: bool) -> Outcome:
        store = self.asked.store
        text = f"{store} stands on {found.id}, as it was at {moments.shown(at)}. The one before stays beside it."
        return Outcome(changed, (text,), found.id, _endpoint(found), moments.shown(at), self._seconds())

    # -- throwing away ------------------------------------------------------------------------------------------------

    def _not_in_use(self, found: Found) -> None:
        """
        :raises StairwayError: when the app was not led away from it yet.
        """
        host = (self.asked.endpoints.get(self.asked.store) or {}).get("host")
        if host and host == found.outputs.get("endpoint"):
            raise StairwayError(
                f"The app still uses {found.name}.",
                expected="an app that was led to the other one",
                found=str(host),
                where="the app's journal",
                fix="run the app's stage first: it ends what a run before this one has begun",
            )

    def _snapshot(self, found: Found) -> str | None:
        """What never became ready has nothing that its source has not."""
        if self.kind.snapshot is None or (found.state == "failed" and f"-{RESTORED}-" in str(found.name)):
            return None
        name = f"{self.asked.app}-{found.name}-final-{self.asked.now:%Y%m%d%H%M%S}"
        self._say(found, f"final snapshot {name}")
        return self.kind.snapshot(self.aws, name, found)

    def _snapshots(self) -> list[str]:
        """Of the cache, the newest first."""
        name = kind("cache").aws_name
        group = name(self.asked.app, self.asked.store, {}) if name is not None else ""
        pages = self.aws.pages("elasticache", "describe_snapshots", "Snapshots", ReplicationGroupId=group)
        return [str(one["SnapshotName"]) for one in sorted(pages, key=_made, reverse=True)]

    def _say(self, found: Found, what: str) -> None:
        self.say(f"database/{found.name}", what, self._seconds())

    def _seconds(self) -> float:
        return round(time.monotonic() - self.began, 1)


def _made(snapshot: Mapping[str, Any]) -> float:
    times = [one["SnapshotCreateTime"] for one in snapshot.get("NodeSnapshots") or () if one.get("SnapshotCreateTime")]
    return max((one.timestamp() for one in times), default=0.0)


def _endpoint(found: Found) -> str:
    return f"{found.outputs.get('endpoint')}:{found.outputs.get('port')}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
