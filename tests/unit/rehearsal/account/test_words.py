"""Words in documents of Systems Manager."""

from __future__ import annotations

import pytest

from rehearsal.account.lives import words

DOCUMENT = {"parameters": {"a": {"type": "String"}, "b": {"type": "StringList", "default": ["x"]}}}


def test_a_parameter_has_what_was_given_or_its_default() -> None:
    assert words.parameters(DOCUMENT, {"a": ["1"]}) == {"a": "1", "b": ["x"]}


@pytest.mark.parametrize("given", [{}, {"a": ["1"], "c": ["1"]}], ids=["missing", "unknown"])
def test_parameters_that_do_not_fit_are_refused(given: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="parameter"):
        words.parameters(DOCUMENT, given)


@pytest.mark.parametrize(
    ("thing", "value"),
    [
        ("{{ a }}", "1"),
        ("say {{a}} twice {{ a }}", "say 1 twice 1"),
        ({"k": "{{ b }}"}, {"k": ["x", "y"]}),
        (["first", "{{ b }}"], ["first", "x", "y"]),
        ("{{ unknown }}", "{{ unknown }}"),
        (7, 7),
    ],
)
def test_words_are_replaced(thing: object, value: object) -> None:
    assert words.filled(thing, {"a": "1", "b": ["x", "y"]}) == value
