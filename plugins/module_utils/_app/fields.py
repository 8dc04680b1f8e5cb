"""The words in which the tables of the schema are written: a text, a number, seconds, one of a few words."""

from __future__ import annotations

from .scalars import command, no_blank, one_of, size, within
from .shapes import Check, Items, Scalar


def text(expected: str, check: Check | None = no_blank) -> Scalar:
    return Scalar("text", expected, check)


def integer(low: int, high: int, unit: str = "") -> Scalar:
    return Scalar("integer", f"a whole number from {low} to {high}{unit}", within(low, high, unit))


def number(low: float, high: float, unit: str = "") -> Scalar:
    return Scalar("number", f"a number from {low} to {high}{unit}", within(low, high, unit))


def seconds(low: int, high: int) -> Scalar:
    return integer(low, high, " (seconds)")


def fraction(low: float, high: float) -> Scalar:
    return number(low, high, " (seconds)")


def word(*words: str) -> Scalar:
    return Scalar("text", "one of " + ", ".join(words), one_of(*words))


FLAG = Scalar("boolean", "true or false")
SIZE = text("a size such as 512m", size)
COMMAND = Items(text("a text, one for each argument", command))
