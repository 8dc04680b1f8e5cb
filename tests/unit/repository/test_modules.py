"""What every module documents, and that the action group names them all."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.sources import ROOT

MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))
each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)


def constant(module: Path, name: str) -> Any:
    """The YAML of a module's ``DOCUMENTATION``, ``EXAMPLES`` or ``RETURN``."""
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return yaml.safe_load(ast.literal_eval(node.value))
    pytest.fail(f"{module.name} has no {name}")


def test_the_action_group_names_every_module() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["action_groups"]["all"] == [module.stem for module in MODULES]


@each_module
@pytest.mark.parametrize("mode", ["check_mode", "diff_mode"])
def test_documents_the_mode(module: Path, mode: str) -> None:
    support = constant(module, "DOCUMENTATION")["attributes"][mode]["support"]
    assert support in {"full", "partial", "none", "N/A"}


@each_module
def test_says_since_when_it_exists(module: Path) -> None:
    assert str(constant(module, "DOCUMENTATION")["version_added"]) == "0.1.0"


@each_module
def test_has_examples_that_name_it(module: Path) -> None:
    assert any(f"stairway.cloud.{module.stem}" in task for task in constant(module, "EXAMPLES"))


@each_module
def test_is_short(module: Path) -> None:
    """Documentation, argument spec and main(): what it does stands in its package."""
    code = [
        node
        for node in ast.parse(module.read_text()).body
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant))
    ]
    lines = sum((node.end_lineno or 0) - node.lineno + 1 for node in code)
    assert lines <= 150


@each_module
def test_returns_what_it_documents(module: Path) -> None:
    assert constant(module, "RETURN"), "a module says what it gives back"
