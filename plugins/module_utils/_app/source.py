"""YAML read together with the place of every value, so that a mistake can name its line. Pure: text in, values out.

PyYAML's nodes carry marks, its plain objects do not; so the nodes are walked here. Scalars become what YAML 1.1 makes
of them, as in Ansible. What only Ansible can resolve, ``!vault`` and Jinja, becomes ``Opaque``: a value of any type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .mistakes import HIDDEN, Mistake, Path, dotted

Node = Any  # a node of PyYAML; ``id`` is scalar, sequence or mapping

DEEPEST = 40
_JINJA = re.compile(r"\{\{|\{%|\{#")
_MERGE = "tag:yaml.org,2002:merge"


class Opaque(str):
    """A value that is not known before Ansible has rendered it; as a text it is what stands in the file."""

    vault: bool = False

    @property
    def secret(self) -> bool:
        """Whether it is encrypted, or names a variable that by its name holds a secret."""
        return self.vault or re.search(r"vault|secret|password|token|api_key", self, re.IGNORECASE) is not None


@dataclass(frozen=True)
class Place:
    """Where a value stands: ``raw`` is a scalar as it was written, ``root`` the variable it belongs to."""

    file: str
    line: int | None
    root: str
    raw: str | None = None
    opaque: bool = False
    secret: bool = False


@dataclass
class Source:
    """The places of every value of one spec, which may come from more than one file. Paths start below the variable."""

    name: str = "app"
    root: str = "app"
    places: dict[Path, Place] = field(default_factory=dict)

    def at(self, path: Path) -> Place:
        """The place of ``path``, or of the nearest value around it."""
        for length in range(len(path), -1, -1):
            place = self.places.get(path[:length])
            if place is not None:
                return place
        return Place(self.name, None, self.root)

    def exact(self, path: Path) -> Place | None:
        return self.places.get(path)


@dataclass(frozen=True)
class Document:
    """One file: ``variables`` by name, the place of every value (paths start with the variable), and what is wrong
    with its YAML.
    """

    file: str
    variables: dict[str, Any]
    places: dict[Path, Place]
    mistakes: tuple[Mistake, ...]
    encrypted: bool = False


def load(text: str, file: str, *, encrypted: bool = False) -> Document:
    """Read one file of variables.

    ``encrypted`` says that ``text`` was decrypted: it may hold secrets. Never raises for bad YAML.
    """
    # imported late: ansible-test loads module_utils without PyYAML
    import yaml

    try:
        node: Node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        return Document(file, {}, {}, (_syntax(error, text, file),), encrypted)
    walker = _Walker(file)
    if node is None or node.id != "mapping":
        return Document(file, {}, {}, (_wrong_top(node, file),), encrypted)
    variables = walker.mapping(node, ())
    return Document(file, variables, walker.places, tuple(walker.mistakes), encrypted)


def _syntax(error: Exception, text: str, file: str) -> Mistake:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark is not None else 1
    written = text.splitlines()
    shown = written[line - 1] if 0 < line <= len(written) else ""
    # neither the line nor a word of it is shown: it could be a secret
    problem = re.sub(
        r"(alias|anchor) .*", rf"\1 {HIDDEN}", getattr(error, "problem", None) or str(error).splitlines()[0]
    )
    if "\t" in shown:
        return Mistake(
            file,
            line,
            "(file)",
            "This line is indented with a tab.",
            "a tab",
            "spaces: YAML allows no tabs here",
            "two spaces",
        )
    suggestion = 'quote the text when it has ":", "#", "{" or "[" in it' if mark is not None else None
    return Mistake(file, line, "(file)", "This is not YAML.", problem, "valid YAML", suggestion)


def _wrong_top(node: Node | None, file: str) -> Mistake:
    example = "app:\n    name: chat"
    if node is None:
        return Mistake(file, 1, "(file)", "The file is empty.", "nothing", "the variable app", example)
    found = describe(node)
    return Mistake(
        file, node.start_mark.line + 1, "(file)", "The file holds no variables.", found, "variables by name", example
    )


def describe(node: Node) -> str:
    """A node in words."""
    if node.id == "sequence":
        return "a list"
    return "a mapping" if node.id == "mapping" else "a text"


class _Walker:
    """Turns nodes into values and notes where they stand."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Path, Place] = {}
        self.mistakes: list[Mistake] = []

    def value(self, node: Node, path: Path) -> Any:
        if len(path) > DEEPEST:
            self._mistake(node, path, "The values are nested without end.", "more than 40 levels", "a value", None)
            return None
        if node.id == "mapping":
            return self._braces(node, path) or self.mapping(node, path)
        if node.id == "sequence":
            return self._sequence(node, path)
        return self._scalar(node, path)

    def mapping(self, node: Node, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node, merged in self._pairs(node, path):
            key = key_node.value
            if key in lines and not merged:
                self._duplicate(key_node, (*path, key), lines[key])
            elif key in values:
                continue
            lines[key] = key_node.start_mark.line + 1
            self._place((*path, key), key_node, value_node)
            values[key] = self.value(value_node, (*path, key))
        return values

    def _pairs(self, node: Node, path: Path) -> Iterator[tuple[Node, Node, bool]]:
        """Keys and values, those that ``<<`` brings in last, because what is written beside it wins."""
        merges: list[Node] = []
        for key, value in node.value:
            if key.tag == _MERGE:
                merges.extend(value.value if value.id == "sequence" else [value])
            elif key.id == "scalar":
                yield key, value, False
        for merge in merges:
            if merge.id == "mapping" and len(path) <= DEEPEST:
                yield from ((key, value, True) for key, value, _again in self._pairs(merge, (*path, "<<")))

    def _sequence(self, node: Node, path: Path) -> list[Any]:
        values = []
        for index, item in enumerate(node.value):
            self._place((*path, index), item, item)
            values.append(self.value(item, (*path, index)))
        return values

    def _scalar(self, node: Node, path: Path) -> Any:
        if node.tag in ("!vault", "!vault-encrypted") or (node.tag != "!unsafe" and _JINJA.search(node.value)):
            opaque = Opaque(node.value)
            opaque.vault = node.tag.startswith("!vault")
            return opaque
        if node.tag == "!unsafe":
            return str(node.value)
        if not node.tag.startswith("tag:yaml.org,2002:"):
            self._mistake(
                node, path, "This YAML tag is not known here.", node.tag, "a value without a tag, or !vault", None
            )
            return None
        import yaml

        try:
            return yaml.SafeLoader("").construct_object(node)
        except (yaml.YAMLError, ValueError):
            self._mistake(node, path, "YAML cannot read this value.", node.value, "a value", "write it in quotes")
            return None

    def _place(self, path: Path, at: Node, value: Node) -> None:
        raw = value.value if value.id == "scalar" else None
        vault = value.tag.startswith("!vault")
        opaque = raw is not None and (vault or (value.tag != "!unsafe" and _JINJA.search(raw) is not None))
        secret = opaque and (vault or Opaque(raw or "").secret)
        self.places[path] = Place(self.file, at.start_mark.line + 1, str(path[0]), raw, opaque, secret)

    def _duplicate(self, node: Node, path: Path, first: int) -> None:
        message = "The same key stands here twice; YAML would silently keep the last one."
        found = f"{path[-1]} again (first on line {first})"
        self._mistake(node, path, message, found, "each key once", "take one of the two out")

    def _braces(self, node: Node, path: Path) -> Opaque | None:
        """What ``{{ x }}`` without quotes was meant to be, if that is what the node is."""
        if all(key.id == "scalar" for key, _value in node.value):
            return None
        message = "A Jinja reference has to stand in quotes, else YAML takes the braces for a mapping."
        self._mistake(node, path, message, "{{ ... }} without quotes", "a text", '"{{ ... }}"')
        return Opaque("{{ }}")

    def _mistake(self, node: Node, path: Path, message: str, found: str, expected: str, suggestion: str | None) -> None:
        self.mistakes.append(
            Mistake(self.file, node.start_mark.line + 1, dotted(path) or "(file)", message, found, expected, suggestion)
        )


def merged(base: Any, over: Any) -> Any:
    """``over`` laid over ``base``: mappings key by key, everything else replaced; a null in ``over`` takes the key
    away.
    """
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif key in result:
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def gather(documents: list[Document], names: tuple[str, ...] = ("app", "app_overrides")) -> tuple[Any, Source]:
    """The spec that some files make together, and where its values stand.

    For each name the last file that has it counts.
    """
    data: Any = None
    source = Source(documents[-1].file if documents else names[0])
    for name in names:
        holder = next((document for document in reversed(documents) if name in document.variables), None)
        if holder is None:
            continue
        over = holder.variables[name]
        data = over if data is None else merged(data, over if over is not None else {})
        below = {path[1:]: place for path, place in holder.places.items() if path[0] == name}
        _overlay(source.places, below)
    return data, source


def _overlay(places: dict[Path, Place], below: dict[Path, Place]) -> None:
    """A list that is replaced must not keep the places of the items it had."""
    replaced = {path[:-1] for path in below if path and isinstance(path[-1], int)}
    for path in [path for path in places if path and isinstance(path[-1], int) and path[:-1] in replaced]:
        del places[path]
    keep = {path: place for path, place in below.items() if path != () or () not in places}
    places.update(keep)
