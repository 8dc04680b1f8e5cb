"""Data is not lost by a plan. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .._resource.kind import Found, Kind
from .._resource.problems import Problem
from .model import Step

FRESH_HOURS = 24
FINAL = "final_snapshot"


@dataclass(frozen=True)
class GiveUp:
    """Data that a run may delete or replace: ``kind/name`` -> when its last verified backup was made (ISO 8601, with
    its zone), or ``final_snapshot`` for those that make one themselves and wait for it.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def names(self, key: str) -> bool:
        return key in self.named

    def problem(self, key: str, kind: Kind) -> Problem | None:
        """Why what ``key`` names is not enough, or None."""
        given = self.named[key]
        if given == FINAL:
            return None if kind.snapshot is not None else _no_snapshot(key, kind)
        try:
            made = datetime.fromisoformat(given.replace("Z", "+00:00"))
            age = self.now - made
        except (ValueError, TypeError):
            return Problem(
                f"give_up.{key}", "This is no time of a backup.", given,
                f"such as 2026-11-21T02:00:00Z, or {FINAL}",
            )  # fmt: skip
        if timedelta(minutes=-5) <= age <= timedelta(hours=FRESH_HOURS):
            return None
        return Problem(
            f"give_up.{key}",
            "This backup is not fresh.",
            given,
            f"one of the last {FRESH_HOURS} hours",
            "ansible-playbook playbooks/backup.yml",
        )


def guarded(kind: Kind, found: Found | None) -> bool:
    """Whether a thing holds data, or AWS itself was told to protect it."""
    protected = found is not None and kind.follows_protect is not None and found.attrs.get(kind.follows_protect)
    return kind.data or bool(protected)


def guard(steps: Iterable[Step], kinds: Mapping[str, Kind], give_up: GiveUp) -> Iterator[Problem]:
    """A problem for each data kind and each protected entry that would go without having been given up, and for each
    that was, badly.
    """
    for step in steps:
        kind = kinds[step.kind]
        wanted = step.entry is not None and step.entry.protect
        if not (wanted or guarded(kind, step.found)) or step.verb not in ("delete", "replace"):
            continue
        if not give_up.names(step.key):
            yield Problem(
                step.key,
                f"This plan would {step.verb} what {'holds data' if kind.data else 'is protected'}.",
                step.why,
                "a change that keeps it, or a run that gives it up by name and has a fresh verified backup",
                f"give_up: {{{step.key}: <time of the backup>}}",
            )
        elif (problem := give_up.problem(step.key, kind)) is not None:
            yield problem


def _no_snapshot(key: str, kind: Kind) -> Problem:
    return Problem(f"give_up.{key}", f"A {kind.name} makes no final snapshot.", FINAL, "the time of a verified backup")
