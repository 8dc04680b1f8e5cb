"""How each database server is configured, spoken to and asked: one file for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

CONFIG = "/rds"  # where a body finds its configuration and certificate
ARCHIVE = "/archive"  # where a body leaves what it has written, for restores to a point in time
ADMIN = "rdsadmin"  # who AWS itself is in a database
_GIB = {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16}


@dataclass(frozen=True)
class Wanted:
    """What decides how a server is set up."""

    port: int
    user: str
    password: str
    database: str
    version: str
    memory: int  # bytes
    parameters: Mapping[str, str]


class Engine(Protocol):
    """One server program."""

    data: str  # where it keeps its data
    port: int

    def image(self, version: str) -> str: ...

    def command(self) -> list[str]: ...

    def environment(self, admin: str) -> dict[str, str]:
        """For the first boot; ``admin`` is the password of ``ADMIN``."""
        ...

    def files(self, wanted: Wanted, known: frozenset[str]) -> dict[str, str]:
        """The configuration: name below ``CONFIG`` -> text."""
        ...

    def known(self) -> list[str]:
        """A command in its image that prints every parameter it knows; empty when it skips what it does not know."""
        ...

    def answers(self, port: int) -> list[str]: ...

    def client(self, admin: str) -> list[str]:
        """Takes SQL on its standard input; options of ``docker exec`` come first."""
        ...

    def setup(self, wanted: Wanted, *, first: bool) -> str:
        """SQL that may run again."""
        ...

    def reload(self, wanted: Wanted) -> str:
        """SQL that brings into effect what needs no restart."""
        ...

    def waits(self, output: str) -> bool:
        """Whether ``reload`` printed that something needs a restart."""
        ...

    def stamp(self) -> str:
        """SQL that writes down that it is now; empty for a server that cannot be set back to a moment."""
        ...

    def written(self) -> str:
        """The folder, below ``data``, of what was written and is not in the archive yet."""
        ...

    def rewound(self, until: str) -> dict[str, str]:
        """Files of ``data`` that make the server go on from an older copy, by its archive, as far as that moment."""
        ...


def memory_of(size: str) -> int:
    """Bytes of an instance class such as ``db.t4g.micro``."""
    word = size.rpartition(".")[2]
    if word.endswith("xlarge") and word != "xlarge":
        return int(word.removesuffix("xlarge")) * 16 << 30
    return _GIB.get(word, 4) << 30


def value_of(text: str, memory: int) -> str:
    """A parameter's value with the formulas of RDS worked out.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ParamValuesRef.html
    """
    inner = text.strip()
    if not inner.startswith(("{", "GREATEST(", "LEAST(", "SUM(")):
        return text
    for word, function in (("GREATEST(", max), ("LEAST(", min), ("SUM(", lambda *numbers: sum(numbers))):
        if inner.startswith(word) and inner.endswith(")"):
            return str(function(*(int(value_of(one, memory)) for one in _split(inner[len(word) : -1]))))
    parts = inner.strip("{}").replace("DBInstanceClassMemory", str(memory)).replace("/", " / ").replace("*", " * ")
    result, sign = 1, "*"
    for part in parts.split():
        if part in "*/":
            sign = part
        elif sign == "*":
            result *= int(part)
        else:
            result //= int(part)
    return str(result)


def _split(text: str) -> list[str]:
    """At the commas that stand in no parentheses."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]
