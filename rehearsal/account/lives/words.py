"""Words in documents of Systems Manager: ``{{ name }}`` stands for a value. Pure.

https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-syntax-data-elements-parameters.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_WORD = re.compile(r"\{\{\s*([\w:.-]+)\s*\}\}")
_SCALARS = ("String", "Integer", "Boolean", "AWS::EC2::Instance::Id")


def parameters(document: Mapping[str, Any], given: Mapping[str, list[str]]) -> dict[str, Any]:
    """Every parameter's value: what was given (always lists), or its default.

    :raises ValueError: when one has neither, or is not the document's.
    """
    known = document.get("parameters") or {}
    unknown = sorted(set(given) - set(known) - {"AutomationAssumeRole"})
    if unknown:
        raise ValueError(f"parameters that the document does not have: {', '.join(unknown)}")
    values: dict[str, Any] = {}
    for name, rule in known.items():
        if name in given:
            value = given[name]
            values[name] = value[0] if rule.get("type") in _SCALARS and isinstance(value, list) and value else value
        elif "default" in rule:
            values[name] = rule["default"]
        else:
            raise ValueError(f"the parameter {name} has no value")
    return values


def filled(thing: Any, values: Mapping[str, Any]) -> Any:
    """The same with its words replaced. A text that is one word becomes the value itself; lists in lists flatten."""
    if isinstance(thing, dict):
        return {key: filled(value, values) for key, value in thing.items()}
    if isinstance(thing, list):
        found: list[Any] = []
        for one in thing:
            value = filled(one, values)
            found.extend(value if isinstance(value, list) and isinstance(one, str) else [value])
        return found
    if not isinstance(thing, str):
        return thing
    whole = _WORD.fullmatch(thing.strip())
    if whole:
        return values.get(whole[1], thing)
    return _WORD.sub(lambda word: _text(values.get(word[1], word[0])), thing)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
