"""A plan as tasks with an order: what a step is made of, and what each part has to wait for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .._resource.kind import Kind
from .graph import named, needs, users
from .model import Plan, Step
from .places import old_first

Does = Literal["keep", "make", "change", "link", "remove"]


@dataclass
class Task:
    """One thing to do to one resource.

    ``make`` creates, ``change`` changes what is there, ``link`` sets the late fields of what was just made, ``remove``
    deletes. ``after`` names the tasks that have to be done.
    """

    name: str
    does: Does
    step: Step
    after: set[str] = field(default_factory=set)


def tasks_of(plan: Plan, kinds: Mapping[str, Kind]) -> dict[str, Task]:
    """By name: ``kind/name`` for what ends with the resource being as wanted, with a suffix for the other parts."""
    steps = {step.key: step for step in plan.steps if step.entry is not None}
    tasks: dict[str, Task] = {}
    for step in plan.steps:
        for task in _parts(step, kinds[step.kind]):
            tasks[task.name] = task
    _order_up(steps, tasks, kinds)
    _order_down(plan, tasks, kinds)
    return tasks


def removal(step: Step) -> str:
    return f"{step.key} (remove {step.id})"


def link(step: Step) -> str:
    return f"{step.key} (link)"


def _parts(step: Step, kind: Kind) -> list[Task]:
    if step.entry is None:
        return [] if step.verb == "keep" else [Task(removal(step), "remove", step)]
    if step.verb in ("create", "replace"):
        parts = [Task(step.key, "make", step)]
        if any(kind.fields[name].late for name in step.entry.attrs if step.entry.attrs[name] is not None):
            parts.append(Task(link(step), "link", step, {step.key}))
        if step.verb == "replace":
            parts.append(Task(removal(step), "remove", step))
        return parts
    return [Task(step.key, "keep" if step.verb == "keep" else "change", step)]


def _order_up(steps: Mapping[str, Step], tasks: Mapping[str, Task], kinds: Mapping[str, Kind]) -> None:
    """Who names something waits until it is as wanted."""
    entries = [step.entry for step in steps.values() if step.entry is not None]
    for key, before in needs(entries, kinds).items():
        tasks[key].after |= before
    for step in steps.values():
        late = named(step.entry, kinds[step.kind], late=True) & steps.keys() if step.entry else set()
        if link(step) in tasks:
            tasks[link(step)].after |= late - {step.key}
        elif step.verb == "change":
            # what it now names may just be being made; a ring cannot come of it: that would be a «make» with a link
            tasks[step.key].after |= {key for key in late if steps[key].verb in ("create", "replace")} - {step.key}


def _order_down(plan: Plan, tasks: Mapping[str, Task], kinds: Mapping[str, Kind]) -> None:
    """What is used goes after those that use it; what is pruned goes after everything else went well."""
    world = {(step.kind, step.found.id): step for step in plan.steps if step.found is not None}
    # two that name each other in late fields go in any order: their kind sees to it
    used_by = users([step.found for step in world.values() if step.found is not None], kinds, late=False)
    up = {name for name, task in tasks.items() if task.does != "remove"}
    goes_first = old_first(plan.steps, kinds)
    for one, step in world.items():
        if removal(step) not in tasks:
            continue
        mine = tasks[removal(step)]
        if one in goes_first:
            tasks[step.key].after.add(mine.name)  # the old one has to go before the new one can come
        else:
            mine.after |= up
        users_first = [other for (kind, _id), other in world.items() if kind in kinds[step.kind].leaves_after]
        for other in (*(world[user] for user in used_by[one]), *users_first):
            if removal(other) in tasks:
                mine.after.add(removal(other))
