"""How long the parts of a run took and what they waited for, as lines for a terminal or a log. Pure.

A task may tell of its own parts by its result: ``timeline`` is a list of ``name``, ``does``, ``began``, ``ended``
(seconds since the task began), ``waited_for`` (the part whose end let it begin) and ``failed``; ``steps`` is a table of
seconds for parts that came one after the other. ``plan.month`` has what a month costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

BAR = 24
# What is worth a line: so many seconds, and such a share of the whole run.
LEAST_SECONDS, LEAST_SHARE = 1.0, 0.02
MOST_TASKS, MOST_PARTS = 5, 8
# A play whose tasks were all left out.
NOTHING_SECONDS = 0.1


@dataclass(frozen=True)
class Timed:
    """A part of a task."""

    name: str
    began: float
    ended: float
    does: str = ""
    waited_for: str | None = None
    failed: bool = False

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass
class TaskTime:
    """A task on all hosts; ``hosts`` has when each was done. Times are seconds of one clock."""

    name: str
    began: float
    ended: float
    hosts: dict[str, float] = field(default_factory=dict)
    parts: list[Timed] = field(default_factory=list)
    failed: bool = False

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass
class PlayTime:
    """A play and its tasks, in their order."""

    name: str
    began: float
    ended: float
    tasks: list[TaskTime] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass
class Cost:
    """US dollars a month, by the plans of a run: before the first, and after the last."""

    now: float | None = None
    after: float | None = None

    def add(self, month: Mapping[str, Any]) -> None:
        if self.now is None:
            self.now = float(month["now"])
        self.after = float(month["after"])


def parts_of(result: Mapping[str, Any]) -> list[Timed]:
    """What a task's result says of its parts; nothing where it says nothing, or something else by that name."""
    told, steps = result.get("timeline"), result.get("steps")
    if isinstance(told, list):
        return [Timed(**{name: one[name] for name in Timed.__dataclass_fields__ if name in one}) for one in told]
    if isinstance(steps, Mapping) and all(isinstance(one, (int, float)) for one in steps.values()):
        return list(_in_turn(steps))
    return []


def _in_turn(steps: Mapping[str, float]) -> Iterator[Timed]:
    at, before = 0.0, None
    for name, seconds in steps.items():
        yield Timed(str(name), at, at + seconds, waited_for=before)
        at, before = at + seconds, str(name)


def month_of(result: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a plan in a task's result says of a month."""
    plan = result.get("plan")
    month = plan.get("month") if isinstance(plan, Mapping) else None
    return month if isinstance(month, Mapping) and {"now", "after"} <= month.keys() else None


def summary(plays: Iterable[PlayTime], cost: Cost, *, check_mode: bool = False) -> list[str]:
    """The whole run, one line for what is worth one."""
    worth = [play for play in plays if _did_something(play)]
    if not worth:
        return []
    began, ended = worth[0].began, worth[-1].ended
    whole = max(ended - began, 0.001)
    lines: list[str] = []
    for play in worth:
        lines.append(_line(play.name, play.seconds, 0, _bar(play.began - began, play.ended - began, whole)))
        for task in _longest(play.tasks, whole):
            lines.append(_line(_task(task, play), task.seconds, 1, _bar(task.began - began, task.ended - began, whole)))
            lines += _parts(task, whole)
    lines.append(f"{duration(whole):>9}  in all")
    lines += _costs(cost, check_mode=check_mode)
    return lines


def _did_something(play: PlayTime) -> bool:
    return any(task.failed for task in play.tasks) or (bool(play.tasks) and play.seconds >= NOTHING_SECONDS)


def _longest(tasks: Iterable[TaskTime], whole: float) -> list[TaskTime]:
    """In the order in which they came."""
    long = [task for task in tasks if task.seconds >= _least(whole) or task.failed]
    kept = sorted(long, key=lambda task: (not task.failed, -task.seconds))[:MOST_TASKS]
    return [task for task in long if any(task is one for one in kept)]


def _least(whole: float) -> float:
    return max(LEAST_SECONDS, whole * LEAST_SHARE)


def _task(task: TaskTime, play: PlayTime) -> str:
    """Without what the play's name says already, and with the host that the others waited for."""
    name = task.name.rsplit(" : ", 1)[-1]
    name = name.removeprefix(f"{play.name.split(' | ', 1)[0]} | ")
    if task.failed:
        name += " (failed)"
    slowest = max(task.hosts, key=lambda host: task.hosts[host], default="")
    return f"{name} ({slowest} last of {len(task.hosts)})" if len(task.hosts) > 1 else name


def _parts(task: TaskTime, whole: float) -> Iterator[str]:
    """The chain of waits that made the task as long as it was, then what else took long beside it."""
    chain = longest_chain(task.parts)
    shown = [part for part in chain if part.seconds >= _least(whole) or part.failed]
    beside = [part for part in task.parts if part not in chain and (part.seconds >= _least(whole) or part.failed)]
    for part in shown:
        after = f", after {part.waited_for}" if part.waited_for and part.began >= _least(whole) else ""
        yield _line(f"{_part(part)}{after}", part.seconds, 2, "")
    for part in sorted(beside, key=lambda part: -part.seconds)[:MOST_PARTS]:
        yield _line(f"{_part(part)}, meanwhile", part.seconds, 2, "")


def _part(part: Timed) -> str:
    return f"{part.name}{f' ({part.does})' if part.does else ''}{' FAILED' if part.failed else ''}"


def longest_chain(parts: Iterable[Timed]) -> list[Timed]:
    """From the part that ended last back to what it had waited for, and so on; in the order of time."""
    known = {part.name: part for part in parts}
    chain: list[Timed] = []
    at = max(known.values(), key=lambda part: part.ended, default=None)
    while at is not None and at not in chain:
        chain.append(at)
        at = known.get(at.waited_for or "")
    return chain[::-1]


def _costs(cost: Cost, *, check_mode: bool) -> Iterator[str]:
    if cost.now is None or cost.after is None:
        return
    words = "would cost" if check_mode else "costs"
    before = f", {cost.now:,.2f} before" if f"{cost.now:.2f}" != f"{cost.after:.2f}" else ""
    yield f"{f'{cost.after:,.2f}':>9}  US dollars is what a month {words}{before}"


def _line(name: str, seconds: float, depth: int, drawn: str) -> str:
    return f"{duration(seconds):>9}  {drawn:{BAR}}  {'  ' * depth}{name}"


def _bar(began: float, ended: float, whole: float) -> str:
    """When in the run it was."""
    first = min(BAR - 1, int(began / whole * BAR))
    last = max(first + 1, min(BAR, round(ended / whole * BAR)))
    return "." * first + "#" * (last - first) + "." * (BAR - last)


def duration(seconds: float) -> str:
    """``4.2 s``, ``7:05``, ``1:02:05``."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
