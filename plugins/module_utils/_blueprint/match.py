"""Which described resource is which entry. Pure.

Identity is the pair of tags ``stairway:app`` and ``stairway:name``, or an id that the entry adopts. Something that has
the name we need in AWS without our tags is somebody else's, and is never touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .._resource.kind import SWITCHED_TAG, Entry, Found, Kind
from .._resource.problems import Problem
from .survey import World, aws_name


@dataclass(frozen=True)
class Matched:
    """``of`` has the resource of each entry that has one; ``rest`` is the app's and belongs to no entry, among it
    second resources of one entry, as a run leaves that was cut while it replaced one.
    """

    of: Mapping[str, Found]
    rest: tuple[Found, ...]
    problems: tuple[Problem, ...]


def match(app: str, entries: Sequence[Entry], world: World, kinds: Mapping[str, Kind]) -> Matched:
    """Everything described has one place: with its entry, in ``rest``, or in a problem."""
    problems: list[Problem] = []
    of: dict[str, Found] = {}
    by_name: dict[tuple[str, str | None], list[Found]] = {}
    for found in (one for several in world.values() for one in several if one.app == app):
        by_name.setdefault((found.kind, found.name), []).append(found)
    for entry in entries:
        candidates = _adopted(app, entry, world, problems) if entry.adopt else by_name.get((entry.kind, entry.name), [])
        if candidates:
            of[entry.key] = max(candidates, key=lambda found: _fitness(kinds[entry.kind], entry, found))
        elif not entry.adopt:
            problems += _foreign(app, entry, world, kinds[entry.kind])
    taken = {(found.kind, found.id) for found in of.values()}
    rest = tuple(f for several in by_name.values() for f in several if (f.kind, f.id) not in taken)
    return Matched(of, rest, tuple(problems))


def _adopted(app: str, entry: Entry, world: World, problems: list[Problem]) -> list[Found]:
    found = [one for one in world.get(entry.kind, ()) if one.id == entry.adopt]
    if not found:
        problems.append(
            Problem(f"{entry.key}.id", "AWS has nothing with this id here.", str(entry.adopt), "an id of this region")
        )
    elif found[0].app not in (None, app):
        problems.append(
            Problem(
                f"{entry.key}.id",
                "This belongs to another app already.",
                f"{entry.adopt} of {found[0].app}",
                "something that no other app uses",
            )
        )
    return found


def _fitness(kind: Kind, entry: Entry, found: Found) -> tuple[bool, int, str]:
    """Alive before dying, then the one with most in common in what cannot be changed: after a replacement that was
    cut, that is the new one. Then the one that was switched to last: the switch was cut before the other got its name.
    """
    fixed = [name for name, field in kind.fields.items() if field.change == "replace" and not field.shape.is_link]
    same = [
        name
        for name in fixed
        if entry.attrs.get(name) is not None
        and kind.fields[name].shape.canonical(entry.attrs[name])
        == kind.fields[name].shape.canonical(found.attrs.get(name))
    ]
    return found.state in ("ready", "pending"), len(same), found.tags.get(SWITCHED_TAG, "")


def _foreign(app: str, entry: Entry, world: World, kind: Kind) -> list[Problem]:
    """Somebody else's resource where ours would go."""
    name = aws_name(kind, app, entry)
    return [
        Problem(
            entry.key,
            "Something with this name is there, and it is not this app's.",
            f"{found.aws_name} ({found.id}) tagged for {found.app}"
            if found.app
            else f"{found.aws_name} ({found.id}), not tagged by Stairway",
            "no such resource, or one of this app",
            f"remove or rename it, or adopt it: id: {found.id}",
        )
        for found in world.get(entry.kind, ())
        if name
        and found.aws_name == name
        and (found.app, found.name) != (app, entry.name)
        and found.state != "deleting"
    ]
