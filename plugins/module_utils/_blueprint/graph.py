"""Who needs whom. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from .._resource.kind import Entry, Found, Kind
from .._resource.problems import Problem

Needs = dict[str, set[str]]  # key -> keys that have to be there first


def needs(entries: Sequence[Entry], kinds: Mapping[str, Kind]) -> Needs:
    """For each entry the entries that it names, those in ``after``, and all of the kinds in ``waits_for``."""
    keys = {entry.key for entry in entries}
    by_kind: dict[str, set[str]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, set()).add(entry.key)
    hard = {entry.key: (named(entry, kinds[entry.kind]) | set(entry.after)) & keys for entry in entries}
    for entry in entries:
        for kind_name in kinds[entry.kind].waits_for:
            hard[entry.key] |= by_kind.get(kind_name, set()) - {entry.key}
    return hard


def named(entry: Entry, kind: Kind, *, late: bool = False) -> set[str]:
    """The keys that an entry's fields name: those that order creation, or with ``late`` the others."""
    return {
        f"{ref.kind}/{name}"
        for field_name, field in kind.fields.items()
        if field.late == late
        for ref, name in field.shape.references(entry.attrs.get(field_name))
    }


def without(entries: Sequence[Entry], later: Collection[str], kinds: Mapping[str, Kind]) -> tuple[Entry, ...]:
    """Those of no kind in ``later``, and that name none which is left out."""
    out = {entry.key for entry in entries if entry.kind in later}
    kept = tuple(entry for entry in entries if entry.key not in out)
    while named_out := {entry.key for entry in kept if out & every_name(entry, kinds[entry.kind])}:
        out |= named_out
        kept = tuple(entry for entry in kept if entry.key not in out)
    return kept


def every_name(entry: Entry, kind: Kind) -> set[str]:
    """The keys that an entry names anywhere."""
    return named(entry, kind) | named(entry, kind, late=True) | set(entry.after)


def cycles(graph: Needs) -> Iterator[Problem]:
    """One problem for each ring, told as a path."""
    done: set[str] = set()
    for start in graph:
        if start in done:
            continue
        path: list[str] = []
        stack = [(start, iter(sorted(graph[start])))]
        path.append(start)
        while stack:
            node, following = stack[-1]
            step = next(following, None)
            if step is None:
                done.add(node)
                path.pop()
                stack.pop()
            elif step in path:
                ring = [*path[path.index(step) :], step]
                yield Problem(
                    step,
                    "These entries wait for each other.",
                    " -> ".join(ring),
                    "an order",
                    "take one of the references away",
                )
            elif step not in done and step in graph:
                path.append(step)
                stack.append((step, iter(sorted(graph[step]))))


def ordered(graph: Needs) -> list[str]:
    """All keys, each behind what it needs; otherwise in the order of the blueprint."""
    result: dict[str, None] = {}
    for start in graph:
        stack = [start]
        while stack:
            node = stack[-1]
            waiting = [key for key in sorted(graph.get(node, ())) if key not in result and key in graph]
            if node in result or not waiting:
                result.setdefault(node)
                stack.pop()
            else:
                stack.extend(waiting)
    return list(result)


Id = tuple[str, str]  # a kind and an id


def users(world: Iterable[Found], kinds: Mapping[str, Kind], *, late: bool = True) -> dict[Id, set[Id]]:
    """For each described resource those that refer to it; without ``late`` fields there is no ring among them."""
    everything = list(world)
    by_output: dict[Id, Id] = {}
    for found in everything:
        for value in (found.id, *found.outputs.values()):
            if isinstance(value, str):
                by_output[found.kind, value] = (found.kind, found.id)
    result: dict[Id, set[Id]] = {(found.kind, found.id): set() for found in everything}
    for found in everything:
        me = (found.kind, found.id)
        for name, field in kinds[found.kind].fields.items():
            if field.late and not late:
                continue
            for ref, value in field.shape.links(found.attrs.get(name)):
                target = by_output.get((ref.kind, value))
                if target is not None and target != me:
                    result[target].add(me)
    return result
