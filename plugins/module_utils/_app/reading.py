"""Holds a value against a shape. Gives back the value with every default filled in, and ``BAD`` where something was
wrong.

``BAD`` keeps one mistake from causing others: rules skip what is ``BAD``, and what is ``Opaque``.
"""

from __future__ import annotations

import re
from typing import Any

from .._common.suggest import listing, nearest
from .mistakes import HIDDEN, Mistake, Path, dotted
from .secrets import is_secret
from .shapes import Field, Items, Problem, Record, Scalar, Shape, Table
from .source import Opaque, Source


class _Bad:
    def __repr__(self) -> str:
        return "BAD"


BAD = _Bad()


def known(value: Any) -> bool:
    """Whether a rule can say something about the value."""
    return value is not None and value is not BAD and not isinstance(value, Opaque)


class Report:
    """Collects mistakes and knows where things stand. Never lets a secret into a mistake."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.mistakes: list[Mistake] = []

    def add(self, path: Path, problem: Problem, value: Any, found: str | None = None) -> None:
        """``found`` is for what is not simply ``value``; it must hold no secret."""
        place = self.source.at(path)
        secret = value is not None and (place.secret or is_secret(path, value))
        shown = found if found is not None else HIDDEN if secret else describe(value, self.raw(path))
        suggestion = None if secret and found is None else problem.suggestion
        self.mistakes.append(
            Mistake(
                place.file,
                place.line,
                dotted((place.root, *path)),
                problem.message,
                shown,
                problem.expected,
                suggestion,
            )
        )

    def raw(self, path: Path) -> str | None:
        """A scalar as it was written, where the file is known."""
        place = self.source.exact(path)
        return place.raw if place is not None else None


def describe(value: Any, raw: str | None = None) -> str:
    """A value in the words of somebody who writes YAML."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        written = raw if raw is not None and raw not in ("true", "false") else None
        return f"{str(value).lower()}" + (f", which YAML makes of {written}" if written else "")
    if isinstance(value, (int, float)):
        written = raw if raw is not None and raw != str(value) else None
        return f"the number {value}" + (f", which YAML makes of {written}" if written else "")
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    return f'"{value}"' if isinstance(value, str) else f"a value of type {type(value).__name__}"


def read(value: Any, shape: Shape, path: Path, report: Report) -> Any:
    """``value`` in the given shape."""
    if isinstance(shape, Record):
        return _record(value, shape, path, report)
    if isinstance(shape, Table):
        return _table(value, shape, path, report)
    if isinstance(shape, Items):
        return _items(value, shape, path, report)
    return _scalar(value, shape, path, report)


def _record(value: Any, shape: Record, path: Path, report: Report) -> Any:
    if not isinstance(value, dict):
        return _wrong(value, "a mapping", path, report, example=", ".join(shape.fields))
    for key in value:
        if key not in shape.fields:
            _unknown_key(key, value, shape, path, report)
    return {key: _field(key, value.get(key), field, path, report) for key, field in shape.fields.items()}


def _field(key: str, value: Any, field: Field, path: Path, report: Report) -> Any:
    if value is not None:
        return read(value, field.shape, (*path, key), report)
    if not field.required:
        return None if field.default is None else read(field.default, field.shape, (*path, key), report)
    expected = field.shape.expected if isinstance(field.shape, Scalar) else _kind(field.shape)
    problem = Problem(f"The key {key} is missing.", expected, f"{key}: ...")
    report.add((*path, key), problem, None)
    return BAD


def _kind(shape: Shape) -> str:
    return "a list" if isinstance(shape, Items) else "a mapping"


def _unknown_key(key: str, value: dict[str, Any], shape: Record, path: Path, report: Report) -> None:
    hint = shape.hints.get(key)
    free = [name for name in shape.fields if name not in value]
    suggestion = hint or nearest(key, free) or nearest(key, shape.fields)
    report.add(
        (*path, key),
        Problem("This key is not known here.", f"one of {', '.join(shape.fields)}", suggestion),
        key,
        found=key,
    )


def _table(value: Any, shape: Table, path: Path, report: Report) -> Any:
    if not isinstance(value, dict):
        return _wrong(value, "a mapping", path, report)
    if len(value) < shape.least:
        report.add(
            path, Problem("There has to be at least one.", "at least one entry"), value, found="an empty mapping"
        )
        return BAD
    result = {}
    for key, item in value.items():
        problem = shape.key(str(key))
        if problem is not None:
            report.add((*path, key), problem, key, found=str(key))
        result[key] = read(item, shape.value, (*path, key), report)
    return result


