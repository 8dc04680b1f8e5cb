"""What a user gives with ``-e`` stands above every variable of a playbook: one of the same name would never be seen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = sorted(ROOT.glob("playbooks/**/*.yml"))
TEXTS = [*PLAYBOOKS, ROOT / "README.md", *ROOT.glob("docs/*.md")]
# handed to the walk by the stage's own playbook, and asked of plan.yml and status.yml: the same meaning
SAME = {"stage"}


def given() -> set[str]:
    """Names that the playbooks and the docs tell users to type."""
    return {name for path in TEXTS for name in re.findall(r"-e [\"'{]*([a-z_]+)\b[\"']?[=:]", path.read_text())}


def own(node: Any) -> set[str]:
    """Names that tasks make: loop variables, facts, what is registered, and what they hand on."""
    found: set[str] = set()
    if isinstance(node, list):
        return found.union(*(own(one) for one in node))
    if not isinstance(node, dict):
        return found
    for key, value in node.items():
        if key in ("loop_var", "index_var", "register") and isinstance(value, str):
            found.add(value)
        elif key in ("vars", "ansible.builtin.set_fact") and isinstance(value, dict):
            found |= set(value)
        else:
            found |= own(value)
    return found


def test_there_are_such_names() -> None:
    assert {"store", "version", "confirm", "move_how"} <= given()


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_none_is_hidden(path: Path) -> None:
    assert own(yaml.safe_load(path.read_text())) & given() - SAME == set()
