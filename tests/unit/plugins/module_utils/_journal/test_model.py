"""The journal: a walk begins, is cut, goes on and ends; and the host's record keeps it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._journal import host
from ansible_collections.stairway.cloud.plugins.module_utils._journal.model import (
    Journal,
    begun,
    opened,
    settled,
    text,
)
from ansible_collections.stairway.cloud.plugins.module_utils._journal.run import answer

T1, T2, T3, T4 = (f"2026-11-21T0{hour}:00:00Z" for hour in range(1, 5))
DB = {"db": {"host": "db.rds", "port": 5432, "tls": True}}


def walking() -> Journal:
    return begun(begun(opened({"stage": "stage1"}, "chat", "stage2", "ann", T1), "build", T2), "stores", T3)


def test_a_walk_notes_what_was_begun_and_done() -> None:
    walk = walking()["walk"]
    assert (walk["from"], walk["to"], walk["by"], walk["began"]) == ("stage1", "stage2", "ann", T1)
    assert walk["steps"] == {"build": {"begun": T2, "done": T3}, "stores": {"begun": T3}}


def test_a_walk_that_was_cut_goes_on_and_knows_where_the_app_stood() -> None:
    again = opened(walking(), "chat", "stage2", "ben", T4)
    assert again["walk"]["began"] == T1
    assert again["walk"]["by"] == "ben"
    assert again["stage"] == "stage1"
    assert list(again["walk"]["steps"]) == ["build", "stores"]


def test_another_goal_in_the_middle_is_a_new_walk_from_the_last_stage() -> None:
    other = opened(walking(), "chat", "stage1", "ben", T4)
    assert other["walk"]["instead_of"] == "stage2"
    assert (other["walk"]["from"], other["walk"]["to"]) == ("stage1", "stage1")


def test_where_the_app_stands_already_nothing_is_opened_or_noted() -> None:
    stands = {"schema": 1, "app": "chat", "stage": "stage1"}
    assert opened(stands, "chat", "stage1", "ann", T1) == stands
    assert begun(stands, "build", T1) == stands
    assert answer(stands, stands) == {
        "changed": False,
        "journal": stands,
        "walking": False,
        "text": ["chat: stands on stage1"],
    }


def test_a_walk_ends() -> None:
    there = settled(walking(), "stage2", T4, places={"db": "managed"}, endpoints=DB)
    assert "walk" not in there
    assert (there["stage"], there["since"], there["endpoints"]) == ("stage2", T4, DB)
    assert there["last"]["ended"] == T4
    assert all("done" in step for step in there["last"]["steps"].values())
    same = settled(there, "stage2", "later", places={"db": "managed"}, endpoints=DB)
    assert same == there


def test_the_text_says_how_far_it_is_and_how_to_go_on() -> None:
    lines = "\n".join(text(walking()))
    assert "stands on stage1" in lines
    assert "on its way to stage2" in lines
    assert f"stores     begun {T3}" in lines
    assert "ansible-playbook playbooks/stage2.yml" in lines
    assert text({}) == ["the app: no stage has been reached yet"]
    assert "db: managed at db.rds:5432" in "\n".join(
        text(settled({}, "stage2", T1, places={"db": "managed"}, endpoints=DB))
    )


def test_a_host_from_before_the_journal_stands_where_its_release_says(tmp_path: Path) -> None:
    path = host.path_of("chat", tmp_path)
    assert host.load(path) == ({}, {})
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"app": "chat", "stage": "stage1", "current": 3}))
    record, journal = host.load(path)
    assert journal == {"app": "chat", "stage": "stage1"}
    host.save(path, record, walking())
    kept, again = host.load(path)
    assert (kept["current"], again) == (3, walking())
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_broken_record_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    path.write_text("{")
    with pytest.raises(StairwayError, match="cannot be read"):
        host.load(path)
