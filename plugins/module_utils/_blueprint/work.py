"""One task at a time: make, change, link, remove, and wait until AWS says so."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from .._common.errors import StairwayError
from .._common.wait import pause
from .._resource.kind import Entry, Found, Kind, Scope, Wanted
from .._resource.types import Ref
from .compare import differences
from .model import Plan, Step
from .plan import Goal, wanted_tags
from .survey import aws_name
from .tasks import Task

EXISTS = re.compile(r"AlreadyExists|Duplicate|AlreadyOwned|ResourceExists|ResourceConflict|ResourceInUse|EntityAlready")
# Between two questions: often at first, then at most every 15 s, never more than a twentieth of what was waited for.
FIRST_PAUSE, LONGEST_PAUSE, SHARE = 0.3, 15.0, 0.05
# A load balancer's interfaces go within five minutes:
# https://repost.aws/knowledge-center/troubleshoot-dependency-error-delete-vpc
IN_USE_SECONDS, IN_USE_PAUSE = 300.0, 5.0
# What a person has to do may have been done already, and AWS takes a moment to see it.
PERSON_SECONDS = 60.0


class Worker:
    """Does tasks; safe to call from many threads. ``live`` has what every entry is in AWS by now."""

    def __init__(
        self,
        aws: Any,
        goal: Goal,
        plan: Plan,
        kinds: Mapping[str, Kind],
        token: str,
        say: Callable[[str, str], None],
    ) -> None:
        self.aws = aws
        self.goal = goal
        self.kinds = kinds
        self.token = token
        self.say = say
        self.live: dict[str, Found] = {
            step.key: step.found
            for step in plan.steps
            if step.entry is not None and step.found is not None and step.verb not in ("create", "replace")
        }
        self.parents: dict[str, list[Found]] = {}
        for step in plan.steps:
            if step.found is not None:
                self.parents.setdefault(step.kind, []).append(step.found)

    def do(self, task: Task) -> None:
        """:raises StairwayError: with the entry's name in ``where``."""
        if task.does == "keep":
            self._ready(task.step)
            return
        self.say(
            task.step.key,
            {"make": "creating", "change": "changing", "link": "linking", "remove": "deleting"}[task.does],
        )
        {"make": self._make, "change": self._change, "link": self._link, "remove": self._remove}[task.does](task.step)
        self.say(
            task.step.key, {"make": "created", "change": "changed", "link": "linked", "remove": "deleted"}[task.does]
        )

    # -- what is done --------------------------------------------------------------------------------------------

    def _make(self, step: Step) -> None:
        kind, entry = self.kinds[step.kind], _entry(step)
        if step.found is not None and step.verb == "create":
            self._wait_until_gone(kind, step.found)
        wanted = self._wanted(entry)
        try:
            made = kind.create(self.aws, wanted)
        except StairwayError as error:
            # an answer that was lost: the attempt before this one made it
            if not EXISTS.search(str(getattr(error, "code", ""))):
                raise
            found = self._ours(kind, wanted)
            if found is None:
                raise
            self._bring(step, kind, wanted, found)
            return
        self.aws.created(made)
        self._remember(entry.key, self._wait_until_ready(kind, made, wanted.aws_name, entry.key))

    def _ours(self, kind: Kind, wanted: Wanted) -> Found | None:
        scope = Scope(self.goal.app, names=frozenset({wanted.aws_name}) - {""}, parents=self._parents(kind))
        several = kind.describe(self.aws, scope)
        return next((f for f in several if (f.app, f.name) == (self.goal.app, wanted.name)), None)

    def _change(self, step: Step) -> None:
        kind, entry = self.kinds[step.kind], _entry(step)
        found = _found(step)
        if found.state == "pending" and not kind.changes_while_pending:
            found = self._wait_until_ready(kind, found.id, found.aws_name or "", step.key)
        if kind.retag is not None and (step.tags or step.untag):
            kind.retag(self.aws, found, step.tags, list(step.untag))
        self._bring(step, kind, self._wanted(entry), found)

    def _link(self, step: Step) -> None:
        self._bring(step, self.kinds[step.kind], self._wanted(_entry(step)), self.live[step.key])

    def _bring(self, step: Step, kind: Kind, wanted: Wanted, found: Found) -> None:
        """Run every operation of the table that has a differing field."""
        fields = {one.field for one in differences(kind, wanted.attrs, found.attrs)}
        for change in kind.changes:
            if change.fields & fields:
                change.run(self.aws, found, wanted)
        self._remember(
            step.key, self._wait_until_ready(kind, found.id, wanted.aws_name or found.aws_name or "", step.key)
        )

    def _remove(self, step: Step) -> None:
        kind = self.kinds[step.kind]
        found = _found(step)
        if kind.snapshot is not None:
            at = time.strftime("%Y%m%d%H%M%S", time.gmtime())
            name = kind.snapshot(self.aws, f"{self.goal.app}-{step.name}-final-{at}", found)
            if name:
                self.say(step.key, f"final snapshot {name}")
        self._delete(kind, found, step.key)
        self._wait_until_gone(kind, found)

    def _delete(self, kind: Kind, found: Found, key: str) -> None:
        """AWS says «in use» for a while after the last user is gone: network interfaces outlive their machines."""
        until = time.monotonic() + IN_USE_SECONDS
        while True:
            try:
                kind.delete(self.aws, found)
            except StairwayError as error:
                if not getattr(error, "in_use", False) or time.monotonic() > until:
                    raise
                self.say(key, "waiting: still in use")
                pause(IN_USE_PAUSE)
            else:
                return

    def _ready(self, step: Step) -> None:
        """What nothing has to be done to may still be on its way."""
        if step.found is not None and step.pending:
            self.say(step.key, "waiting")
            name = step.found.aws_name or ""
            self._remember(step.key, self._wait_until_ready(self.kinds[step.kind], step.found.id, name, step.key))

    # -- references ----------------------------------------------------------------------------------------------

    def _wanted(self, entry: Entry) -> Wanted:
        kind = self.kinds[entry.kind]
        attrs = {name: self._resolved(kind, name, value) for name, value in entry.attrs.items()}
        return Wanted(
            entry.kind,
            entry.name,
            self.goal.app,
            attrs,
            wanted_tags(self.goal, entry),
            aws_name(kind, self.goal.app, entry),
            f"{self.token[:24]}-{entry.key}"[:64],
        )

    def _resolved(self, kind: Kind, name: str, value: Any) -> Any:
        field = kind.fields[name]
        if field.late and any(f"{ref.kind}/{to}" not in self.live for ref, to in field.shape.references(value)):
            return None
        return field.shape.resolve(value, self._lookup)

    def _lookup(self, ref: Ref, name: str) -> Any:
        return self.live[f"{ref.kind}/{name}"].output(ref.output)

    def _remember(self, key: str, found: Found) -> None:
        self.live[key] = found
        several = self.parents.setdefault(found.kind, [])
        several[:] = [one for one in several if one.id != found.id] + [found]

    def _parents(self, kind: Kind) -> dict[str, tuple[Found, ...]]:
        return {name: tuple(self.parents.get(name, ())) for name in kind.describe_after}

    # -- waiting -------------------------------------------------------------------------------------------------

    def _described(self, kind: Kind, found_id: str, name: str) -> Found | None:
        scope = Scope(
            self.goal.app,
            names=frozenset({name}) - {""},
            ids=frozenset({found_id}),
            only=True,
            parents=self._parents(kind),
        )
        return next((found for found in kind.describe(self.aws, scope) if found.id == found_id), None)

    def _wait_until_ready(self, kind: Kind, found_id: str, name: str, key: str) -> Found:
        waits_for = ""
        began = time.monotonic()

        def ask() -> Found | None:
            nonlocal waits_for
            found = self._described(kind, found_id, name)
            if found is not None and found.state == "pending" and found.why != waits_for:
                # it may wait for a person: a record to be made in somebody else's zone
                waits_for = found.why
                self.say(key, f"waiting: {waits_for}")
            if found is not None and found.state == "pending" and found.asks:
                _only_so_long(key, found, time.monotonic() - began)
            if found is not None and found.state == "failed":
                raise StairwayError(
                    f"AWS could not make {key}.",
                    where=found_id,
                    found=found.why or "no reason given",
                    fix="mend what AWS says; the next run replaces it",
                )
            return found if found is not None and found.state == "ready" else None

        found = _until(ask, kind.timeout_seconds)
        if found is None:
            raise StairwayError(
                f"{key} was not ready after {kind.timeout_seconds:g} s.",
                where=found_id,
                expected="ready",
                found=waits_for or "still on its way",
                fix="run the same command again: it goes on waiting",
            )
        return found

    def _wait_until_gone(self, kind: Kind, found: Found) -> None:
        def ask() -> bool | None:
            try:
                return True if self._described(kind, found.id, found.aws_name or "") is None else None
            except StairwayError as error:
                # it went between two calls of one look
                if not getattr(error, "missing", False):
                    raise
                return None

        if _until(ask, kind.timeout_seconds) is None:
            raise StairwayError(
                f"{found.kind} {found.id} was not gone after {kind.timeout_seconds:g} s.",
                where=found.id,
                fix="see in the AWS console what holds it, then run the same command again",
            )


def _only_so_long(key: str, found: Found, waited: float) -> None:
    """Nobody sits beside a run for the hour that somebody else's DNS may take.

    :raises StairwayError: saying what to do.
    """
    if waited >= PERSON_SECONDS:
        raise StairwayError(
            f"{key} is pending: it waits for you.",
            where=found.id,
            expected=found.asks,
            found="not seen by AWS yet",
            fix="do that, then run the same command again: it goes on from here",
        )


def _found(step: Step) -> Found:
    if step.found is None:
        raise StairwayError(f"{step.key} is not in AWS.")
    return step.found


def _entry(step: Step) -> Entry:
    if step.entry is None:
        raise StairwayError(f"{step.key} has no entry.")
    return step.entry


def _until(ask: Callable[[], Any], seconds: float) -> Any:
    """As ``_common.wait.until``, with pauses that grow with what was waited for."""
    began = time.monotonic()
    while True:
        answer = ask()
        waited = time.monotonic() - began
        if answer is not None or waited > seconds:
            return answer
        pause(min(LONGEST_PAUSE, max(FIRST_PAUSE, waited * SHARE)))
