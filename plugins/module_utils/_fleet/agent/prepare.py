"""What has to be done once for a release, however many machines start with it: users in stores, then migrations.

A parameter that is made only where there is none is the lock. Who made it does the work and says how it went; the
others wait for that. Another such parameter below it says who has taken over from a machine that was cut off.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ..._common import wait
from ..._common.errors import StairwayError
from ..model import DONE, FAILED, RUNNING, Prepared, Release, prepared, prepared_path, written
from .aws import Aws

EVERY_SECONDS = 2.0


def once(
    aws: Aws,
    release: Release,
    instance: str,
    work: Callable[[], None],
    told: Callable[[StairwayError], Mapping[str, Any]],
) -> bool:
    """Do ``work``, or wait until another machine has done it; whether it was this one, now or before. ``told`` is what
    may be shown of an error.

    :raises StairwayError: when it failed, here or there, or takes longer than it may.
    """
    path = prepared_path(release.app, release.release)
    until = time.monotonic() + 2 * release.prepare_seconds
    while not aws.put(path, written(Prepared(RUNNING, instance, time.time())), new=True):
        found = _read(aws.parameter(path))
        if found.state == DONE:
            return found.by == instance
        if found.state == FAILED:
            raise _failed(found, release)
        if overdue(found, instance, time.time(), release.prepare_seconds) and _taken(aws, path, instance, found):
            break
        if time.monotonic() > until:
            raise StairwayError(
                f"Another machine has been preparing the release {release.release} for too long.",
                where=path,
                found=f"{found.state} by {found.by}",
                fix="see that machine's status, and release again",
            )
        wait.pause(EVERY_SECONDS)
    try:
        work()
    except StairwayError as error:
        aws.put(path, written(Prepared(FAILED, instance, time.time(), told(error))))
        raise
    aws.put(path, written(Prepared(DONE, instance, time.time())))
    return True


def overdue(found: Prepared, instance: str, now: float, seconds: float) -> bool:
    """Whether a preparation that says ``running`` may be taken over: it is this machine's own, from before it was cut
    off, or older than it may get. Pure.
    """
    return found.by == instance or now - found.epoch > seconds


def _taken(aws: Aws, path: str, instance: str, found: Prepared) -> bool:
    """Two may take it over in the same moment: only one of them can make a parameter for what was ``found``. To write
    over it and look who was last would not do: a call that AWS has put off comes at any time.
    """
    after = f"{path}/after/{found.by}-{found.epoch}"
    # its own name: cut off again, or an answer that was lost
    taken = aws.put(after, instance, new=True) or aws.parameter(after) == instance
    return taken and aws.put(path, written(Prepared(RUNNING, instance, time.time())))


def _read(text: str | None) -> Prepared:
    """What cannot be read, or has just gone, is somebody's."""
    try:
        return prepared(text or "")
    except (ValueError, KeyError, TypeError):
        return Prepared(RUNNING, "somebody", time.time())


def _failed(found: Prepared, release: Release) -> StairwayError:
    parts = {"message": "The release could not be prepared.", **(found.error or {})}
    message = f"{parts.pop('message')} (on {found.by}, for all machines of the release {release.release})"
    return StairwayError(message, **parts)
