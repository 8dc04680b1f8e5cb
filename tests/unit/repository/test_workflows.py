"""GitHub's workflows: pinned actions, least permissions, and one check that cannot be green by accident."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.sources import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = sorted((ROOT / ".github" / "deploy").glob("*.sh"))
each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)


def jobs(workflow: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(workflow.read_text())["jobs"]
    return found


@each_workflow
def test_actions_are_pinned_by_commit_and_say_which_version(workflow: Path) -> None:
    uses = [line.strip() for line in workflow.read_text().splitlines() if "uses:" in line]
    assert uses
    pinned = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
    assert [line for line in uses if not pinned.search(line)] == []


@each_workflow
def test_a_version_of_an_action_is_one_commit(workflow: Path) -> None:
    seen: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for commit, version in re.findall(r"uses: ([\w./-]+@[0-9a-f]{40}) # (\S+)", path.read_text()):
            seen.setdefault(commit.split("@")[0] + version, set()).add(commit)
    assert [name for name, commits in seen.items() if len(commits) > 1] == []


@each_workflow
def test_permissions_are_given_by_the_job(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text())["permissions"] == {}
    assert [name for name, job in jobs(workflow).items() if "permissions" not in job] == []


@each_workflow
def test_every_job_ends(workflow: Path) -> None:
    assert [name for name, job in jobs(workflow).items() if "timeout-minutes" not in job] == []


@each_workflow
def test_no_expression_in_a_script(workflow: Path) -> None:
    """What others may write (a branch, a title) reaches a shell as a variable only."""
    scripts = [step["run"] for job in jobs(workflow).values() for step in job["steps"] if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


def test_the_required_check_waits_for_every_job() -> None:
    found = jobs(ROOT / ".github" / "workflows" / "ci.yml")
    green = found.pop("green")
    assert set(green["needs"]) == set(found)
    assert green["if"] == "always()"


def test_a_deployment_is_never_cut_off() -> None:
    deploy = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy.yml").read_text())
    assert deploy["concurrency"]["cancel-in-progress"] is False


def test_secrets_reach_only_the_environment_of_a_step() -> None:
    for name, job in jobs(ROOT / ".github" / "workflows" / "deploy.yml").items():
        outside = {key: value for key, value in job.items() if key != "steps"}
        assert "secrets." not in repr(outside), name
        for step in job["steps"]:
            assert "secrets." not in repr({key: value for key, value in step.items() if key != "env"}), name


@pytest.mark.parametrize("script", [path for path in SCRIPTS if path.stem != "lib"], ids=lambda path: path.stem)
def test_deploy_scripts_stop_at_the_first_error(script: Path) -> None:
    assert "set -euo pipefail" in script.read_text()
    assert script.stat().st_mode & 0o111
