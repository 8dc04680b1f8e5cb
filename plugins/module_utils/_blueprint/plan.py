"""The difference between a blueprint and what an account has. Pure: the same two always give the same plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._resource.kind import APP_TAG, NAME_TAG, SWITCHED_TAG, Entry, Found, Kind, Usage, Wanted
from .._resource.problems import BlueprintError, Problem
from .._resource.types import Ref, Unknown
from .compare import Difference, differences
from .graph import needs, ordered, users
from .guard import GiveUp, guard, guarded
from .match import Matched, match
from .model import Plan, Step, Verb
from .places import occupied
from .survey import World, aws_name

OURS = (APP_TAG, NAME_TAG, SWITCHED_TAG, "Name")


@dataclass(frozen=True)
class Goal:
    """What is wanted: the blueprint and how far this run may go.

    ``prune`` takes away what is the app's and in no entry. ``give_up`` names data kinds (``kind/name``) that this run
    may delete or replace, each with the time of its verified backup.
    """

    app: str
    stage: str
    region: str
    entries: tuple[Entry, ...]
    tags: Mapping[str, str]
    prune: bool = False
    give_up: GiveUp = GiveUp()


def wanted_tags(goal: Goal, entry: Entry) -> dict[str, str]:
    """All tags that an entry's resource has to have."""
    return {
        **goal.tags,
        **(entry.tags or {}),
        "Name": f"{goal.app}-{entry.name}",
        APP_TAG: goal.app,
        NAME_TAG: entry.name,
    }


def make_plan(goal: Goal, world: World, kinds: Mapping[str, Kind]) -> Plan:
    """Every entry gets a step, and everything else that is the app's.

    :raises BlueprintError: for what can only be seen beside the account: a foreign resource, a change that AWS
        refuses, data that nobody gave up.
    """
    matched = match(goal.app, goal.entries, world, kinds)
    planning = _Planning(goal, matched, kinds)
    problems = list(matched.problems)
    steps: dict[str, Step] = {}
    by_key = {entry.key: entry for entry in goal.entries}
    for key in ordered(needs(goal.entries, kinds)):
        steps[key] = planning.step(by_key[key], steps)
        problems += planning.refusals(steps[key], steps)
    leftovers = _leftovers(goal, matched, kinds)
    everything = (*steps.values(), *leftovers)
    problems += guard(everything, kinds, goal.give_up)
    problems += occupied(everything, kinds)
    if problems:
        raise BlueprintError(problems)
    related = _related(goal, everything)
    return Plan(
        goal.app, goal.stage, goal.region, tuple(_priced(step, kinds[step.kind], related) for step in everything)
    )


class _Planning:
    def __init__(self, goal: Goal, matched: Matched, kinds: Mapping[str, Kind]) -> None:
        self.goal = goal
        self.matched = matched
        self.kinds = kinds

    def step(self, entry: Entry, steps: Mapping[str, Step]) -> Step:
        kind = self.kinds[entry.kind]
        found = self.matched.of.get(entry.key)
        base = Step("create", entry.kind, entry.name, entry=entry, tags=wanted_tags(self.goal, entry))
        if found is None:
            return replace(base, why=kind.says(entry.attrs, {}))
        if found.state == "deleting":
            return replace(base, why="the one before is being deleted", found=found)
        differing = differences(kind, self.resolved(entry, steps), found.attrs)
        tags, untag = self._tags(entry, found, kind)
        verb, why = _verb(kind, found, differing, bool(tags or untag))
        if verb == "change" and differing:
            why = kind.says(entry.attrs, found.attrs)
        if found.state == "pending" and verb != "replace":
            why = found.asks or why
        if verb == "keep" and entry.adopt and found.app != self.goal.app:
            verb = "adopt"
        return Step(
            verb, entry.kind, entry.name, found.id, differing, why, entry=entry, found=found, tags=tags, untag=untag
        )

    def resolved(self, entry: Entry, steps: Mapping[str, Step]) -> dict[str, Any]:
        """The fields with ids where they are known, and ``Unknown`` where a run has to make the thing first."""

        def lookup(ref: Ref, name: str) -> Any:
            key = f"{ref.kind}/{name}"
            step = steps.get(key)
            found = self.matched.of.get(key)
            made = step is not None and step.verb in ("create", "replace")
            if found is None or made or (step is not None and self._renewed(step, ref.output)):
                return Unknown(ref.kind, name, ref.output)
            return found.output(ref.output)

        fields = self.kinds[entry.kind].fields
        return {name: fields[name].shape.resolve(value, lookup) for name, value in entry.attrs.items()}

    def _renewed(self, step: Step, output: str) -> bool:
        """Whether a change in place gives this output anew."""
        by = self.kinds[step.kind].renews.get(output)
        fields = {one.field for one in step.differences}
        return by is not None and bool(fields & by if by else fields)

    def _tags(self, entry: Entry, found: Found, kind: Kind) -> tuple[dict[str, str], tuple[str, ...]]:
        if kind.retag is None:
            return {}, ()
        wanted = wanted_tags(self.goal, entry)
        add = {key: value for key, value in wanted.items() if found.tags.get(key) != value}
        if entry.tags is None:
            return add, ()
        return add, tuple(sorted(key for key in found.tags if key not in wanted and key not in OURS))

    def refusals(self, step: Step, steps: Mapping[str, Step]) -> Iterator[Problem]:
        """What a kind says against its own change."""
        if step.found is None or step.entry is None or not step.differences:
            return
        kind = self.kinds[step.kind]
        for one in step.differences:
            if kind.fields[one.field].change == "refuse":
                yield Problem(
                    f"{step.key}.{one.field}",
                    "This cannot be changed once it is there.",
                    shown(kind, one, one.before),
                    f"{shown(kind, one, one.before)}, or an entry with a new name",
                )
        fields = frozenset(one.field for one in step.differences)
        yield from kind.refuse(step.found, self.wanted(step.entry, steps), fields)

    def wanted(self, entry: Entry, steps: Mapping[str, Step]) -> Wanted:
        return Wanted(
            entry.kind,
            entry.name,
            self.goal.app,
            self.resolved(entry, steps),
            wanted_tags(self.goal, entry),
            aws_name(self.kinds[entry.kind], self.goal.app, entry),
            token="",
        )


