"""How often Jinja has to run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.plugin_utils._expressions import (
    Expression,
    Failed,
    Missing,
    follow,
    read,
)

ZONE = ("placement", "availability_zone")


@pytest.mark.parametrize(
    ("text", "path", "inputs"),
    [
        ("vpc_id", ("vpc_id",), (("vpc_id",),)),
        ("placement['availability_zone']", ZONE, (ZONE,)),
        ("a.b[0].c", ("a", "b", 0, "c"), (("a", "b", 0, "c"),)),
        ("tags.items", None, (("tags",),)),
        ("tags.get('a')", None, (("tags",),)),
        ("tags[which]", None, (("tags",), ("which",))),
        ("vpc_id == 'x' and a.b is defined", None, (("vpc_id",), ("a", "b"))),
        ("'x'", None, ()),
        ("a | map('upper')", None, (("a",),)),
        ("a | map('random')", None, None),
        ("a | random", None, None),
        ("lookup('env', 'A')", None, None),
        ("now()", None, None),
        ("vars['a']", None, None),
        ("hostvars.x", None, None),
        ("a | unheard_of", None, None),
        ("'{{ a }}'", None, None),
        (r"'\n'", None, None),
        ("1 +", None, None),
        ("a b", None, None),
        (5, None, None),
    ],
)
def test_reads_what_an_expression_depends_on(text: Any, path: Any, inputs: Any) -> None:
    assert read(text) == (path, inputs)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("a",), 1),
        (("b", "c"), [1, 2]),
        (("b", "c", -1), 2),
        (("b", "c", 2), Missing(2)),
        (("b", "c", "x"), Missing(2)),
        (("b", "x"), Missing(1)),
        (("x", "y"), Missing(0)),
        (("a", "b"), Missing(1)),
    ],
)
def test_follows_a_path(path: tuple[Any, ...], expected: Any) -> None:
    assert follow(({"a": 1}, {"a": 2, "b": {"c": [1, 2]}}), path) == expected


def counted(text: str) -> tuple[Expression, list[Any]]:
    asked: list[Any] = []

    def ask(_text: str, variables: dict[str, Any]) -> Any:
        asked.append(variables)
        if variables.get("a") == "bad":
            raise KeyError("bad")
        return len(asked)

    return Expression(text, ask, (KeyError,)), asked


def whole(variables: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    return lambda: variables


def ask_each(expression: Expression, *values: Any, plain: bool = True) -> list[Any]:
    return [expression.value(({"a": value},), whole({"a": value}), plain) for value in values]


def test_asks_once_for_each_value() -> None:
    expression, asked = counted("a == 'x'")
    assert ask_each(expression, "x", "y", "x", 1, True, 1, [1], [1], {"b": 1}) == [1, 2, 1, 3, 4, 3, 5, 5, 6]
    assert len(asked) == 6


def test_asks_not_at_all_for_a_plain_lookup() -> None:
    expression, asked = counted("a")
    assert ask_each(expression, "x", "y", None) == ["x", "y", None]
    assert asked == []


@pytest.mark.parametrize(("text", "plain"), [("a | random", True), ("a", False)])
def test_asks_each_time_where_it_cannot_know(text: str, plain: bool) -> None:
    expression, asked = counted(text)
    ask_each(expression, "x", "x", plain=plain)
    assert len(asked) == 2


def test_remembers_failures() -> None:
    expression, asked = counted("a ~ 'x'")
    first, second = ask_each(expression, "bad", "bad")
    assert isinstance(first, Failed)
    assert first is second
    assert len(asked) == 1


def test_ansible_compiles_an_expression_once() -> None:
    """The place where that is kept is ansible-core's own: this fails when it is gone, and inventories are slower."""
    from ansible.template import Templar, trust_as_template

    from ansible_collections.stairway.cloud.plugins.plugin_utils._templating import Templating

    templar = Templar()
    expression = Templating(templar).expression(trust_as_template("a ~ lookup('env', 'HOME') | length"))
    for number in range(5):
        expression.value((), whole({"a": number}))
    assert templar._engine._compile_expression.cache_info().hits == 4
