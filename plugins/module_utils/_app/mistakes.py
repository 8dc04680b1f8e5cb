"""What a person reads when a spec is wrong: one ``Mistake`` for each thing to mend, and one error that carries them
all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Union

from .._common.errors import StairwayError

HIDDEN = "«hidden»"
# ansible-test checks module_utils for a Python that knows no «str | int» outside annotations
Path = tuple[Union[str, int], ...]  # noqa: UP007


@dataclass(frozen=True)
class Mistake:
    """One thing to mend. ``line`` counts from 1 and is None where the value came from no file."""

    file: str
    line: int | None
    path: str
    message: str
    found: str
    expected: str
    suggestion: str | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        lines = [f"{where}: {self.path}", f"  {self.message}", f"  found: {self.found}", f"  expected: {self.expected}"]
        if self.suggestion is not None:
            lines.append(f"  try: {self.suggestion}")
        return "\n".join(lines)


class SpecError(StairwayError):
    """A spec with at least one mistake. ``mistakes`` holds them all, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes), key=lambda one: (one.file, one.line or 0, one.path, one.message)))
        count = len(self.mistakes)
        super().__init__(f"The app spec has {count} mistake{'' if count == 1 else 's'}; nothing was touched.")

    def __str__(self) -> str:
        return "\n\n".join([self.message, *map(str, self.mistakes)])

    def result(self) -> dict[str, Any]:
        """As every error of ours, plus ``mistakes`` as a list of dicts."""
        return {**super().result(), "mistakes": [asdict(mistake) for mistake in self.mistakes]}


def dotted(path: Path) -> str:
    """``("app", "domains", 0)`` as ``app.domains[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
