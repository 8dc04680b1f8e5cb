"""Until the containers of a release are well. A smaller sister of ``_rollout.vigil``, which also watches a switch."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..._common import wait
from ..._common.errors import StairwayError
from ..._docker.engine import Docker
from ..._rollout.health import GOOD_IN_A_ROW, Answer, ended
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
    good = dict.fromkeys((one.name for one in candidates), 0)
    while any(times < GOOD_IN_A_ROW for times in good.values()):
        wait.pause(EVERY_SECONDS)
        age = time.monotonic() - begun
        found = {one.name: one for one in docker.containers({f"{LABEL}.app": release.app})}
        for one in candidates:
            answer = _asked(one, release)
            well = answer.well if answer else age >= SETTLE_SECONDS
            good[one.name] = good[one.name] + 1 if well else 0
            late = age > one.service.health.start_seconds + SETTLE_SECONDS and not good[one.name]
            reason = ended(found.get(one.name)) or (f"it is not healthy after {age:.0f} s" if late else None)
            if reason:
                raise _ill(docker, one, reason, answer)


def _asked(one: Candidate, release: Release) -> Answer | None:
    health = one.service.health
    if not one.port:
        return None
    return ask(one.port, health.path or "/", timeout=health.timeout_seconds, domain=release.domain, tls=release.tls)


def _ill(docker: Docker, one: Candidate, reason: str, answer: Answer | None) -> StairwayError:
    return StairwayError(
        f"{one.service.name} does not serve: {reason}.",
        where=f"{one.name} ({one.run.image})",
        expected=f"HTTP 2xx at {one.service.health.path}" if one.port else "that it keeps running",
        found=str(answer or reason),
        fix="read its last lines; mend that, release again, or raise its health.start_seconds if it only needs longer",
        log=docker.last_lines(one.name),
    )
