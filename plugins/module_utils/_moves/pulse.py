"""A fence that ends by itself, whatever is gone: its session is one that the server ends when it hears nothing for some
seconds, and this keeps it alive. A lock of a session that nobody is behind any more would stand for hours: a server
learns of a machine, or of a network, that is gone no sooner.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .following import Background
from .session import Session

IDLE_SECONDS, RENEWED_SECONDS = 10, 2.0


class Pulse(Background):
    """``ask`` keeps ``session`` alive; nobody else may speak to it between :meth:`start` and :meth:`end`."""

    def __init__(self, session: Session, ask: Callable[[], object]) -> None:
        super().__init__()
        self.session = session
        self._ask = ask

    def portion(self) -> None:
        if not self._stop.wait(RENEWED_SECONDS):
            self._ask()

    def end(self, until: float = 0.0) -> None:
        """From now on the session may be spoken to; one that does not answer is lost.

        A busy server has until then to answer what it was asked: whoever cuts it off loses a fence that stands.
        """
        self._halt(max(RENEWED_SECONDS, min(until - time.monotonic(), IDLE_SECONDS)))
        if self._thread is not None:
            self.session.cut()
            self._halt(None)
