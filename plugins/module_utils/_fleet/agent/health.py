"""Until the containers of a release are well. A smaller sister of ``_rollout.vigil``, which also watches a switch."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..._common import wait
from ..._common.errors import StairwayError
from ..._docker.engine import Docker
from ..._rollout.health import Streak, ended
from ..._rollout.layout import LABEL, Candidate
from ..._rollout.probe import ask
from ..model import Release

# A worker has no path to ask: it has to keep running for this long before it counts as well.
SETTLE_SECONDS = 2.0
EVERY_SECONDS = 0.5


def until_healthy(docker: Docker, release: Release, candidates: Sequence[Candidate]) -> None:
    """Return when every one of ``candidates`` is well.

    :raises StairwayError: when one ends, or is not well within its ``start_seconds``; with its last lines.
    """
    begun = time.monotonic()
    streaks = {one.name: Streak() for one in candidates}
    waiting = list(candidates)
    while waiting:
        wait.pause(EVERY_SECONDS)
        found = {one.name: one for one in docker.containers({f"{LABEL}.app": release.app})}
        age = time.monotonic() - begun
        for one in candidates:
            health = one.service.health
            reason = ended(found.get(one.name))
            if one.port:
                answer = ask(
                    one.port, health.path or "/", timeout=health.timeout_seconds, domain=release.domain, tls=release.tls
                )
                streaks[one.name] = streaks[one.name].then(answer)
                late = age > health.start_seconds and not streaks[one.name].healthy
                reason = reason or (f"it is not healthy after {health.start_seconds:g} s" if late else None)
            if reason:
                raise _ill(docker, one, reason, streaks[one.name])
        waiting = [one for one in candidates if not (streaks[one.name].healthy if one.port else age >= SETTLE_SECONDS)]


def _ill(docker: Docker, one: Candidate, reason: str, streak: Streak) -> StairwayError:
    return StairwayError(
        f"{one.service.name} does not serve: {reason}.",
        where=f"{one.name} ({one.run.image})",
        expected=f"HTTP 2xx at {one.service.health.path}" if one.port else "that it keeps running",
        found=str(streak.last) if streak.last else reason,
        fix="read its last lines; mend that, release again, or raise its health.start_seconds if it only needs longer",
        log=docker.last_lines(one.name),
    )
