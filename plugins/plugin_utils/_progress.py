"""What a long task on the controller says while it works. One for every action plugin that waits.

    with Progress() as say:
        say("database/main", "creating", 3.2)      # as the engine of blueprints calls it
        say.line("2 of 4 machines serve")

A line comes when something happens, and, where nothing has for a while, one that says what is still waited for: whoever
looks at a terminal, or at a log that is cut off when it is silent, sees that the run goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

from ansible.utils.display import Display

SILENT_SECONDS = 30.0
MOST = 4
# The last words of the engine about a resource.
LAST = frozenset({"created", "changed", "linked", "deleted", "failed"})


class Progress:
    """Lines with the seconds since it was made. Safe to call from many threads."""

    def __init__(
        self,
        show: Callable[[str], None] | None = None,
        *,
        silent_seconds: float = SILENT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show = show or Display().display
        self._clock = clock
        self._silent = silent_seconds
        self._began = self._spoke = clock()
        self._open: dict[str, tuple[str, float]] = {}
        self._last = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def __call__(self, key: str, what: str, seconds: float) -> None:
        """What happens to ``key``, ``seconds`` after the engine began."""
        with self._lock:
            if what in LAST:
                self._open.pop(key, None)
            else:
                _before, since = self._open.get(key, ("", self._clock()))
                self._open[key] = (what, since)
            self._say(f"{key}: {what}", seconds)

    def line(self, text: str) -> None:
        """Anything else; it is what is waited for until the next line."""
        with self._lock:
            self._last = text
            self._say(text, self._clock() - self._began)

    def still(self) -> str | None:
        """What to say when nothing has happened for a while; None when it is too early for that."""
        now = self._clock()
        if now - self._spoke < self._silent:
            return None
        waits = sorted(self._open.items(), key=lambda one: one[1][1])
        texts = [f"{key} ({what}, {now - since:.0f} s)" for key, (what, since) in waits[:MOST]]
        more = [f"{len(waits) - MOST} more"] if len(waits) > MOST else []
        if not texts and self._last:
            texts = [self._last]
        return f"still waiting: {', '.join(texts + more)}" if texts else None

    def _watch(self) -> None:
        while not self._over.wait(min(1.0, self._silent)):
            with self._lock:
                text = self.still()
                if text:
                    self._say(text, self._clock() - self._began)

    def _say(self, text: str, seconds: float) -> None:
        self._spoke = self._clock()
        self._show(f"  {seconds:6.1f} s  {text}")
