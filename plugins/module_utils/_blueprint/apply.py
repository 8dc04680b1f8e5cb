"""Carry a plan out: everything at once that can be done at once.

There is no state but the account itself. Whatever moment a run is cut at, the next one surveys, plans and goes on.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from .._common.errors import StairwayError
from .._resource.kind import Kind
from .model import Outcome, Plan, Timed
from .plan import Goal
from .tasks import Task, tasks_of
from .work import Worker

PARALLEL = 48
# Called with (kind/name, what is happening to it, seconds since the start of the run) from any thread.
Progress = Callable[[str, str, float], None]


class ApplyError(StairwayError):
    """At least one resource did not become what the plan says; the others did, but for those that wait for it."""

    def __init__(
        self,
        failures: Mapping[str, StairwayError],
        skipped: Mapping[str, str],
        done: list[str],
        times: tuple[Timed, ...] = (),
    ) -> None:
        lines = [f"{len(failures)} of the plan's steps failed; {len(done)} are done."]
        for key, error in failures.items():
            lines.append(f"{key}: {error}".replace("\n", "\n  "))
        if skipped:
            lines.append("Not begun: " + ", ".join(f"{key} (waits for {on})" for key, on in skipped.items()))
        super().__init__("\n".join(lines), fix="mend the above and run the same command again: it goes on from here")
        self.failures = dict(failures)
        self.skipped = dict(skipped)
        self.done = done
        self.times = times

    def result(self) -> dict[str, Any]:
        """As every error of ours, plus each failure by ``kind/name``, what was not begun, and what is done."""
        return {
            **super().result(),
            "failures": {key: error.result() for key, error in self.failures.items()},
            "skipped": self.skipped,
            "done": self.done,
        }


def apply(aws: Any, goal: Goal, plan: Plan, kinds: Mapping[str, Kind], progress: Progress | None = None) -> Outcome:
    """Do every step of the plan.

    :raises ApplyError: when at least one step failed; a failure stops only what depends on it.
    """
    run = _Run(aws, goal, plan, kinds, progress or (lambda *_: None))
    run.go()
    named = {step.key for step in plan.steps if step.entry is not None}
    outputs = {key: {"id": found.id, **found.outputs} for key, found in run.worker.live.items() if key in named}
    return Outcome(outputs, tuple(run.done), tuple(run.times))


class _Run:
    def __init__(self, aws: Any, goal: Goal, plan: Plan, kinds: Mapping[str, Kind], progress: Progress) -> None:
        self.began = time.monotonic()
        self.lock = threading.Lock()
        self.progress = progress
        token = uuid.uuid4().hex
        self.worker = Worker(aws, goal, plan, kinds, token, self._say)
        self.tasks: dict[str, Task] = tasks_of(plan, kinds)
        self.done: list[str] = []
        self.failures: dict[str, StairwayError] = {}
        self.skipped: dict[str, str] = {}
        self.begun: dict[str, float] = {}
        self.ended: dict[str, float] = {}
        self.times: list[Timed] = []

    def _say(self, key: str, what: str) -> None:
        with self.lock:
            self.progress(key, what, self._now())

    def go(self) -> None:
        waiting = {name: set(task.after) for name, task in self.tasks.items()}
        blocks: dict[str, list[str]] = {}
        for name, before in waiting.items():
            for one in before:
                blocks.setdefault(one, []).append(name)
        ready = [name for name, before in waiting.items() if not before]
        running: dict[Future[None], str] = {}
        with ThreadPoolExecutor(PARALLEL) as pool:
            while ready or running:
                for name in ready:
                    self.begun[name] = self._now()
                    running[pool.submit(self.worker.do, self.tasks[name])] = name
                ready = []
                finished, _rest = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    name = running.pop(future)
                    if self._settle(name, future):
                        ready += _released(name, waiting, blocks)
        self._skip(waiting)
        if self.skipped and not self.failures:
            self.failures["plan"] = _bug("the order of the plan", RuntimeError(f"{self.skipped} wait for each other"))
        if self.failures:
            raise ApplyError(self.failures, self.skipped, self.done, tuple(self.times))

    def _settle(self, name: str, future: Future[None]) -> bool:
        """Whether it went well."""
        error = future.exception()
        self._time(name, failed=error is not None)
        if error is None:
            if self.tasks[name].does != "keep":
                self.done.append(name)
            return True
        self.failures[name] = error if isinstance(error, StairwayError) else _bug(name, error)
        self._say(self.tasks[name].step.key, "failed")
        return False

    def _now(self) -> float:
        return time.monotonic() - self.began

    def _time(self, name: str, *, failed: bool) -> None:
        self.ended[name] = self._now()
        task = self.tasks[name]
        last = max(task.after, key=lambda one: self.ended[one], default=None)
        # what there was nothing to do for took no time, however late its thread came
        idle = task.does == "keep" and not failed and not task.step.pending
        ended = self.begun[name] if idle else self.ended[name]
        self.times.append(Timed(name, task.does, self.begun[name], ended, last, failed))

    def _skip(self, waiting: Mapping[str, set[str]]) -> None:
        for name, before in waiting.items():
            if before and name not in self.failures:
                self.skipped[name] = ", ".join(sorted(before))


def _released(name: str, waiting: dict[str, set[str]], blocks: Mapping[str, list[str]]) -> list[str]:
    result = []
    for blocked in blocks.get(name, ()):
        waiting[blocked].discard(name)
        if not waiting[blocked]:
            result.append(blocked)
    return result


def _bug(name: str, error: BaseException) -> StairwayError:
    return StairwayError(
        f"Stairway stumbled over {name}: {type(error).__name__}: {error}",
        fix="this is a mistake in Stairway: report it with the blueprint; running again is safe",
    )
