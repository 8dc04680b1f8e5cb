"""Waiting. The only place that sleeps, so that tests have one thing to replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer | None], *, seconds: float, every: float = 0.2) -> Answer | None:
    """Call ``ask`` every ``every`` seconds until it answers something other than ``None``.

    Returns that answer, or ``None`` when ``seconds`` have passed. ``ask`` is called at least once.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer is not None:
            return answer
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        pause(min(every, left))


def pause(seconds: float) -> None:
    """Do nothing for ``seconds``."""
    if seconds > 0:
        time.sleep(seconds)
