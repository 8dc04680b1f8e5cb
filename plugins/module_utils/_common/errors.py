"""The one base class of every error that Stairway shows to a person."""

from __future__ import annotations

import traceback
from typing import Any


class StairwayError(Exception):
    """Something a person has to know about, in the four parts that help at 2 a.m.

    ``message`` says what went wrong in one sentence. The rest is optional: ``expected`` and ``found`` name the
    difference, ``where`` the file, host, container or API call, ``fix`` what to type next, and ``log`` the last lines
    that an outside program printed. No part may hold a secret: the text is printed and logged.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        where: str | None = None,
        fix: str | None = None,
        log: list[str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.found = found
        self.where = where
        self.fix = fix
        self.log = list(log or [])

    def __str__(self) -> str:
        lines = [self.message]
        for label, text in (
            ("where", self.where),
            ("expected", self.expected),
            ("found", self.found),
            ("do next", self.fix),
        ):
            if text is not None:
                lines.append(f"  {label}: {text}")
        if self.log:
            lines.append("  last lines:")
            lines.extend(f"    {line}" for line in self.log)
        return "\n".join(lines)

    def result(self) -> dict[str, Any]:
        """The arguments for ``module.fail_json``: ``msg`` for people, ``error`` for programs."""
        return {
            "msg": str(self),
            "error": {
                "message": self.message,
                "expected": self.expected,
                "found": self.found,
                "where": self.where,
                "fix": self.fix,
                "log": self.log,
            },
        }


def for_people(error: Exception) -> StairwayError:
    """Itself where it is one; else one that says what Stairway has not foreseen, and where that was."""
    if isinstance(error, StairwayError):
        return error
    places = traceback.extract_tb(error.__traceback__)[-4:]
    told = StairwayError(
        "Stairway has met something that it does not foresee.",
        found=f"{type(error).__name__}: {error}",
        fix="run the same command again; when it comes again, it is a mistake of Stairway's: report these lines",
        log=[f"{one.filename}, line {one.lineno}, in {one.name}" for one in places],
    )
    told.__cause__ = error
    return told
