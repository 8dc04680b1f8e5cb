"""Faults built into an image on purpose (BEHAVIOUR), so that a rollout can be shown to survive a bad version."""

from __future__ import annotations

import logging
import os
import signal
import tempfile
import time
from pathlib import Path

EXIT_AFTER_FAILING = 30.0  # seconds
_log = logging.getLogger(__name__)


class Fault:
    """``at_boot()`` may raise; ``reason()`` is None or says why every answer fails.

    Gunicorn has several processes: the clock of ``broken-later`` is the age of a file, the same for all of them.
    """

    def __init__(self, behaviour: str, fail_after: float, clock: Path | None = None) -> None:
        self.behaviour = behaviour
        self.fail_after = fail_after
        self.clock = clock or Path(tempfile.gettempdir(), "resee-first-good-health")

    def at_boot(self) -> None:
        if self.behaviour == "broken-boot":
            raise RuntimeError("the fault broken-boot was built into this image")

    def was_healthy(self) -> None:
        """The clock of ``broken-later`` starts when the health check succeeds for the first time."""
        if self.behaviour == "broken-later" and not self.clock.exists():
            self.clock.touch()

    def reason(self) -> str | None:
        if self.behaviour == "broken-health":
            return "the fault broken-health was built into this image"
        if self.behaviour == "broken-later" and self.clock.exists():
            age = time.time() - self.clock.stat().st_mtime
            if age > self.fail_after + EXIT_AFTER_FAILING:
                _log.error("giving up")
                os.kill(os.getppid(), signal.SIGTERM)
            if age > self.fail_after:
                return f"the fault broken-later was built into this image: good for {self.fail_after:g} s, then not"
        return None
