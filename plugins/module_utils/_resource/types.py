"""The shapes that a field of a blueprint can have.

Each shape can say what is wrong with a value (``problems``), which other entries it names (``links``), put the
ids of those in their place (``resolve``), and bring a value into the one form in which two are compared
(``canonical``). All of it is pure.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._common.suggest import listing, nearest
from .problems import Problem

AWS_ID = re.compile(
    r"^(arn:aws[\w-]*:.+|(vpc|subnet|sg|igw|nat|eipalloc|rtb|vpce|i|lt|ami|vol|eni|pl)-[0-9a-f]{8,17})$"
)


@dataclass(frozen=True)
class Unknown:
    """What a resource that does not exist yet will have; equal to nothing that AWS ever answers."""

    kind: str
    name: str
    output: str = "id"

    def __str__(self) -> str:
        return f"({self.kind}/{self.name}, known after apply)"


Lookup = Callable[["Ref", str], Any]


def _problem(where: str, message: str, value: Any, expected: str, suggestion: str | None = None) -> Problem:
    return Problem(where, message, "nothing" if value is None else json.dumps(value, default=str), expected, suggestion)


@dataclass(frozen=True)
class Shape:
    """The base of all shapes. ``words`` says in the documentation what fits."""

    @property
    def words(self) -> str:
        return "anything"

    @property
    def is_link(self) -> bool:
        """Whether it stands for another resource itself."""
        return False

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        return iter(())

    def links(self, value: Any) -> Iterator[tuple[Ref, str]]:
        """Every place in ``value`` that stands for another resource, by name or by AWS id."""
        return iter(())

    def references(self, value: Any) -> Iterator[tuple[Ref, str]]:
        """Those that name another entry."""
        return ((ref, name) for ref, name in self.links(value) if not AWS_ID.match(name))

    def resolve(self, value: Any, lookup: Lookup) -> Any:
        return value

    def canonical(self, value: Any) -> Any:
        return value


@dataclass(frozen=True)
class Text(Shape):
    """A text. ``pattern`` is matched from its first to its last character; ``says`` describes it to people."""

    pattern: str | None = None
    says: str = "a text"
    least: int = 1
    most: int = 4096
    lower: bool = False  # AWS answers it in small letters

    @property
    def words(self) -> str:
        return self.says

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            quoted = f'"{value}"' if isinstance(value, (int, float)) and not isinstance(value, bool) else None
            yield _problem(where, "This has to be a text.", value, self.says, quoted)
        elif not self.least <= len(value) <= self.most:
            yield _problem(
                where, f"This text has {len(value)} characters.", value, f"{self.least} to {self.most} of them"
            )
        elif self.pattern and not re.fullmatch(self.pattern, value, re.DOTALL):
            yield _problem(where, "This text has the wrong form.", value, self.says)

    def canonical(self, value: Any) -> Any:
        return value.lower() if self.lower and isinstance(value, str) else value


@dataclass(frozen=True)
class Choice(Shape):
    """One of a few words."""

    options: tuple[str, ...]

    @property
    def words(self) -> str:
        return "one of " + listing(f"`{one}`" for one in self.options)

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, str) or value not in self.options:
            yield _problem(
                where, "This word is not known here.", value, listing(self.options), nearest(str(value), self.options)
            )


@dataclass(frozen=True)
class Number(Shape):
    """A number between two others, both included. ``whole`` refuses fractions."""

    low: float
    high: float
    unit: str = ""
    whole: bool = True

    @property
    def words(self) -> str:
        what, unit = "a whole number" if self.whole else "a number", f" {self.unit}" if self.unit else ""
        return f"{what} from {self.low:g} to {self.high:g}{unit}"

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            yield _problem(where, "This has to be a number.", value, self.words)
        elif not self.low <= value <= self.high:
            nearest_one = min(max(value, self.low), self.high)
            yield _problem(where, "This number is out of range.", value, self.words, f"{nearest_one:g}")

    def canonical(self, value: Any) -> Any:
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


@dataclass(frozen=True)
class Flag(Shape):
    """True or false."""

    @property
    def words(self) -> str:
        return "true or false"

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, bool):
            yield _problem(where, "This has to be true or false.", value, self.words)


@dataclass(frozen=True)
class Cidr(Shape):
    """An IPv4 network. ``sizes`` bounds the prefix length: a VPC and its subnets are /16 to /28 (VPC user guide)."""

    longest: int = 32
    shortest: int = 0

    @property
    def words(self) -> str:
        return f"a network such as 10.0.0.0/16, /{self.shortest} to /{self.longest}"

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        try:
            network = ipaddress.ip_network(value if isinstance(value, str) else "", strict=False)
        except ValueError:
            yield _problem(where, "This is no network.", value, self.words)
            return
        if str(network) != value:
            yield _problem(where, "This network has bits behind its prefix.", value, self.words, str(network))
        elif not self.shortest <= network.prefixlen <= self.longest:
            size = min(max(network.prefixlen, self.shortest), self.longest)
            yield _problem(
                where, "This network has the wrong size.", value, self.words, f"{network.network_address}/{size}"
            )


@dataclass(frozen=True)
class Ref(Shape):
    """The name of another entry, or an AWS id in its place. ``output`` is what this field needs of it: its ``id``, or
    one of the kind's outputs.
    """

    kind: str
    output: str = "id"

    @property
    def words(self) -> str:
        return f"the name of {'an' if self.kind[0] in 'aeiou' else 'a'} `{self.kind}`, or an AWS id"

    @property
    def is_link(self) -> bool:
        return True

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, str) or not value:
            yield _problem(where, "This has to name another entry.", value, self.words)

    def links(self, value: Any) -> Iterator[tuple[Ref, str]]:
        if isinstance(value, str) and value:
            yield self, value

    def resolve(self, value: Any, lookup: Lookup) -> Any:
        return lookup(self, value) if isinstance(value, str) and not AWS_ID.match(value) else value


@dataclass(frozen=True)
class ListOf(Shape):
    """Several of one shape. With ``ordered=False`` two lists with the same members are the same."""

    item: Shape
    ordered: bool = False
    least: int = 0
    most: int = 1000

    @property
    def words(self) -> str:
        return f"a list; each is {self.item.words}"

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, (list, tuple)):
            yield _problem(
                where, "This has to be a list.", value, self.words, f"[{value}]" if isinstance(value, str) else None
            )
            return
        if not self.least <= len(value) <= self.most:
            yield _problem(where, f"This list has {len(value)} members.", value, f"{self.least} to {self.most} of them")
        for index, one in enumerate(value):
            yield from self.item.problems(one, f"{where}[{index}]")

    def links(self, value: Any) -> Iterator[tuple[Ref, str]]:
        for one in value if isinstance(value, (list, tuple)) else ():
            yield from self.item.links(one)

    def resolve(self, value: Any, lookup: Lookup) -> Any:
        return [self.item.resolve(one, lookup) for one in value] if isinstance(value, (list, tuple)) else value

    def canonical(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            return value
        items = [self.item.canonical(one) for one in value]
        return items if self.ordered else sorted(items, key=lambda one: json.dumps(one, sort_keys=True, default=str))


@dataclass(frozen=True)
class MapOf(Shape):
    """Values of one shape under keys of the user's own."""

    item: Shape
    key: str = r".+"
    most: int = 1000

    @property
    def words(self) -> str:
        return f"a dictionary; each value is {self.item.words}"

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield _problem(where, "This has to be a dictionary.", value, self.words)
            return
        for key, one in value.items():
            if not re.fullmatch(self.key, str(key)):
                yield _problem(f"{where}.{key}", "This key has the wrong form.", key, f"a key like {self.key}")
            yield from self.item.problems(one, f"{where}.{key}")

    def links(self, value: Any) -> Iterator[tuple[Ref, str]]:
        for one in value.values() if isinstance(value, Mapping) else ():
            yield from self.item.links(one)

    def resolve(self, value: Any, lookup: Lookup) -> Any:
        return {k: self.item.resolve(v, lookup) for k, v in value.items()} if isinstance(value, Mapping) else value

    def canonical(self, value: Any) -> Any:
        return {k: self.item.canonical(value[k]) for k in sorted(value)} if isinstance(value, Mapping) else value


