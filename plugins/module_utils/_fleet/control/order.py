"""The order of steps of a rollout over a fleet, and what ends one. Pure: no calls, no clock.

A rollout goes on as long as ``trouble`` says nothing, and is over when the view is complete. Broken versions stop in
the first batch: the next one begins when every machine of this one serves, and has done so for ``watch_seconds``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..._aws.limits import advice
from ..._common.errors import StairwayError
from .view import IN_SERVICE, Member, View, names

REFRESH, ROLLING = "refresh", "rolling"
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html
ENDED_WELL = ("Successful",)
ENDED_BADLY = ("Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful")
ENDED = (*ENDED_WELL, *ENDED_BADLY)
# What must rest while machines are taken out of their target groups, or the group would replace them.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
RESTING = ("AZRebalance", "HealthCheck", "ReplaceUnhealthy")
MOST_PERCENT = 200


@dataclass(frozen=True)
class Strategy:
    """How a fleet goes from one release to the next. ``batch`` machines at a time; ``checkpoints`` are percents at
    which a refresh rests for ``checkpoint_seconds``; ``alarms`` are names of CloudWatch; ``timeout_seconds`` is the
    longest that one batch may take; a machine has to be well for ``watch_seconds`` before the next one is touched.
    """

    kind: str = REFRESH
    batch: int = 1
    checkpoints: tuple[int, ...] = ()
    checkpoint_seconds: int = 60
    alarms: tuple[str, ...] = ()
    timeout_seconds: int = 900
    watch_seconds: int = 10


def strategy(given: Mapping[str, Any]) -> Strategy:
    """From the facts of the app."""
    known: dict[str, Any] = {name: given[name] for name in Strategy.__dataclass_fields__ if given.get(name) is not None}
    for name in ("checkpoints", "alarms"):
        known[name] = tuple(known.get(name, ()))
    return Strategy(**known)


@dataclass(frozen=True)
class Watch:
    """What has to be remembered between two looks: who was there when it began, and who has served since."""

    release: str
    began_with: frozenset[str]
    served: frozenset[str] = field(default_factory=frozenset)
    desired: int = 0

    def after(self, view: View) -> Watch:
        serving = {one.instance for one in view.serving(self.release)}
        return Watch(self.release, self.began_with, self.served | serving, view.desired)


def trouble(view: View, watch: Watch, firing: Collection[str]) -> StairwayError | None:
    """Why the rollout has to stop now, in the words of the machine that knows, or None."""
    for one in (*view.members, *view.gone):
        if one.failed(watch.release):
            return of_machine(one)
    ill = [one for one in view.members if one.instance in watch.served and one.ill]
    if ill:
        return got_ill(ill)
    lost = sorted(watch.served - {one.instance for one in view.members})
    if lost and view.desired >= watch.desired:
        return StairwayError(
            f"{', '.join(lost)} served the new release, and is gone.",
            expected="that it goes on to serve",
            found="its Auto Scaling group has taken it away",
            fix="see the group's activities for why; then release again",
        )
    if firing:
        return StairwayError(
            f"The alarm {', '.join(sorted(firing))} fired.",
            expected="no alarm while a release is rolled out",
            found="ALARM",
            fix="see the alarm's metric; mend the version, and release it again",
        )
    return None


def of_machine(one: Member) -> StairwayError:
    """What the machine itself says of its failure."""
    said = dict((one.machine.error if one.machine else None) or {})
    log = said.get("log") or said.get("log_tail") or []
    lines = log.splitlines() if isinstance(log, str) else [str(line) for line in log]
    return StairwayError(
        f"{one.instance}: {said.get('message') or 'it could not start the release'}",
        where=_joined(one.instance, said.get("where")),
        expected=said.get("expected"),
        found=said.get("found"),
        fix=said.get("fix") or "mend the version, and release it again",
        log=lines,
    )


def got_ill(members: Sequence[Member]) -> StairwayError:
    first = members[0]
    return StairwayError(
        f"{names(members)} served the new release, and then got ill.",
        where=first.instance,
        expected="2xx at the health path, for as long as the release is watched",
        found=first.why_ill,
        fix="see the logs of the service on that machine; mend the version, and release it again",
    )


def too_slow(view: View, watch: Watch, seconds: float) -> StairwayError:
    """Nobody new has begun to serve for as long as one batch may take."""
    new = [one for one in view.members if not one.serves(watch.release) and one.instance not in watch.began_with]
    waiting = new or [one for one in view.members if not one.serves(watch.release)]
    said = [
        f"{one.instance}: "
        + (f"{one.machine.state}" if one.machine else "never said anything")
        + (f", {one.why_ill}" if one.why_ill else "")
        for one in waiting
    ]
    return StairwayError(
        f"No machine began to serve the new release for {seconds:.0f} s.",
        expected="one batch in that time (app.release.fleet.timeout_seconds)",
        found=view.unable or "; ".join(said) or "no machine at all",
        where=names(waiting) or None,
        fix=advice(view.unable)
        or "see the console output of such a machine (aws ec2 get-console-output), and the group's activities",
    )


def batch_of(view: View, release: str, size: int) -> tuple[Member, ...]:
    """Whom rolling in place changes next: first those that users have nothing of, then zone by zone.

    :raises StairwayError: when nobody would be left to serve meanwhile.
    """
    behind = sorted(view.behind(release), key=lambda one: (one.well, one.zone, one.instance))
    chosen = tuple(behind[:size])
    left = [one for one in view.members if one.well and one not in chosen]
    if chosen and not left and any(one.well for one in chosen):
        raise StairwayError(
            "Rolling in place would leave nobody to serve.",
            expected="more healthy machines than one batch has",
            found=f"{len([one for one in view.members if one.well])} healthy, batches of {size}",
            where="app.release.fleet",
            fix="set kind: refresh, which starts new machines first, or a smaller batch, or more machines",
        )
    return chosen


def left_out(view: View, release: str) -> tuple[Member, ...]:
    """Those that serve it by their own word, and that no balancer knows: a run was cut off before it told it."""
    here = (one for one in view.members if one.lifecycle == IN_SERVICE and one.started(release))
    return tuple(one for one in here if None in one.targets.values())


def most_percent(desired: int, batch: int) -> int:
    """MaxHealthyPercentage of a refresh that starts ``batch`` new machines beside the old ones. AWS wants at most 100
    more than the least, and rounds down to whole machines, at least one.
    """
    return min(MOST_PERCENT, 100 + math.ceil(100 * batch / max(1, desired)))


def preferences(strategy: Strategy, desired: int) -> dict[str, Any]:
    """Of an instance refresh: nobody goes before somebody new has been well for ``watch_seconds``.

    Machines that are protected from scaling in run the right release already: they are passed over.
    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
    """
    points = [*(one for one in strategy.checkpoints if one < 100), 100] if strategy.checkpoints else []
    return {
        "MinHealthyPercentage": 100,
        "MaxHealthyPercentage": most_percent(desired, strategy.batch),
        "InstanceWarmup": strategy.watch_seconds,
        "SkipMatching": False,
        "AutoRollback": False,
        "ScaleInProtectedInstances": "Ignore",
        "StandbyInstances": "Ignore",
        **({"CheckpointPercentages": points, "CheckpointDelay": strategy.checkpoint_seconds} if points else {}),
        **({"AlarmSpecification": {"Alarms": list(strategy.alarms)}} if strategy.alarms else {}),
    }


@dataclass(frozen=True)
class Back:
    """What is to be done next on the way back to ``release``: whom to protect, whom to end at once, and whether those
    that still serve something else are to be replaced.
    """

    protect: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    replace: bool = False
    done: bool = False


def back(view: View, release: str, *, refreshing: bool = False) -> Back:
    """One step on the way back. Those that serve nobody go at once; those that serve the wrong release go when others
    are there in their place, and by the refresh alone while one goes on.
    """
    right = view.serving(release)
    protect = tuple(one.instance for one in right if not one.protected)
    wrong = astray(view, release)
    useless = [one for one in wrong if not one.well]
    useful = [one for one in wrong if one.well]
    surplus = 0 if refreshing else max(0, len(right) + len(useful) - view.desired)
    end = tuple(one.instance for one in [*useless, *useful[:surplus]])
    return Back(
        protect,
        end,
        replace=not end and bool(useful) and not refreshing,
        done=not wrong and view.complete(release),
    )


def astray(view: View, release: str) -> tuple[Member, ...]:
    """Those that neither serve it nor are on their way to it."""
    return tuple(one for one in view.members if not one.serves(release) and not _comes(one, release))


def _comes(one: Member, release: str) -> bool:
    """On its way up with the right release, or too young to have said anything. A balancer finds nobody well who was
    not up yet, and for a while after; whether that lasts too long is for the group's own health check to say.
    """
    if one.failed(release) or not one.healthy:
        return False
    return one.machine is None or one.release == release or one.machine.release is None


def _joined(first: str, rest: Any) -> str:
    return f"{first}, {rest}" if rest else first