def shown(kind: Kind, difference: Difference, value: Any) -> str:
    """A value for people; never a secret."""
    return "«hidden»" if kind.fields[difference.field].secret else repr(value)


def _verb(kind: Kind, found: Found, differing: Sequence[Difference], tags_differ: bool) -> tuple[Verb, str]:
    forcing = [one.field for one in differing if kind.fields[one.field].change == "replace"]
    if forcing:
        return "replace", ", ".join(forcing)
    if found.state == "failed" and not kind.data:
        return "replace", f"AWS says it failed: {found.why or 'without a reason'}"
    return ("change" if differing or tags_differ else "keep"), ""


def _leftovers(goal: Goal, matched: Matched, kinds: Mapping[str, Kind]) -> list[Step]:
    """What is the app's and in no entry: taken away if the run prunes, and if it holds no data that nobody named."""
    doubles = {entry.key for entry in goal.entries}
    result: dict[tuple[str, str], Step] = {}
    for found in matched.rest:
        if found.state == "deleting":
            continue
        name = found.name or found.id
        double = f"{found.kind}/{name}" in doubles
        if not goal.prune and not double:
            continue
        why = "left over from a replacement" if double else "not in the blueprint"
        result[found.kind, found.id] = Step("delete", found.kind, name, found.id, why=why, found=found)
    return list(_kept_for_data(result, matched, kinds, goal.give_up).values())


def _kept_for_data(
    steps: dict[tuple[str, str], Step], matched: Matched, kinds: Mapping[str, Kind], give_up: GiveUp
) -> dict[tuple[str, str], Step]:
    """Data that nobody gave up stays, and what is protected, and all that either stands on: its network, its keys."""
    uses: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for used, by in users((*matched.of.values(), *matched.rest), kinds).items():
        for one in by:
            uses.setdefault(one, set()).add(used)
    held = [one for one, step in steps.items() if guarded(kinds[step.kind], step.found) and not give_up.names(step.key)]
    staying = list(held)
    reason = {
        one: f"it {'holds data' if kinds[one[0]].data else 'is protected'}, and the run does not give up "
        f"{steps[one].key}"
        for one in held
    }
    while staying:
        holder = staying.pop()
        for used in uses.get(holder, ()):
            if used in steps and used not in reason:
                reason[used] = f"{steps[holder].key} stands on it"
                staying.append(used)
    return {
        one: replace(step, verb="keep", why=reason[one], held=one in held) if one in reason else step
        for one, step in steps.items()
    }


def _related(goal: Goal, steps: Sequence[Step]) -> Any:
    """Attributes behind a reference, by name or by id: what a price may depend on."""
    wanted = {entry.key: entry.attrs for entry in goal.entries}
    found = {f"{s.found.kind}/{s.found.id}": s.found.attrs for s in steps if s.found is not None}

    def related(kind: str, name: str) -> Mapping[str, Any] | None:
        key = f"{kind}/{name}"
        return wanted.get(key) or found.get(key)

    return related


def _priced(step: Step, kind: Kind, related: Any) -> Step:
    before: tuple[Usage, ...] = ()
    after: tuple[Usage, ...] = ()
    if step.found is not None and step.found.state != "deleting":
        before = tuple(kind.price(step.found.attrs, related))
    if step.entry is not None:
        # what an entry leaves alone is as AWS has it
        found = step.found.attrs if step.found is not None else {}
        attrs = {**{name: None for name in kind.fields}, **found}
        attrs.update({name: value for name, value in step.entry.attrs.items() if value is not None})
        after = tuple(kind.price(attrs, related))
    elif step.verb == "keep":
        after = before
    return replace(step, cost_before=before, cost_after=after)
