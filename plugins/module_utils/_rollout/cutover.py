"""A switch that is more than a switch: what has to happen while users are held, such as the last step of a move.

Whoever gives a rollout a ``cutover`` is called when the new colour is well and the old workers stand still. It calls
:meth:`Turn.hold`, :meth:`Turn.flip` and :meth:`Turn.release`; when it raises, the rollout is undone as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .._edge.gates import LONGEST_SECONDS, hold, release_hold
from .._edge.switch import Colour, EdgeState, other
from .drain import drained
from .model import Document

# What was under way when the hold began: requests end, a WebSocket does not.
UNDER_WAY_SECONDS = 3.0


@dataclass
class Turn:
    """The tap of one rollout. ``held`` says that users are held already."""

    edge: EdgeState
    document: Document
    colour: Colour
    turn: Callable[[], None]
    held: bool = False
    closed: bool = False

    def hold(self, seconds: float) -> None:
        """Let users wait for ``seconds``; where that is longer than anyone waits, say 503 and Retry-After to them.

        :raises StairwayError: when they cannot be held; nothing has changed then.
        """
        if seconds > LONGEST_SECONDS:
            self.closed = self.edge.maintain()
        elif not self.held:
            ports = {one.name: one.ports for one in self.document.routed if one.ports}
            hold(self.document.app, seconds, ports)
        self.held = True
        old = other(self.colour)
        drained(
            {port for one in self.document.routed if one.ports for port in one.ports[old]}, seconds=UNDER_WAY_SECONDS
        )

    def flip(self) -> None:
        """The new colour serves from now on."""
        self.turn()

    def release(self) -> None:
        """Let users go on."""
        if self.closed:
            self.edge.end_maintenance()
        release_hold(self.document.app)


Cutover = Callable[[Turn], None]
