"""What the engines that follow a source have in common: work in portions, in the background, and how it fails."""

from __future__ import annotations

import threading

from .._common.errors import StairwayError, for_people

JOIN_SECONDS = 10.0


class Background:
    """:meth:`portion` again and again, by a thread of its own, until it is paused. ``problem`` is what has ended it."""

    def __init__(self) -> None:
        self.problem: StairwayError | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def portion(self) -> None:
        """A fraction of a second of work.

        :raises StairwayError: when it cannot go on.
        """
        raise NotImplementedError

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Stop between two portions; what is half done is finished by whoever steps next.

        :raises StairwayError: what had stopped it.
        """
        self._halt(None)
        if self.problem is not None:
            raise self.problem

    def _halt(self, seconds: float | None = JOIN_SECONDS) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(seconds)
            if not self._thread.is_alive():
                self._thread = None

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.portion()
        except Exception as error:  # whatever it is: what was heard last is not carried
            self.problem = for_people(error)


def late(found: object, expected: object) -> StairwayError:
    """The time is over; both are places in the source's log."""
    return StairwayError(
        "The target did not catch up in time.",
        found=f"it is at {found}",
        expected=str(expected),
        fix="run it again when less is written",
    )


def misfit(found: str, where: str) -> StairwayError:
    """The target is not what the source was."""
    return StairwayError(
        "A change of the source does not fit the target: somebody else has changed the target.",
        where=where or None,
        found=found,
        expected="the same rows as at the source before the change",
        fix="give the move up (-e abort=true), see who else writes there, and begin it again",
    )
