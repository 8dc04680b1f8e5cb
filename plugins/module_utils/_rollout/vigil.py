"""Watching containers: until they are well, and whether they stay so."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from .._common import wait
from .._common.errors import StairwayError
from .._docker.engine import Docker
from .._docker.parse import Container
from .health import Answer, Streak, ended
from .layout import LABEL, Candidate
from .model import Document
from .probe import ask

# A worker has no path to ask: it has to keep running for this long before it counts as well.
SETTLE_SECONDS = 2.0
# Asking Docker costs a process each time; asking HTTP does not.
DOCKER_EVERY_SECONDS = 1.0


class Vigil:
    """Looks at the containers of one release."""

    def __init__(self, docker: Docker, document: Document, candidates: Sequence[Candidate]) -> None:
        self.docker = docker
        self.document = document
        self.candidates = list(candidates)
        self.streaks: dict[str, Streak] = {}
        self._looked = 0.0
        self._asked: dict[str, float] = {}

    def until_healthy(self, candidates: Sequence[Candidate]) -> None:
        """Return when every one of ``candidates`` is well.

        :raises StairwayError: when one ends, or is not well within its ``start_seconds``; with its last lines.
        """
        begun = time.monotonic()
        longest = max((one.service.health.start_seconds for one in candidates), default=0) + SETTLE_SECONDS

        def look() -> bool | None:
            self._look_at_docker(candidates)
            waiting = [one for one in candidates if not self._well(one, time.monotonic() - begun)]
            for one in waiting:
                if one.port and time.monotonic() - begun > one.service.health.start_seconds:
                    raise self._never_healthy(one)
            return True if not waiting else None

        if wait.until(look, seconds=longest, every=0.1) is None:
            raise self._never_healthy(candidates[0])
        self._look_at_docker(candidates, now=True)

    def stay(self, seconds: float, also: Callable[[], None]) -> None:
        """Return when all stayed well for ``seconds``; ``also`` is called at every look and may raise.

        :raises StairwayError: as soon as one ends or fails its health path several times in a row.
        """

        def look() -> None:
            self._look_at_docker(self.candidates)
            for one in self.candidates:
                self._ask(one)
                if self.streaks.get(one.name, Streak()).failing:
                    raise self._went_bad(one)
            also()

        wait.until(look, seconds=seconds, every=0.2)

    def well_now(self, candidates: Sequence[Candidate]) -> bool:
        """Whether every one of ``candidates`` answers well now; a hiccup is asked again."""
        asked = (wait.until(partial(self._answers, one), seconds=1.5, every=0.5) for one in candidates if one.port)
        return all(asked)

    def _answers(self, one: Candidate) -> bool | None:
        return self._answer(one).well or None

    def _answer(self, one: Candidate) -> Answer:
        health = one.service.health
        return ask(
            one.port or 0,
            health.path or "/",
            timeout=health.timeout_seconds,
            domain=self.document.domain,
            tls=self.document.tls,
        )

    def _well(self, one: Candidate, age: float) -> bool:
        if one.port is None:
            return age >= SETTLE_SECONDS
        self._ask(one)
        return self.streaks.get(one.name, Streak()).healthy

    def _ask(self, one: Candidate) -> None:
        health = one.service.health
        if one.port is None or time.monotonic() - self._asked.get(one.name, 0) < health.interval_seconds:
            return
        answer = self._answer(one)
        self._asked[one.name] = time.monotonic()
        self.streaks[one.name] = self.streaks.get(one.name, Streak()).then(answer)

    def _look_at_docker(self, candidates: Sequence[Candidate], *, now: bool = False) -> None:
        if not now and time.monotonic() - self._looked < DOCKER_EVERY_SECONDS:
            return
        labels = {f"{LABEL}.app": candidates[0].run.labels[f"{LABEL}.app"]} if candidates else {}
        found: dict[str, Container] = {one.name: one for one in self.docker.containers(labels)}
        self._looked = time.monotonic()
        for one in candidates:
            reason = ended(found.get(one.name))
            if reason:
                raise self._error(
                    one,
                    f"{one.service.name} does not keep running: {reason}.",
                    "Read its last lines; mend that, release again.",
                )

    def _never_healthy(self, one: Candidate) -> StairwayError:
        health = one.service.health
        last = self.streaks.get(one.name, Streak()).last
        return self._error(
            one,
            f"{one.service.name} did not become healthy within {health.start_seconds:g} s.",
            "Mend the service, or raise its health.start_seconds if it only needs longer to start.",
            expected=f"HTTP 2xx at {health.path}",
            found=str(last) if last else "no answer",
        )

    def _went_bad(self, one: Candidate) -> StairwayError:
        last = self.streaks[one.name].last
        return self._error(
            one,
            f"{one.service.name} became unhealthy after the switch.",
            "Mend the service, then release again.",
            expected=f"HTTP 2xx at {one.service.health.path}",
            found=str(last),
        )

    def _error(
        self,
        one: Candidate,
        message: str,
        fix: str,
        *,
        expected: str | None = None,
        found: str | None = None,
    ) -> StairwayError:
        lines = self.docker.last_lines(one.name)
        return StairwayError(
            message,
            where=f"{one.name} ({one.run.image})",
            expected=expected,
            found=found,
            fix=fix,
            log=lines,
        )
