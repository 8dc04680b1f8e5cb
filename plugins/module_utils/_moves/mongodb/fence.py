"""No write of the app on the source. It ends by itself when this process dies."""

from __future__ import annotations

from .guard import Guard
from .rights import NOTHING, Rights


class Fence:
    """One fence."""

    def __init__(self, rights: Rights) -> None:
        self.rights = rights
        self._guard: Guard | None = None
        self._closed = False

    def ready(self) -> None:
        """Whatever takes time before it. A guard gives back what was taken, so it may be there before."""
        if self.rights.way != NOTHING and self._guard is None:
            self._guard = Guard(self.rights.admin.end, self.rights.app)

    def close_off(self, until: float) -> None:
        """:raises StairwayError: when that does not come to its end in time."""
        self.ready()
        if self.rights.way != NOTHING:
            self._closed = True
            self.rights.take()
            self.rights.end_writes(until)

    def for_good(self) -> None:
        """It stands, whoever dies."""
        self._dismiss()

    def open(self) -> None:
        if self._closed:
            self.rights.give()
        self._dismiss()

    def _dismiss(self) -> None:
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None
        self._closed = False
