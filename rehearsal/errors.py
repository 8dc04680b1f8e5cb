"""The one error of the rehearsal."""

from __future__ import annotations


class RehearsalError(Exception):
    """What went wrong in one sentence, what to type next, and the last lines an outside program printed."""

    def __init__(self, message: str, *, fix: str | None = None, log: list[str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.log = list(log or [])

    def __str__(self) -> str:
        lines = [self.message]
        lines.extend(f"    {line}" for line in self.log)
        if self.fix:
            lines.append(f"  do next: {self.fix}")
        return "\n".join(lines)
