"""A blueprint as a person writes it, checked and turned into entries. Pure: nothing is asked of AWS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from .._common.suggest import listing, nearest
from .._resource.kind import Entry, Kind, Sight
from .._resource.problems import BlueprintError, Problem
from .._resource.types import MapOf, Text
from .graph import cycles, needs

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 60
# What every entry may have beside the fields of its kind.
COMMON = ("id", "tags", "protect", "after")
# AWS allows 256 characters in a tag's value: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_TAGS = MapOf(Text(most=256, least=0), key=r"(?!aws:|stairway:).{1,128}", most=40)


def read(resources: Sequence[Any], kinds: Mapping[str, Kind], region: str) -> tuple[Entry, ...]:
    """The entries, in the order of the blueprint.

    :raises BlueprintError: with every problem that can be seen without an account.
    """
    problems: list[Problem] = []
    entries: dict[str, Entry] = {}
    sound: set[str] = set()
    for index, item in enumerate(resources):
        read_one = _Reading(kinds, index)
        entry = read_one.entry(item)
        if entry is not None and entry.key in entries:
            read_one.problems.append(
                Problem(entry.key, "This name is given twice.", entry.name, f"one {entry.kind} of each name")
            )
        elif entry is not None:
            entries[entry.key] = entry
            if not read_one.problems:
                sound.add(entry.key)
        problems += read_one.problems
    problems += _dangling(entries, kinds)
    problems += cycles(needs([entries[key] for key in entries if key in sound], kinds))
    sight = Sight({key: entry for key, entry in entries.items() if key in sound}, region)
    for key, entry in entries.items():
        problems += _checked(kinds[entry.kind], entry, sight, sound=key in sound)
    if problems:
        raise BlueprintError(problems)
    return tuple(entries.values())


def _checked(kind: Kind, entry: Entry, sight: Sight, *, sound: bool) -> list[Problem]:
    """What the kind itself has against an entry. One that has other problems too is checked as far as that goes: a
    check may stumble over a field of the wrong shape, of which is told anyway.
    """
    if sound:
        return list(kind.check(entry, sight))
    problems: list[Problem] = []
    with suppress(Exception):
        problems.extend(kind.check(entry, sight))
    return problems


class _Reading:
    """One item of the list."""

    def __init__(self, kinds: Mapping[str, Kind], index: int) -> None:
        self.kinds = kinds
        self.where = f"resources[{index}]"
        self.problems: list[Problem] = []

    def entry(self, item: Any) -> Entry | None:
        if not isinstance(item, Mapping) or not item:
            self._problem("", "An entry is a dictionary.", item, "such as {vpc: main, cidr: 10.0.0.0/16}")
            return None
        kind_name, name = next(iter(item.items()))
        if kind_name not in self.kinds:
            self._unknown_kind(kind_name, item)
            return None
        if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > LONGEST:
            self._problem(
                f".{kind_name}",
                "This is no name for an entry.",
                name,
                f"small letters, digits and single hyphens, at most {LONGEST}",
                _nicer(name),
            )
            return None
        self.where = f"{kind_name}/{name}"
        kind = self.kinds[kind_name]
        given = dict(list(item.items())[1:])
        attrs = self._attrs(kind, given)
        protect = self._common(given, "protect", bool, "true or false")
        if kind.follows_protect and attrs[kind.follows_protect] is None:
            attrs[kind.follows_protect] = protect
        return Entry(
            kind=kind_name,
            name=name,
            attrs=attrs,
            adopt=self._common(given, "id", str, "an AWS id"),
            protect=protect,
            tags=self._tags(given),
            after=self._after(given),
        )

    def _attrs(self, kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
        for key in given:
            if key not in kind.fields and key not in COMMON:
                words = (*kind.fields, *COMMON)
                self._problem(f".{key}", "This field is not known here.", key, listing(words), nearest(str(key), words))
        attrs: dict[str, Any] = {}
        for key, field in kind.fields.items():
            value = given.get(key)
            if value is not None:
                found = list(field.shape.problems(value, f"{self.where}.{key}"))
                self.problems += [_hidden(one) for one in found] if field.secret else found
            elif field.required:
                self._problem(f".{key}", "This field is missing.", None, field.shape.words)
            attrs[key] = field.default if value is None else value
        if kind.follows_protect and given.get(kind.follows_protect) is None and given.get("protect") is not None:
            attrs[kind.follows_protect] = given["protect"]
        return attrs

    def _tags(self, given: Mapping[str, Any]) -> Mapping[str, str] | None:
        if given.get("tags") is None:
            return None
        self.problems += _TAGS.problems(given["tags"], f"{self.where}.tags")
        return dict(given["tags"]) if isinstance(given["tags"], Mapping) else None

    def _after(self, given: Mapping[str, Any]) -> tuple[str, ...]:
        value = given.get("after") or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self._problem(".after", "This has to be a list of entries.", value, "such as [route_table/private]")
            return ()
        return tuple(value)

    def _common(self, given: Mapping[str, Any], key: str, kind: type, expected: str) -> Any:
        value = given.get(key)
        if value is not None and not isinstance(value, kind):
            self._problem(f".{key}", "This has the wrong type.", value, expected)
            return None
        return value

    def _unknown_kind(self, word: Any, item: Mapping[str, Any]) -> None:
        later = next((key for key in item if key in self.kinds), None)
        if later is not None and nearest(str(word), self.kinds) is None:
            hint = f"write `{later}: {item[later]}` first: an entry starts with its kind"
        else:
            hint = nearest(str(word), self.kinds) or "the kinds are listed in docs/kinds"
        self._problem("", "This kind is not known.", word, "a kind and a name first, then its fields", hint)

    def _problem(self, where: str, message: str, found: Any, expected: str, hint: str | None = None) -> None:
        shown = "nothing" if found is None else repr(found)
        self.problems.append(Problem(self.where + where, message, shown, expected, hint))


def _hidden(problem: Problem) -> Problem:
    return Problem(problem.where, problem.message, "«hidden»", problem.expected)


def _nicer(name: Any) -> str | None:
    text = re.sub(r"[^a-z0-9]+", "-", str(name).lower()).strip("-")[:LONGEST].rstrip("-")
    return text if NAME.fullmatch(text) else None


def _dangling(entries: Mapping[str, Entry], kinds: Mapping[str, Kind]) -> Iterator[Problem]:
    """References to nothing."""
    for entry in entries.values():
        for field_name, field in kinds[entry.kind].fields.items():
            for ref, name in field.shape.references(entry.attrs.get(field_name)):
                if f"{ref.kind}/{name}" not in entries:
                    yield _no_such(f"{entry.key}.{field_name}", ref.kind, name, entries)
        for key in entry.after:
            if key not in entries:
                kind, _slash, name = key.partition("/")
                yield _no_such(f"{entry.key}.after", kind, name or key, entries)


def _no_such(where: str, kind: str, name: str, entries: Mapping[str, Entry]) -> Problem:
    names = [entry.name for entry in entries.values() if entry.kind == kind]
    return Problem(
        where,
        f"There is no {kind} of this name in the blueprint.",
        name,
        listing(names) if names else f"an entry `{kind}: {name}`, or an AWS id",
        nearest(name, names),
    )
