"""No write, without ending anyone's session: the server lets writers wait, and readers pass (CLIENT PAUSE, from 6.2).

The pause is short and renewed from here: when this process dies, writers go on by themselves.
"""

from __future__ import annotations

import contextlib
import threading

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from .wire import Connection

MILLISECONDS, RENEWED_SECONDS = 4000, 1.0


class Fence:
    """One fence."""

    def __init__(self, server: Server, admin: Login) -> None:
        self.connection = Connection(server, admin)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def close_off(self) -> None:
        self._pause()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()

    def for_good(self, days: int) -> None:
        """Where nobody may take the right to write away: writers wait for as long as the source is kept."""
        self._end()
        self.connection.call("CLIENT", "PAUSE", days * 86_400_000, "WRITE")

    def open(self, *, unpause: bool = True) -> None:
        """Let writers go on."""
        self._end()
        with contextlib.suppress(StairwayError):
            if self.connection.open and unpause:
                self.connection.call("CLIENT", "UNPAUSE")
        self.connection.close()

    def _pause(self) -> None:
        self.connection.call("CLIENT", "PAUSE", MILLISECONDS, "WRITE")

    def _renew(self) -> None:
        with contextlib.suppress(StairwayError):
            while not self._stop.wait(RENEWED_SECONDS):
                self._pause()

    def _end(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None
