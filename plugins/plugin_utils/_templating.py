"""Ansible's templating, as ``_expressions`` wants it."""

from __future__ import annotations

import functools
from typing import Any

from ansible.errors import AnsibleError

from ._expressions import Expression, Failed

ERRORS = (AnsibleError, TypeError)


class Templating:
    """Makes expressions and conditions of texts. Only what the inventory's file says is run, never a value."""

    def __init__(self, templar: Any) -> None:
        self._templar = templar
        _compile_once(templar)

    def expression(self, text: Any) -> Expression:
        return Expression(text, self._evaluate, ERRORS)

    def condition(self, text: Any) -> Expression:
        return Expression(text, self._judge, ERRORS, judged=True)

    def template(self, text: Any, variables: dict[str, Any]) -> Any:
        self._templar.available_variables = variables
        try:
            return self._templar.template(text)
        except ERRORS as error:
            return Failed(error)

    def _evaluate(self, text: str, variables: dict[str, Any]) -> Any:
        self._templar.available_variables = variables
        return self._templar.evaluate_expression(text)

    def _judge(self, text: str, variables: dict[str, Any]) -> bool:
        self._templar.available_variables = variables
        return bool(self._templar.evaluate_conditional(text))


def _compile_once(templar: Any) -> None:
    """Keep what an expression was compiled to: nine tenths of the time of evaluating one.

    It stands in a private place of ansible-core 2.19; where it does not, expressions are only slower.
    """
    engine: Any = getattr(templar, "_engine", None)
    compile_expression = getattr(engine, "_compile_expression", None)
    if engine is not None and callable(compile_expression):
        engine._compile_expression = functools.cache(compile_expression)
