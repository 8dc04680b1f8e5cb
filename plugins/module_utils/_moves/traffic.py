"""What a cut-over asks of whoever leads users to the app. ``rollout.py`` has the one for a release on this host."""

from __future__ import annotations

from typing import Protocol


class Traffic(Protocol):
    """Users, workers and schedulers, as one tap."""

    def hold(self, seconds: float, expected: float) -> None:
        """From now on requests wait, for ``seconds`` at most and probably for ``expected``, and what was under way has
        ended or is given up.
        """

    def flip(self) -> None:
        """The app that is on the target serves from now on. This is the point of no return."""

    def release(self) -> None:
        """Requests go on, to whoever serves now."""