@dataclass(frozen=True)
class Part:
    """One key of a ``Record``. A default stands where the key is left out, on both sides of a comparison."""

    shape: Shape
    doc: str
    required: bool = False
    default: Any = None


@dataclass(frozen=True)
class Record(Shape):
    """A dictionary with known keys. ``exactly_one`` names keys of which just one has to be there."""

    parts: Mapping[str, Part] = field(default_factory=dict)
    exactly_one: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return "a dictionary with " + listing(f"`{key}`" for key in self.parts)

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield _problem(where, "This has to be a dictionary.", value, self.words)
            return
        for key in value:
            if key not in self.parts:
                yield _problem(
                    f"{where}.{key}",
                    "This key is not known here.",
                    key,
                    listing(self.parts),
                    nearest(str(key), self.parts),
                )
        for key, part in self.parts.items():
            if value.get(key) is not None:
                yield from part.shape.problems(value[key], f"{where}.{key}")
            elif part.required:
                yield _problem(f"{where}.{key}", "This key is missing.", None, part.shape.words)
        given = [key for key in self.exactly_one if value.get(key) is not None]
        if self.exactly_one and len(given) != 1:
            yield _problem(
                where, f"{len(given)} of these keys are there.", given, f"one of {listing(self.exactly_one)}"
            )

    def _known(self, value: Any) -> Iterator[tuple[str, Part, Any]]:
        for key, part in self.parts.items():
            if isinstance(value, Mapping) and value.get(key) is not None:
                yield key, part, value[key]

    def links(self, value: Any) -> Iterator[tuple[Ref, str]]:
        for _key, part, one in self._known(value):
            yield from part.shape.links(one)

    def resolve(self, value: Any, lookup: Lookup) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {**value, **{key: part.shape.resolve(one, lookup) for key, part, one in self._known(value)}}

    def canonical(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        defaults = {k: p.shape.canonical(p.default) for k, p in self.parts.items() if p.default is not None}
        return {**defaults, **{key: part.shape.canonical(one) for key, part, one in self._known(value)}}


@dataclass(frozen=True)
class Either(Shape):
    """A value of the first of ``shapes`` that has no problem with it: a text or a dictionary, say."""

    shapes: tuple[Shape, ...]

    @property
    def words(self) -> str:
        return ", or ".join(shape.words for shape in self.shapes)

    def _fitting(self, value: Any) -> Shape | None:
        return next((shape for shape in self.shapes if not any(True for _one in shape.problems(value, ""))), None)

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if self._fitting(value) is not None:
            return
        # the shape that is at least of the same sort says best what is wrong
        same = Record if isinstance(value, Mapping) else ListOf if isinstance(value, list) else Shape
        shape = next((one for one in self.shapes if isinstance(one, same)), self.shapes[0])
        yield from shape.problems(value, where)

    def links(self, value: Any) -> Iterator[tuple[Ref, str]]:
        shape = self._fitting(value)
        return shape.links(value) if shape else iter(())

    def resolve(self, value: Any, lookup: Lookup) -> Any:
        shape = self._fitting(value)
        return shape.resolve(value, lookup) if shape else value

    def canonical(self, value: Any) -> Any:
        shape = self._fitting(value)
        return shape.canonical(value) if shape else value


@dataclass(frozen=True)
class Document(Shape):
    """A JSON document such as a policy: a dictionary, compared without regard to the order of its keys."""

    @property
    def words(self) -> str:
        return "a JSON document as a dictionary"

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield _problem(where, "This has to be a dictionary.", value, self.words)

    def canonical(self, value: Any) -> Any:
        return json.loads(json.dumps(value, sort_keys=True, default=str))
