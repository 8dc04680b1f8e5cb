"""Playbooks can be called by FQCN, and hold no logic."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tools.sources import ROOT

PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
each_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)


def test_the_playbooks_of_stage_1_are_there() -> None:
    assert {"local", "stage1", "release", "rollback", "status", "maintenance"} <= {path.stem for path in PLAYBOOKS}


@each_playbook
def test_name_can_be_reached_by_fqcn(playbook: Path) -> None:
    assert playbook.stem.isidentifier(), "a hyphen makes a playbook unreachable as stairway.cloud.<name>"


@each_playbook
def test_plays_are_named_and_gather_nothing_by_themselves(playbook: Path) -> None:
    for play in yaml.safe_load(playbook.read_text()):
        if "ansible.builtin.import_playbook" in play:
            continue
        assert play.get("name")
        assert play.get("gather_facts") is False
