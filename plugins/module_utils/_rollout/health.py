"""Is it well? Pure predicates over what Docker and HTTP answered."""

from __future__ import annotations

from dataclasses import dataclass

from .._docker.parse import Container

# One good answer can be luck, one bad answer a hiccup.
GOOD_IN_A_ROW = 2
BAD_IN_A_ROW = 3


@dataclass(frozen=True)
class Answer:
    """What a health path answered: the HTTP ``status`` or, where none came, the ``trouble``."""

    status: int | None
    trouble: str | None = None
    body: str = ""

    @property
    def well(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def __str__(self) -> str:
        if self.status is None:
            return self.trouble or "no answer"
        return f"HTTP {self.status} {self.body[:200]}".rstrip()


@dataclass(frozen=True)
class Streak:
    """How many answers in a row were good, and how many bad; the newest is ``last``."""

    good: int = 0
    bad: int = 0
    last: Answer | None = None

    def then(self, answer: Answer) -> Streak:
        """The streak after one more answer."""
        if answer.well:
            return Streak(good=self.good + 1, last=answer)
        return Streak(bad=self.bad + 1, last=answer)

    @property
    def healthy(self) -> bool:
        return self.good >= GOOD_IN_A_ROW

    @property
    def failing(self) -> bool:
        return self.bad >= BAD_IN_A_ROW


def ended(container: Container | None) -> str | None:
    """Why a container that should run does not, in words; ``None`` while it runs.

    A restart counts as an end: Docker started it again after it had gone.
    """
    if container is None:
        return "it is gone"
    if container.oom_killed:
        return "it was killed for using more memory than its limit"
    if container.restarts:
        return f"it ended and Docker started it again ({container.restarts} times)"
    if container.status in ("exited", "dead"):
        return f"it ended with exit status {container.exit_code}"
    if container.status in ("paused", "removing"):
        return f"it is {container.status}"
    return None
