"""The difference between a task and Atlas, as requests that would end it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._common.errors import StairwayError


@dataclass(frozen=True)
class Change:
    """One attribute; None is «not there». No value is ever a secret."""

    what: str
    before: Any
    after: Any

    def text(self) -> str:
        if self.before is None:
            return f"{self.what}: {shown(self.after)}"
        return f"{self.what}: {shown(self.before)} -> {'gone' if self.after is None else shown(self.after)}"


@dataclass(frozen=True)
class Step:
    """One request. ``path`` stands below the project; ``body`` may hold a password, so nobody prints it."""

    what: str
    method: str
    path: str
    body: Any = field(repr=False)
    changes: tuple[Change, ...]

    @property
    def key(self) -> tuple[str, str, str, tuple[Change, ...]]:
        """The same for a step that is planned again."""
        return self.what, self.method, self.path, self.changes


@dataclass
class Part:
    """What one piece needs. ``later`` waits for somebody outside Atlas; ``notes`` say what was left, and why."""

    steps: list[Step] = field(default_factory=list)
    later: list[Step] = field(default_factory=list)
    problems: list[StairwayError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __add__(self, other: Part) -> Part:
        return Part(
            self.steps + other.steps, self.later + other.later, self.problems + other.problems, self.notes + other.notes
        )

    @property
    def changes(self) -> tuple[Change, ...]:
        return changes(self.steps)

    def check(self) -> None:
        """:raises StairwayError: with every reason why this is not done, before anything is."""
        if len(self.problems) == 1:
            raise self.problems[0]
        if self.problems:
            raise StairwayError(
                f"{len(self.problems)} things cannot be done so. Nothing was changed.",
                log=[line for one in self.problems for line in str(one).splitlines()],
            )


def changes(steps: Iterable[Step]) -> tuple[Change, ...]:
    return tuple(change for step in steps for change in step.changes)


def diff(made: Sequence[Change]) -> dict[str, str]:
    """Both sides, attribute by attribute, as Ansible's ``--diff`` prints them."""
    sides = {
        "before": [(one.what, one.before) for one in made],
        "after": [(one.what, one.after) for one in made],
    }
    return {
        side: "".join(f"{what}: {shown(value)}\n" for what, value in pairs if value is not None)
        for side, pairs in sides.items()
    }


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
