"""What is wrong with a blueprint: one ``Problem`` for each thing to mend, and one error that carries them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from .._common.errors import StairwayError


@dataclass(frozen=True)
class Problem:
    """One thing to mend. ``where`` is ``kind/name`` with the field's path behind a dot: ``subnet/app-a.cidr``."""

    where: str
    message: str
    found: str
    expected: str
    suggestion: str | None = None

    def __str__(self) -> str:
        lines = [self.where, f"  {self.message}", f"  found: {self.found}", f"  expected: {self.expected}"]
        if self.suggestion is not None:
            lines.append(f"  try: {self.suggestion}")
        return "\n".join(lines)


class BlueprintError(StairwayError):
    """A blueprint with at least one problem. ``problems`` holds them all, in the order of the blueprint."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        count = len(self.problems)
        super().__init__(f"The blueprint has {count} problem{'' if count == 1 else 's'}; nothing was touched.")

    def __str__(self) -> str:
        return "\n\n".join([self.message, *map(str, self.problems)])

    def result(self) -> dict[str, Any]:
        """As every error of ours, plus ``problems`` as a list of dicts."""
        return {**super().result(), "problems": [asdict(problem) for problem in self.problems]}
