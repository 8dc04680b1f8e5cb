"""Replacing what others stand on: which old ones go before the new ones come, and where that cannot be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .._resource.kind import Kind
from .._resource.problems import Problem
from .graph import Id, users
from .model import Step


def old_first(steps: Iterable[Step], kinds: Mapping[str, Kind]) -> frozenset[Id]:
    """The replacements whose old one goes before the new one comes, by kind and id.

    Those of kinds that cannot stand twice, and those that stand on such a one: a target group can stand beside another,
    but not in a network that has to go.
    """
    world = _world(steps)
    used_by = users([step.found for step in world.values() if step.found is not None], kinds, late=False)
    first = {one for one, step in world.items() if step.verb == "replace" and not kinds[step.kind].create_first}
    waiting = [one for one in first if kinds[one[0]].stays_in_use]
    while waiting:
        more = {user for user in used_by[waiting.pop()] if world[user].verb == "replace"} - first
        first |= more
        waiting += [one for one in more if kinds[one[0]].stays_in_use]
    return frozenset(first)


def occupied(steps: Sequence[Step], kinds: Mapping[str, Kind]) -> Iterator[Problem]:
    """A problem for each that would have to go first although something that stays stands on it: AWS refuses that, and
    it would refuse it half-way.
    """
    world = _world(steps)
    used_by = users([step.found for step in world.values() if step.found is not None], kinds, late=False)
    for one in sorted(old_first(steps, kinds)):
        step, kind = world[one], kinds[one[0]]
        staying = sorted(world[user].key for user in used_by[one] if world[user].verb not in ("replace", "delete"))
        if not (kind.stays_in_use and staying):
            continue
        forcing = step.why.split(", ")[0]
        yield Problem(
            f"{step.key}.{forcing}" if forcing in kind.fields else step.key,
            "This asks for a new one, and AWS does not delete the old one as long as others stand on it.",
            f"{', '.join(staying)} would stay",
            "what it was, or an entry with a new name that those name: both stand until all have moved over, and then "
            "the old one is pruned",
            f"{step.kind}: {step.name}-2",
        )


def _world(steps: Iterable[Step]) -> dict[Id, Step]:
    return {(step.kind, step.found.id): step for step in steps if step.found is not None}
