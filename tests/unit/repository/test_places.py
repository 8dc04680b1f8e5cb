"""Where the playbooks ask whether app.yml puts the stores where they are, and where they note it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from tools.sources import ROOT

PLAYBOOKS = ROOT / "playbooks"
APP: dict[str, Any] = {
    "name": "chat",
    "domains": ["chat.example.com"],
    "services": {"api": {"image": "acme/api", "port": 3000}},
    "stores": {"db": {"engine": "postgresql", "version": "16", "database": "c", "user": "c", "password": "p"}},
    "cloud": {"region": "eu-central-1"},
}
# A task file in a play of its own, with what the tasks before it would have registered.
PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [given.json]
  tasks:
    - stairway.cloud.app:
    - ansible.builtin.import_tasks: {{ tasks }}
    - ansible.builtin.debug: {msg: went on}
"""


def play(folder: Path, tasks: str, **given: Any) -> subprocess.CompletedProcess[str]:
    (folder / "given.json").write_text(json.dumps({"app": APP, **given}))
    (folder / "play.yml").write_text(PLAY.replace("{{ tasks }}", str(PLAYBOOKS / "tasks" / tasks)))
    return subprocess.run(
        ["ansible-playbook", "-i", "localhost,", str(folder / "play.yml")],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "1000", "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("place", ["container", "managed"])
def test_a_release_asks_before_it_touches_anything(tmp_path: Path, place: str) -> None:
    journal = {"app": "chat", "stage": "stage1", "places": {"db": place}}
    played = play(tmp_path, "same_places.yml", standing={"journal": journal})
    assert ("went on" in played.stdout) is (place == "container"), played.stdout + played.stderr
    if place == "managed":
        assert "Nothing was touched" in played.stdout
        assert "write stage: {database: managed} into app.yml" in played.stdout
        assert "ansible-playbook playbooks/move.yml -e store=db -e to=container" in played.stdout


@pytest.mark.parametrize("playbook", ["release", "restore"])
def test_it_is_asked_right_after_where_the_app_stands(playbook: str) -> None:
    tasks = yaml.safe_load((PLAYBOOKS / f"{playbook}.yml").read_text())[0]["tasks"]
    files = [task.get("ansible.builtin.import_tasks") or task.get("ansible.builtin.include_tasks") for task in tasks]
    assert [file for file in files if file][:2] == ["tasks/standing.yml", "tasks/same_places.yml"]


def test_what_a_move_has_left_is_asked_before_the_app_is_told_where_its_stores_are() -> None:
    tasks = yaml.safe_load((PLAYBOOKS / "tasks" / "app.yml").read_text())
    assert [next(key for key in task if "." in key) for task in tasks] == [
        "stairway.cloud.move_info",
        "ansible.builtin.assert",
        "ansible.builtin.import_role",
    ]


@pytest.mark.parametrize("playbook", ["walk_host", "walk_fleet"])
@pytest.mark.parametrize(
    ("journal", "noted"),
    [
        ({"places": {"db": "external"}, "endpoints": {}}, False),
        ({"places": {"db": "container"}, "endpoints": {}}, True),
        ({"endpoints": {}}, True),
    ],
)
def test_a_store_that_has_no_endpoint_of_ours_is_noted_too(playbook: str, journal: dict[str, Any], noted: bool) -> None:
    """From a container to somebody else's on the same stage: without the note the way back would move nothing."""
    plays = yaml.safe_load((PLAYBOOKS / f"{playbook}.yml").read_text())
    (task,) = next(one["tasks"] for one in plays if one["name"].startswith("Record"))
    known = {"stairway_walking": False, "stairway_endpoints": {}, "stairway": {"places": {"db": "external"}}}
    asked = jinja2.Environment().compile_expression(task["when"])  # noqa: S701 - it makes no HTML
    assert asked(**known, stairway_journal=journal) is noted


@pytest.mark.parametrize(
    ("journal", "walking", "noted"),
    [
        ({"stage": "stage1", "places": {"db": "container"}}, False, False),
        ({"stage": "stage1", "places": {}}, False, True),
        ({"stage": "stage1", "places": {}}, True, False),
        ({"stage": None}, False, False),
        ({}, False, False),
    ],
)
def test_a_release_notes_its_new_stores(journal: dict[str, Any], walking: bool, noted: bool) -> None:
    tasks = yaml.safe_load((PLAYBOOKS / "release.yml").read_text())[0]["tasks"]
    task = next(one for one in tasks if one.get("ansible.builtin.include_tasks") == "tasks/settle.yml")
    asked = jinja2.Environment().compile_expression(task["when"])  # noqa: S701 - it makes no HTML
    standing = {"journal": journal, "walking": walking}
    assert bool(asked(stairway={"places": {"db": "container"}}, standing=standing)) is noted
