"""``compose``, ``groups`` and ``keyed_groups`` for many hosts: the rules of ansible-core's ``Constructable``.

ansible-core 2.19 has them in ``plugins/inventory/__init__.py``, host by host. What differs is only how often Jinja runs
(see ``_expressions``); a test holds both against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._expressions import Expression, Failed

EMPTY = (None, "")
Sanitize = Callable[[str], str]


class ConstructError(Exception):
    """An entry that cannot be; always an error, or with ``strict``."""


@dataclass
class Host:
    """One host on its way: what EC2 says of it, what it got so far, and what else Ansible knows of it.

    ``plain`` is false when another inventory has variables of the same host.
    """

    name: str
    facts: dict[str, Any]
    variables: dict[str, Any]
    magic: Mapping[str, Any] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    plain: bool = True


@dataclass(frozen=True)
class Joined:
    """A group that the host joins, and the group above it."""

    group: str
    parent: str | None = None


class Construct:
    """The three options. ``extra`` are extra vars with ``use_extra_vars``, else empty.

    ``expression`` makes an ``Expression`` of a text, ``condition`` one whose answer is true or false, ``template``
    fills in the name of a ``parent_group``.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        *,
        expression: Callable[[str], Expression],
        condition: Callable[[str], Expression],
        template: Callable[[Any, dict[str, Any]], Any],
        sanitize: Sanitize,
        extra: Mapping[str, Any],
    ) -> None:
        self._strict = bool(options["strict"])
        self._leading = options["leading_separator"]
        self._template = template
        self._sanitize = sanitize
        self._extra = extra
        self._compose = {name: expression(text) for name, text in (options["compose"] or {}).items()}
        self._groups = [(sanitize(name), condition(text)) for name, text in (options["groups"] or {}).items()]
        self._keyed = [(_keyed(entry), expression(entry.get("key"))) for entry in options["keyed_groups"] or ()]
        self._names: dict[Any, list[str]] = {}

    @property
    def roots(self) -> frozenset[str] | None:
        """The variables that are read, ``None`` when that cannot be told."""
        every = [*self._compose.values(), *(one for _name, one in self._groups), *(one for _entry, one in self._keyed)]
        if any(one.roots is None for one in every):
            return None
        return frozenset().union(*(one.roots or () for one in every))

    @property
    def empty(self) -> bool:
        return not (self._compose or self._groups or self._keyed)

    def compose(self, host: Host) -> None:
        """Set the composed variables. They see what EC2 says, and not each other."""
        view = (self._extra, host.facts)
        for name, expression in self._compose.items():
            found = expression.value(view, lambda: {**host.facts, **self._extra}, host.plain and not self._extra)
            if not isinstance(found, Failed):
                host.variables[name] = found
            elif self._strict:
                raise ConstructError(f"Could not set {name} for host {host.name}: {found.error}") from found.error

    def join(self, host: Host) -> Iterator[Joined]:
        """The groups of ``groups`` and ``keyed_groups``. They see composed variables too."""
        view = (host.variables, host.magic, host.facts)
        for name, expression in self._groups:
            found = expression.value(view, lambda: self._merged(host), host.plain)
            if isinstance(found, Failed):
                if self._strict:
                    text = f"Could not add host {host.name} to group {name}: {found.error}"
                    raise ConstructError(text) from found.error
            elif found:
                yield Joined(name)
        for number, (entry, expression) in enumerate(self._keyed):
            yield from self._keyed_groups(number, entry, expression, host)

    def _merged(self, host: Host) -> dict[str, Any]:
        return {**host.facts, **host.magic, **host.variables}

    def _keyed_groups(
        self, number: int, entry: Mapping[str, Any], expression: Expression, host: Host
    ) -> Iterator[Joined]:
        def whole() -> dict[str, Any]:
            return {**self._merged(host), **self._extra}

        view = (self._extra, host.variables, host.magic, host.facts)
        key = expression.value(view, whole, host.plain and not self._extra)
        if isinstance(key, Failed):
            if self._strict:
                text = f"Could not generate group for host {host.name} from {expression.text} entry: {key.error}"
                raise ConstructError(text) from key.error
            return
        default = entry.get("default_value")
        if not key and not (key in EMPTY and default is not None):
            if self._strict and key not in ([], {}):
                text = f"No key or key resulted empty for {expression.text} in host {host.name}, invalid entry"
                raise ConstructError(text)
            return
        parent = entry.get("parent_group")
        if isinstance(parent, str) and "{" in parent:
            filled = self._template(parent, whole())
            if isinstance(filled, Failed):
                if self._strict:
                    text = f"Could not generate parent group {parent!r} for group {key!r}: {filled.error}"
                    raise ConstructError(text) from filled.error
                return
            parent = filled
        above = self._sanitize(str(parent)) if parent else None
        for name in self._names_of(number, entry, key):
            yield Joined(name, above)

    def _names_of(self, number: int, entry: Mapping[str, Any], key: Any) -> list[str]:
        known = (number, key if type(key) is str else repr(key))
        if known not in self._names:
            separator = entry.get("separator", "_")
            prefix = entry.get("prefix", "")
            bare = raw_names(key, separator, entry.get("default_value"), entry.get("trailing_separator"))
            if prefix == "" and self._leading is False:
                separator = ""
            self._names[known] = [self._sanitize(f"{prefix}{separator}{name}") for name in bare]
        return self._names[known]


def raw_names(key: Any, separator: str, default: str | None, trailing: bool | None) -> list[str]:
    """The names that a key stands for, without prefix.

    :raises ConstructError: when it is neither a text nor a list nor a dictionary.
    """
    if key in EMPTY and default is not None:
        return [default]
    if isinstance(key, str):
        return [key]
    if isinstance(key, list):
        return [str(default) if one in EMPTY and default is not None else str(one) for one in key]
    if not isinstance(key, Mapping):
        raise ConstructError(
            f"Invalid group name format, expected a string or a list of them or dictionary, got: {type(key)}"
        )
    names = []
    for name, value in key.items():
        if value in EMPTY and default is not None:
            names.append(f"{name}{separator}{default}")
        elif value in EMPTY and trailing is False:
            names.append(str(name))
        else:
            names.append(f"{name}{separator}{value}")
    return names


def _keyed(entry: Any) -> Mapping[str, Any]:
    if not entry or not isinstance(entry, Mapping):
        raise ConstructError(f"Invalid keyed group entry, it must be a dictionary: {entry}")
    if entry.get("trailing_separator") is not None and entry.get("default_value") is not None:
        raise ConstructError("parameters are mutually exclusive for keyed groups: default_value|trailing_separator")
    return entry
