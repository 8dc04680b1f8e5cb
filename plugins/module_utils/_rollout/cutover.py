"""A switch that is more than a switch: what has to happen while users are held, such as the last step of a move.

Whoever gives a rollout a ``cutover`` is called when the new colour is well and the old workers stand still. It calls
:meth:`Turn.hold`, :meth:`Turn.flip` and :meth:`Turn.release`; when it raises, users are let go, and the rollout is
undone as ever; behind the flip it stays, with its workers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from .._edge.gates import LONGEST_SECONDS, hold, release_hold
from .._edge.switch import MOVE, Colour, EdgeState, other
from .drain import drained
from .model import Document

# What was under way when the hold began: requests end, a WebSocket does not.
UNDER_WAY_SECONDS = 3.0
# Whoever waits longer has gone, or tries again by himself; others are told when to come back.
WAITED_SECONDS = 30.0


@dataclass
class Turn:
    """The tap of one rollout. ``held`` says that users are held already, by whom lets them go where none has turned."""

    edge: EdgeState
    document: Document
    colour: Colour
    turn: Callable[[], None]
    held: bool = False
    late: threading.Timer | None = field(default=None, init=False, repr=False)
    theirs: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        self.theirs = self.held

    def hold(self, seconds: float, expected: float) -> None:
        """Let users wait for ``seconds`` at most. Where it is ``expected`` to be longer than anyone waits, or comes to
        be, say 503 and Retry-After to those who come.

        :raises StairwayError: when they cannot be held; nothing has changed then.
        """
        if expected > WAITED_SECONDS or (self.held and seconds > WAITED_SECONDS):
            self._close()
        elif not self.held:
            ports = {one.name: one.ports for one in self.document.routed if one.ports}
            hold(self.document.app, min(seconds, LONGEST_SECONDS), ports)
            if seconds > WAITED_SECONDS:
                self.late = threading.Timer(WAITED_SECONDS, self._close)
                self.late.daemon = True
                self.late.start()
        self.held = True
        old = other(self.colour)
        drained(
            {port for one in self.document.routed if one.ports for port in one.ports[old]}, seconds=UNDER_WAY_SECONDS
        )

    def _close(self) -> None:
        self.edge.maintain(MOVE)

    def flip(self) -> None:
        """The new colour serves from now on."""
        self.turn()

    def release(self) -> None:
        """Let users go on; nothing is done when they do. What a person has closed stays closed."""
        if self.late:
            self.late.cancel()
            self.late.join()
        self.edge.end_maintenance(MOVE)
        if not self.theirs or self.edge.colour() == self.colour:
            release_hold(self.document.app)


Cutover = Callable[[Turn], None]
