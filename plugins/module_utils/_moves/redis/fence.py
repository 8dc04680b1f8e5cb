"""No write, without ending anyone's session: the server lets writers wait, and readers pass (CLIENT PAUSE, from 6.2).

The pause is short and renewed from here: when this process dies, writers go on by themselves. So they do when it only
stops for a while, or loses its session: that is seen before the switch.
"""

from __future__ import annotations

import contextlib
import math
import time

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..pulse import IDLE_SECONDS, Pulse
from ..session import BACK_SECONDS
from .wire import Connection


class Fence:
    """One fence."""

    def __init__(self, server: Server, admin: Login) -> None:
        self.connection = Connection(server, admin)
        self.pulse = Pulse(self.connection, self._pause)
        self._ends = math.inf
        self._until = 0.0

    def close_off(self, until: float) -> None:
        self._until = until
        self._pause()
        self.pulse.start()

    def for_good(self, days: int) -> None:
        """Where nobody may take the right to write away: writers wait for as long as the source is kept."""
        self.pulse.end(self._until)
        self._pause(days * 86_400)

    def stood(self) -> None:
        """:raises StairwayError: when the pause may have ended before now: somebody may have written since."""
        if self.pulse.problem is not None:
            raise self.pulse.problem
        if time.monotonic() > self._ends:
            raise StairwayError(
                "The pause of the source's writers was over before the switch. The app stays where it is.",
                where=self.connection.where,
                expected=f"a pause renewed before its {IDLE_SECONDS} s were over",
                fix="see what this host or the source was so busy with, and run the same command again",
            )

    def open(self, *, unpause: bool = True) -> None:
        """Let writers go on. A server that does not answer lets them go by itself."""
        self.pulse.end()
        with contextlib.suppress(StairwayError):
            if self.connection.open and unpause:
                self.connection.within(time.monotonic() + BACK_SECONDS)
                self.connection.call("CLIENT", "UNPAUSE")
        self.connection.close()

    def _pause(self, seconds: int = IDLE_SECONDS) -> None:
        begun = time.monotonic()
        self.connection.within(begun + IDLE_SECONDS)
        self.connection.call("CLIENT", "PAUSE", seconds * 1000, "WRITE")
        self.stood()  # the pause before this one
        self._ends = begun + seconds
