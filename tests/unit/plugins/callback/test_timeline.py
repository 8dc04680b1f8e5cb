"""The summary of real runs, in a terminal and in a log of GitHub Actions, beside the default output."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .conftest import Play


def local(name: str, *tasks: dict[str, Any], hosts: str = "localhost") -> dict[str, Any]:
    return {"name": name, "hosts": hosts, "connection": "local", "tasks": list(tasks)}


def wait(name: str, seconds: int) -> dict[str, Any]:
    return {"name": name, "ansible.builtin.pause": {"seconds": seconds}}


NOTHING = {"name": "Quick", "ansible.builtin.meta": "noop"}
PLAYS = [
    local("Build | What the stage needs", wait("Build | Make it so", 2), NOTHING),
    local("Tidy | What is left", {"name": "Say", "ansible.builtin.command": {"argv": ["sleep", "0.2"]}}),
]


def lines_of(output: str) -> list[str]:
    """The summary."""
    _before, title, after = output.partition("TIMELINE")
    assert title, output
    return [line for line in after.splitlines()[1:] if line.strip()]


def test_plays_and_their_long_tasks(play: Play) -> None:
    done = play(PLAYS)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = lines_of(done.stdout)
    names = [re.sub(r"^ *[\d.:]+ (s )? *([.#]+)? *", "", line) for line in lines]
    # on a busy machine a short task is a long one
    assert [name for name in names if name != "Say"] == [
        "Build | What the stage needs",
        "Make it so",
        "Tidy | What is left",
        "in all",
    ]
    assert float(lines[1].split()[0]) >= 1.8
    assert all(len(line) <= 100 for line in lines)


def test_the_default_output_is_as_it_was(play: Play) -> None:
    done = play(PLAYS)
    without = play(PLAYS, ANSIBLE_CALLBACKS_ENABLED="nobody.has.this")
    before, _title, _after = done.stdout.partition("TIMELINE")
    assert "TIMELINE" not in without.stdout
    assert before.strip() == without.stdout.strip()
    assert "PLAY RECAP" in before
    assert done.stderr == ""


def test_a_short_run_has_none(play: Play) -> None:
    assert "TIMELINE" not in play(PLAYS[1:], STAIRWAY_TIMELINE_LEAST_SECONDS="5").stdout


def test_each_play_is_a_fold_in_github_actions(play: Play, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    done = play(PLAYS, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(page))
    marks = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert marks == [
        "::group::Build | What the stage needs",
        "::endgroup::",
        "::group::Tidy | What is left",
        "::endgroup::",
    ]
    assert done.stdout.index("TIMELINE") > done.stdout.rindex("::endgroup::")
    assert page.read_text().startswith("```text\n")
    assert "Make it so" in page.read_text()


def test_a_failure_is_an_annotation(play: Play) -> None:
    fails = {"name": "Break: at once", "ansible.builtin.fail": {"msg": "first line\nwhere: 100 %"}}
    done = play([local("Break", fails)], GITHUB_ACTIONS="true")
    assert done.returncode == 2
    assert "::error title=Break%3A at once (localhost)::first line%0Awhere: 100 %25" in done.stdout
    assert any("at once (failed)" in line for line in lines_of(done.stdout))


def test_an_error_that_is_ignored_is_none(play: Play) -> None:
    fails = {"name": "Try", "ansible.builtin.fail": {"msg": "no"}, "ignore_errors": True}
    done = play([local("Try", fails)], GITHUB_ACTIONS="true")
    assert "::error" not in done.stdout
    assert "(failed)" not in done.stdout.partition("TIMELINE")[2]


def test_the_host_that_the_others_waited_for(play: Play) -> None:
    seconds = "{{ 2 if inventory_hostname == 'two' else 0 }}"
    sleep = {"name": "Sleep", "ansible.builtin.command": {"argv": ["sleep", seconds]}}
    done = play([local("Hosts", sleep, hosts="one,two")])
    assert done.returncode == 0, done.stdout
    assert any("Sleep (two last of 2)" in line for line in lines_of(done.stdout))
