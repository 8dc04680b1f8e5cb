"""What a plan is made of. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .._resource.kind import Entry, Found, Usage
from .compare import Difference

Verb = Literal["create", "change", "replace", "delete", "keep", "adopt"]


@dataclass(frozen=True)
class Step:
    """What happens to one resource. ``why`` says for a replacement what forces it, for a deletion or a data kind that
    stays although nothing names it any more, the reason, and for a change what its attributes do not.

    ``entry`` is what the blueprint wants (None for a deletion), ``found`` what AWS has (None for a creation). ``held``
    is what only stays because the run does not give it up.
    """

    verb: Verb
    kind: str
    name: str
    id: str | None = None
    differences: tuple[Difference, ...] = ()
    why: str = ""
    cost_before: tuple[Usage, ...] = ()
    cost_after: tuple[Usage, ...] = ()
    entry: Entry | None = None
    found: Found | None = None
    tags: Mapping[str, str] = field(default_factory=dict)  # to set
    untag: tuple[str, ...] = ()  # to take away
    held: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def pending(self) -> bool:
        """Whether what an entry names is still on its way, from a run that was cut."""
        return self.entry is not None and self.found is not None and self.found.state == "pending"


@dataclass(frozen=True)
class Plan:
    """The difference between a blueprint and an account. Steps stand in an order in which they could be done."""

    app: str
    stage: str
    region: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return any(step.verb != "keep" for step in self.steps)

    def count(self, verb: Verb) -> int:
        return sum(step.verb == verb for step in self.steps)

    def outputs(self) -> dict[str, dict[str, Any]]:
        """What every entry that is there already answers to whoever names it."""
        there = [step for step in self.steps if step.entry is not None and step.found is not None]
        return {step.key: {"id": step.id, **step.found.outputs} for step in there if step.found is not None}

    def get(self, key: str) -> Step | None:
        """The step of ``kind/name``; not one that takes a leftover away."""
        return next((step for step in self.steps if step.key == key and step.entry is not None), None)


@dataclass(frozen=True)
class Timed:
    """One task of an apply, in seconds since it began. ``waited_for`` is the task whose end let it begin, if any."""

    name: str
    does: str
    began: float
    ended: float
    waited_for: str | None = None
    failed: bool = False


@dataclass(frozen=True)
class Outcome:
    """What an apply made: the outputs of every entry by key, ``id`` among them."""

    outputs: Mapping[str, Mapping[str, Any]]
    done: tuple[str, ...] = ()
    times: tuple[Timed, ...] = ()
