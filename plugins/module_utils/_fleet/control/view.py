"""A fleet as the controller sees it at one moment, and what can be said of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..model import FAILED, SERVING, Machine

IN_SERVICE = "InService"
HEALTHY, UNHEALTHY, DRAINING = "healthy", "unhealthy", "draining"
# A target that a balancer does not ask says nothing about its machine.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
UNASKED = "unused"


@dataclass(frozen=True)
class Target:
    """One machine in one target group: ``state`` as AWS says it, ``why`` in its words."""

    state: str
    why: str = ""


@dataclass(frozen=True)
class Member:
    """One machine of the group. ``targets`` has every target group of the group, ``None`` where the machine is not in
    it; ``machine`` is what the machine says of itself, if it said anything.
    """

    instance: str
    lifecycle: str
    healthy: bool = True
    zone: str = ""
    protected: bool = False
    targets: Mapping[str, Target | None] = field(default_factory=dict)
    machine: Machine | None = None

    @property
    def release(self) -> str | None:
        return self.machine.release if self.machine else None

    @property
    def well(self) -> bool:
        """In service, healthy for its group, and healthy in every target group."""
        return (
            self.lifecycle == IN_SERVICE
            and self.healthy
            and all(one is not None and one.state == HEALTHY for one in self.targets.values())
        )

    @property
    def ill(self) -> bool:
        """The group or a target group says that it is not well; one that is only starting is not ill."""
        return not self.healthy or any(one is not None and one.state == UNHEALTHY for one in self.targets.values())

    @property
    def out(self) -> bool:
        """No target group sends anything to it any more."""
        return all(one is None or one.state == UNASKED for one in self.targets.values())

    def started(self, release: str) -> bool:
        """It says itself that this release runs."""
        return self.machine is not None and self.machine.release == release and self.machine.state == SERVING

    def serves(self, release: str) -> bool:
        return self.well and self.started(release)

    def failed(self, release: str) -> bool:
        return self.machine is not None and self.machine.release == release and self.machine.state == FAILED

    @property
    def why_ill(self) -> str:
        said = [f"{one.state}: {one.why}".rstrip(": ") for one in self.targets.values() if one and one.state != HEALTHY]
        return "; ".join(said) or ("" if self.healthy else "unhealthy for its Auto Scaling group")


@dataclass(frozen=True)
class View:
    """The group at one moment; ``members`` are those that run or come, not those that go. ``gone`` are machines that
    left a word and are in the group no more. ``unable`` is why the group could not start the machine that it misses, in
    AWS's words.
    """

    desired: int
    members: tuple[Member, ...]
    gone: tuple[Member, ...] = ()
    unable: str = ""

    def serving(self, release: str) -> tuple[Member, ...]:
        return tuple(one for one in self.members if one.serves(release))

    def others(self, release: str) -> tuple[Member, ...]:
        """Those that run, and do not serve this release."""
        return tuple(one for one in self.members if one.lifecycle == IN_SERVICE and not one.serves(release))

    def complete(self, release: str) -> bool:
        """As many as are wanted serve this release, and nobody serves anything else."""
        return len(self.serving(release)) >= self.desired and all(one.serves(release) for one in self.members)

    def behind(self, release: str) -> tuple[Member, ...]:
        """Those that a rollout has to change: they have another release, or this one has failed there, or they got ill
        with it. One that is only starting, or waits for its first document, gets there by itself.
        """
        return tuple(one for one in self.members if one.lifecycle == IN_SERVICE and _behind(one, release))

    def by_id(self, instance: str) -> Member | None:
        return next((one for one in self.members if one.instance == instance), None)


def _behind(one: Member, release: str) -> bool:
    if one.machine is None or one.release is None:
        return False
    return one.release != release or one.failed(release) or (one.started(release) and one.ill)


def names(members: Iterable[Member]) -> str:
    return ", ".join(one.instance for one in members)