def _items(value: Any, shape: Items, path: Path, report: Report) -> Any:
    if not isinstance(value, (list, tuple)):
        one = (
            f"[{report.raw(path) or value}]"
            if isinstance(value, (str, int)) and not isinstance(value, Opaque)
            else None
        )
        return _wrong(value, "a list", path, report, suggestion=one)
    if len(value) < shape.least:
        report.add(path, Problem("The list is empty.", "a list with at least one entry"), value, found="an empty list")
        return BAD
    return [read(item, shape.item, (*path, index), report) for index, item in enumerate(value)]


def _wrong(
    value: Any, kind: str, path: Path, report: Report, *, example: str = "", suggestion: str | None = None
) -> Any:
    expected = f"{kind} with {example}" if example else kind
    if isinstance(value, Opaque):
        expected += "; a Jinja reference or vault text stands for one value only"
    report.add(path, Problem(f"This has to be {kind}.", expected, suggestion), value)
    return BAD


def _scalar(value: Any, shape: Scalar, path: Path, report: Report) -> Any:
    if isinstance(value, Opaque):
        return value
    problem = _KINDS[shape.kind](value, shape, report.raw(path))
    if problem is None and shape.check is not None:
        problem = shape.check(value)
    if problem is None:
        return str(value) if shape.kind == "env" else value
    report.add(path, problem, value)
    return BAD


def _is_text(value: Any, shape: Scalar, raw: str | None) -> Problem | None:
    if isinstance(value, str):
        return None
    if isinstance(value, (dict, list, tuple)) or value is None:
        return Problem("This has to be a text.", shape.expected)
    written = _written(value, raw)
    close = shape.check(written) if shape.check is not None else None
    if close is not None and shape.expected.startswith("one of"):
        # quotes do not make one of a few words of it
        return Problem("This has to be a text.", shape.expected, close.suggestion)
    return Problem("This has to be a text.", shape.expected, (close and close.suggestion) or f'"{written}"')


def _written(value: Any, raw: str | None) -> str:
    return raw if raw is not None else str(value).lower() if isinstance(value, bool) else str(value)


def _is_env(value: Any, shape: Scalar, raw: str | None) -> Problem | None:
    if isinstance(value, int) and not isinstance(value, bool) and (raw is None or raw == str(value)):
        return None
    if value is None:
        return Problem("This variable has no value.", 'a text; "" for an empty one', '""')
    return _is_text(value, shape, raw)


def _is_integer(value: Any, shape: Scalar, raw: str | None) -> Problem | None:
    if isinstance(value, int) and not isinstance(value, bool):
        if raw is not None and re.fullmatch(r"0[0-9_]+", raw):
            return Problem("YAML reads a number with a leading zero as octal.", shape.expected, raw.lstrip("0"))
        return None
    digits = re.fullmatch(r"\s*([0-9]+)\s*(?:s|sec|seconds?|ms|%)?\s*", value) if isinstance(value, str) else None
    return Problem("This has to be a whole number.", shape.expected, digits[1] if digits else None)


def _is_number(value: Any, shape: Scalar, raw: str | None) -> Problem | None:
    if isinstance(value, float):
        return None
    problem = _is_integer(value, shape, raw)
    if problem is None or problem.message.startswith("YAML"):
        return problem
    digits = (
        re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(?:s|sec|seconds?)?\s*", value) if isinstance(value, str) else None
    )
    return Problem("This has to be a number.", shape.expected, digits[1] if digits else None)


def _is_boolean(value: Any, shape: Scalar, raw: str | None) -> Problem | None:
    if isinstance(value, bool):
        return None
    meant = {
        "yes": "true",
        "true": "true",
        "on": "true",
        "1": "true",
        "no": "false",
        "false": "false",
        "off": "false",
        "0": "false",
    }
    return Problem("This has to be true or false.", listing(("true", "false")), meant.get(str(value).lower()))


_KINDS = {"text": _is_text, "env": _is_env, "integer": _is_integer, "number": _is_number, "boolean": _is_boolean}


def build(value: Any, shape: Shape, name: str | None = None) -> Any:
    """The dataclass, tuple or dict that a value without mistakes stands for."""
    if value is None or isinstance(shape, Scalar):
        return value
    if isinstance(shape, Items):
        return tuple(build(item, shape.item) for item in value)
    if isinstance(shape, Table):
        if shape.named:
            return tuple(build(item, shape.value, key) for key, item in value.items())
        return {key: build(item, shape.value) for key, item in value.items()}
    made = {key: build(item, shape.fields[key].shape) for key, item in value.items() if key in shape.fields}
    return shape.make(**made) if name is None else shape.make(name=name, **made)
