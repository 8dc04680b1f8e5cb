"""No write of the app on the source. It ends by itself when this process dies."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..._common.errors import StairwayError
from ..session import BACK_SECONDS
from .guard import Guard
from .rights import NOTHING, Rights


class Fence:
    """One fence. ``rights`` are asked for each time: the session with them may be lost behind it."""

    def __init__(self, rights: Callable[[], Rights]) -> None:
        self._rights = rights
        self._guard: Guard | None = None
        self._closed = False

    def ready(self) -> None:
        """Whatever takes time before it. A guard gives back what was taken, so it may be there before."""
        rights = self._rights()
        if rights.way != NOTHING and self._guard is None:
            self._guard = Guard(rights.admin.end, rights.app)

    def close_off(self, until: float) -> None:
        """:raises StairwayError: when that does not come to its end in time."""
        self.ready()
        rights = self._rights()
        if rights.way != NOTHING:
            self._closed = True
            rights.take()
            rights.end_writes(until)

    def for_good(self) -> None:
        """It stands, whoever dies."""
        self._dismiss()

    def open(self) -> None:
        """:raises StairwayError: when the rights cannot be given back now; the guard then goes on trying."""
        try:
            if self._closed:
                rights = self._rights()
                rights.admin.within(time.monotonic() + BACK_SECONDS)
                rights.give()
        except StairwayError:
            if self._guard is not None:
                self._guard.act()
                self._guard = None
            raise
        self._dismiss()

    def _dismiss(self) -> None:
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None
        self._closed = False
