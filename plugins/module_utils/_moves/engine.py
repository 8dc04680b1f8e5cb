"""What a move asks of an engine. One folder for each engine; ``engines.py`` knows them all.

A method may be called again after a run that was cut off anywhere, by a process that remembers nothing but what the
journal's ``facts`` hold: texts, numbers, lists; never a secret. An error before ``switch`` leaves the app on its
source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from .model import Survey, Verification, Wish

Facts = dict[str, Any]


class Engine(Protocol):
    """One move of one store."""

    wish: Wish
    # What has to outlive this process. The journal writes it with every step; ``remember`` brings it to the disk at
    # once, before something is done that could not be undone without it.
    facts: Facts
    remember: Callable[[], None]

    def survey(self) -> Survey:
        """Look at both sides and change nothing: sizes, versions, what hinders, whether it can follow.
        ``facts["replace"]`` says that the target may hold what an earlier move has left there; ``prepare`` drops it.

        :raises StairwayError: when a side cannot be reached.
        """

    def dismiss_earlier(self, side: str) -> None:
        """End what an earlier run, which nobody hears of any more, has left at work at ``side`` (``source`` or
        ``target``): what waits for a lock there, or runs for minutes, would be done behind our back.

        :raises StairwayError: when that side cannot be reached, or it does not end.
        """

    def retired(self) -> bool:
        """Whether the source stands as ``switch`` has left it, read-only for good."""

    def prepare(self) -> None:
        """Make what the copy needs on both sides: from here on the source keeps every change."""

    def copy(self) -> None:
        """Carry everything that is there, as of one moment."""

    def check(self) -> Verification:
        """Compare everything that was copied, while the app writes on: nothing of this is left for the fence."""

    def follow(self) -> None:
        """Carry the changes until the target is close behind (a second); goes on in the background until ``close``."""

    def make_way(self) -> None:
        """Right before users are held: let nothing be in the fence's way that takes longer to end than it may wait."""

    def fence(self, until: float) -> None:
        """From now on no write on the source succeeds. The fence has to end by itself when this process dies.

        ``until`` (of ``time.monotonic``) is when the app has to write again, here and below.

        :raises StairwayError: when that time comes first, here and below.
        """

    def catch_up(self, until: float) -> None:
        """Carry the last change (and what changes do not carry: sequences). The fence stands."""

    def verify(self, until: float) -> Verification:
        """Compare what has changed since ``check``, counts and sequences. The fence stands, so that this may not grow
        with the size of the store. Where nothing was followed (``dump``): compare everything.
        """

    def switch(self) -> None:
        """The source is read-only for good, then the target takes writes: in that order, so that never both do."""

    def switch_back(self) -> None:
        """What ``switch`` did, undone, whether it came to its end or not: users never saw the target."""

    def unfence(self) -> None:
        """Writes on the source go on, or (after ``switch``) fail at once; what waited behind the fence is let go."""

    def retire(self) -> None:
        """After the switch: nothing of the move is left on either side, but for the source, read-only."""

    def abort(self) -> None:
        """Leave nothing of the move on either side: the target is as empty as it was, the source takes writes."""

    def close(self) -> None:
        """End what runs in the background and every connection."""
