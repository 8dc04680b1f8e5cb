"""What every role has, and that its defaults and its argument spec say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.sources import ROOT

ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())
STEPS = ("preflight", "install", "configure", "service")
each_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text()) or {}


def options(role: Path) -> dict[str, Any]:
    found: dict[str, Any] = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"].get("options", {})
    return found


def test_there_are_roles() -> None:
    assert {role.name for role in ROLES} >= {"app", "caddy", "certbot", "cloudwatch_agent", "docker", "host", "nginx"}


@each_role
def test_defaults_and_spec_name_the_same_variables(role: Path) -> None:
    required = {name for name, spec in options(role).items() if spec.get("required")}
    assert set(load(role / "defaults" / "main.yml")) == set(options(role)) - required


@each_role
def test_defaults_and_spec_have_the_same_values(role: Path) -> None:
    defaults = load(role / "defaults" / "main.yml")
    spec = {name: option["default"] for name, option in options(role).items() if "default" in option}
    differing = {
        name: (value, spec.get(name, "nothing in the spec"))
        for name, value in defaults.items()
        # An expression is no literal: the spec then says nothing.
        if "{{" not in repr(value) and (name not in spec or spec[name] != value or type(spec[name]) is not type(value))
    }
    assert not differing, "default, spec"


@each_role
def test_variables_carry_the_name_of_the_role(role: Path) -> None:
    assert [name for name in options(role) if not name.startswith(f"{role.name}_")] == []


@each_role
def test_every_option_is_described(role: Path) -> None:
    assert [name for name, spec in options(role).items() if not spec.get("description") or "type" not in spec] == []


@each_role
@pytest.mark.parametrize("file", ["README.md", "meta/main.yml", "meta/argument_specs.yml", "tasks/main.yml"])
def test_has_the_file(role: Path, file: str) -> None:
    assert (role / file).is_file()


@each_role
def test_readme_names_every_variable(role: Path) -> None:
    text = (role / "README.md").read_text()
    assert [name for name in options(role) if name not in text] == []


@each_role
@pytest.mark.parametrize("file", ["converge.yml", "verify.yml"])
def test_has_a_molecule_scenario(role: Path, file: str) -> None:
    assert (ROOT / "molecule" / role.name / file).is_file()


@each_role
def test_main_only_imports_the_steps_in_order(role: Path) -> None:
    tasks = load(role / "tasks" / "main.yml")
    imported = [task["ansible.builtin.import_tasks"].removesuffix(".yml") for task in tasks]
    assert imported == [step for step in STEPS if (role / "tasks" / f"{step}.yml").exists()]
    for task, step in zip(tasks, imported, strict=True):
        assert {role.name, f"{role.name}_{step}"} <= set(task["tags"])


@each_role
def test_tasks_say_to_which_step_they_belong(role: Path) -> None:
    strays = []
    for step in STEPS:
        path = role / "tasks" / f"{step}.yml"
        tasks = load(path) if path.exists() else []
        names = [str(task.get("name")) for task in tasks]
        strays += [name for name in names if not name.startswith(f"{step.capitalize()} | ")]
    assert strays == []
