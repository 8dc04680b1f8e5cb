"""A process of our own beside this one: it outlives us, and hears at the end of its standard input that we are gone."""

from __future__ import annotations

import contextlib
import subprocess
import sys


class Beside:
    """Python, in a session of its own; ``program`` is no secret, what is said to it by :meth:`say` may be."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def number(self) -> int:
        return self._process.pid

    def say(self, line: bytes) -> None:
        """One line. That it is gone already is seen elsewhere."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.write(line)
                self._process.stdin.flush()

    def hang_up(self) -> None:
        """As if we were gone."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def heard(self) -> bytes:
        """The next line that it says; nothing where it has ended."""
        return self._process.stdout.readline() if self._process.stdout is not None else b""

    def end(self, seconds: float) -> None:
        """Wait for its end, and bring it about when that does not come by itself."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
