"""Survey, plan, apply: the three steps of a run, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._common.garbage import uncollected
from .._resource.kind import Kind
from .apply import Progress, apply
from .model import Outcome, Plan
from .plan import Goal, make_plan
from .survey import survey


def plan_for(aws: Any, goal: Goal, kinds: Mapping[str, Kind]) -> Plan:
    """Ask AWS and say what a run would do. Changes nothing.

    :raises BlueprintError: for everything that makes the blueprint impossible in this account.
    :raises StairwayError: when AWS cannot be asked.
    """
    which: Sequence[str] = list(kinds) if goal.prune else list(dict.fromkeys(entry.kind for entry in goal.entries))
    with uncollected():
        return make_plan(goal, survey(aws, goal.app, goal.entries, kinds, which), kinds)


def run(aws: Any, goal: Goal, kinds: Mapping[str, Kind], progress: Progress | None = None) -> tuple[Plan, Outcome]:
    """Plan and apply."""
    plan = plan_for(aws, goal, kinds)
    return plan, apply(aws, goal, plan, kinds, progress)
