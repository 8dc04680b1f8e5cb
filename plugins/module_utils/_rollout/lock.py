"""One rollout at a time on a host.

The kernel holds the lock (``flock``), so it ends with the process that took it, however that ends, and a reboot ends it
too. The file's text only tells people who holds it and until when. A holder that lives on past its time is stopped.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from .._common import wait
from .._common.atomic import cannot_write
from .._common.errors import StairwayError


@contextlib.contextmanager
def held(path: Path, *, actor: str, what: str, expires: float, patience: float) -> Iterator[None]:
    """Hold the lock at ``path`` for at most ``expires`` seconds, after waiting at most ``patience`` seconds for it.

    :raises StairwayError: when someone else holds it and his time is not over; names him, since when, until when.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "a+", encoding="utf-8")  # noqa: SIM115 - it stays open for as long as the lock is held
    except OSError as error:
        raise cannot_write(path, error) from error
    with file:
        if wait.until(partial(_take, file), seconds=patience) is None:
            raise _busy(path, _holder(file))
        _describe(
            file,
            {
                "actor": actor,
                "what": what,
                "pid": os.getpid(),
                "since": time.time(),
                "until": time.time() + expires,
            },
        )
        try:
            yield
        finally:
            file.truncate(0)
            fcntl.flock(file, fcntl.LOCK_UN)


def _take(file: IO[str]) -> bool | None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _stop_overdue(_holder(file))
        return None
    return True


def _stop_overdue(holder: dict[str, Any] | None) -> None:
    """Stop a holder whose time is over; the next attempt then finds the lock free."""
    if holder is None or holder["until"] > time.time():
        return
    # SIGTERM first: it lets the holder take its half-made colour away.
    patient = holder["until"] + 30 > time.time()
    with contextlib.suppress(ProcessLookupError):
        os.kill(holder["pid"], signal.SIGTERM if patient else signal.SIGKILL)


def _holder(file: IO[str]) -> dict[str, Any] | None:
    file.seek(0)
    try:
        holder = json.loads(file.read())
    except ValueError:
        return None
    return holder if isinstance(holder, dict) and {"pid", "until"} <= holder.keys() else None


def _describe(file: IO[str], holder: dict[str, Any]) -> None:
    file.seek(0)
    file.truncate(0)
    file.write(json.dumps(holder))
    file.flush()


def _busy(path: Path, holder: dict[str, Any] | None) -> StairwayError:
    if holder is None:
        found, fix = (
            "another run, which has not said its name yet",
            "Wait a moment, then run the same command again.",
        )
    else:
        ago = time.time() - holder["since"]
        left = max(0.0, holder["until"] - time.time())
        found = f"{holder['what']} by {holder['actor']}, since {ago:.0f} s, process {holder['pid']}"
        fix = f"Wait for it; in {left:.0f} s at the latest the next run takes the lock over."
    return StairwayError(
        "Another run holds the lock of this app.",
        where=str(path),
        expected="no other run",
        found=found,
        fix=fix,
    )
