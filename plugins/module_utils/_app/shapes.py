"""The few shapes that a value of the spec can have. The schema is a table of them; ``reading.py`` walks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Union


@dataclass(frozen=True)
class Problem:
    """What a check has against a value: a message, what it expected, and, if it can be guessed, what to try instead."""

    message: str
    expected: str
    suggestion: str | None = None


Check = Callable[[Any], "Problem | None"]


@dataclass(frozen=True)
class Scalar:
    """One value: ``kind`` is text, integer, number, boolean or env (a text, where a whole number does as well)."""

    kind: str
    expected: str
    check: Check | None = None


@dataclass(frozen=True)
class Items:
    """A list of values of one shape."""

    item: Shape
    least: int = 0


@dataclass(frozen=True)
class Table:
    """A mapping whose keys the user chooses; ``key`` checks them.

    With ``named`` the values are told their key as ``name``.
    """

    value: Shape
    key: Check
    least: int = 0
    named: bool = False


@dataclass(frozen=True)
class Field:
    """One key of a ``Record``. Where it is missing or null it takes ``default``, a value as it would stand in YAML."""

    shape: Shape
    required: bool = False
    default: Any = None


@dataclass(frozen=True)
class Record:
    """A mapping with fixed keys; ``make`` builds the dataclass from them.

    ``hints`` maps keys of other tools to ours.
    """

    make: Callable[..., Any]
    fields: Mapping[str, Field]
    hints: Mapping[str, str]


# ansible-test checks module_utils for a Python that knows no «A | B» outside annotations
Shape = Union[Scalar, Items, Table, Record]  # noqa: UP007


def record(make: Callable[..., Any], fields: Mapping[str, Field], hints: Mapping[str, str] | None = None) -> Record:
    return Record(make, fields, hints or {})
