"""plan.yml as a user runs it: the prices that it prints, and the month's limit from which the budget is made, too."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.data import data
from tests.support.ansible import ROOT, environment
from tests.support.aws.apps import resources
from tests.support.aws.emulators import CREDENTIALS, Emulator
from tests.support.aws.runs import census, converge
from tests.support.inventories import raw
from tests.support.priced import VAULT as ATLAS
from tests.support.priced import printed

APPS = ("chat", "resee", "iamvet", "shop", "promo")
APPLY = [
    {
        "name": "Apply | Make the blueprint so",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "tasks": [
            {
                "stairway.cloud.blueprint": {
                    "app": "small",
                    "region": "ap-northeast-2",
                    "resources": [{"vpc": "main", "cidr": "10.9.0.0/16"}, {"elastic_ip": "app"}],
                    "max_monthly": "{{ limit }}",
                    "endpoint_url": "{{ aws_endpoint_url }}",
                }
            }
        ],
    }
]


def played(
    emulator: Emulator, folder: Path, playbook: Path | str, *more: str, **variables: Any
) -> subprocess.CompletedProcess[str]:
    given = folder / "vars.json"
    given.write_text(json.dumps({"aws_endpoint_url": emulator.url, **variables}))
    env = {**environment(), **CREDENTIALS}
    argv = [ROOT / ".venv" / "bin" / "ansible-playbook", playbook, "-e", f"@{given}", *more]
    return subprocess.run(argv, cwd=ROOT, env=env, text=True, capture_output=True, stdin=subprocess.DEVNULL)


def plan(emulator: Emulator, folder: Path, app: str, stage: str, **variables: Any) -> subprocess.CompletedProcess[str]:
    """plan.yml on the app with the values of its vault; ``app`` goes as data, as an inventory's would be templated."""
    described = raw(app, ATLAS)
    return played(
        emulator, folder, ROOT / "playbooks" / "plan.yml", "-i", "localhost,", app=described, stage=stage, **variables
    )


def together(said: str) -> str:
    return next(line for line in said.splitlines() if line.startswith("Together"))


@pytest.mark.parametrize("app", APPS)
def test_a_plan_prints_the_prices_that_stand_beside_the_seeds(on_moto: Emulator, tmp_path: Path, app: str) -> None:
    kept = tmp_path / "plan.json"
    done = plan(on_moto, tmp_path, app, "stage4", plan_json=str(kept), plan_max_monthly=1000)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    asked = json.loads(kept.read_text())
    pure = json.loads(json.dumps(data(printed(app, "stage4"))))
    prices = {(one["kind"], one["name"]): one["lines"] for one in asked["steps"]}
    assert prices == {(one["kind"], one["name"]): one["lines"] for one in pure["steps"]}
    assert asked["month"] == pure["month"]
    assert f"{pure['month']['after']:,.2f}" in together(done.stdout)


def test_what_costs_more_than_the_limit_is_refused_before_anything_is_made(on_moto: Emulator, tmp_path: Path) -> None:
    before = census(on_moto.account())
    done = plan(on_moto, tmp_path, "shop", "stage4", plan_max_monthly=120)
    assert done.returncode != 0
    # what was planned is shown all the same
    assert f"{printed('shop', 'stage4').after.usd:,.2f}" in together(done.stdout)
    assert "more than plan_max_monthly allows. Nothing was touched." in done.stdout
    assert census(on_moto.account()) == before


def test_an_apply_is_refused_in_the_same_way(on_moto: Emulator, tmp_path: Path) -> None:
    playbook = tmp_path / "apply.yml"
    playbook.write_text(yaml.safe_dump(APPLY, sort_keys=False))
    before = census(on_moto.account())
    done = played(on_moto, tmp_path, playbook, "-i", "localhost,", limit=3)
    assert done.returncode != 0
    assert "A month after this plan would cost $3.65" in done.stdout, done.stdout
    assert census(on_moto.account()) == before
    done = played(on_moto, tmp_path, playbook, "-i", "localhost,", limit=4)
    assert done.returncode == 0, done.stdout[-3000:]
    assert (census(on_moto.account()) - before)["ec2:describe_addresses"] == 1


def test_the_budget_is_made_from_the_limit(on_moto: Emulator) -> None:
    """Chat says ``plan_max_monthly: 110``, and of a budget nothing."""
    assert "budget" not in raw("chat")["cloud"]
    entries = [one for one in resources("chat", "stage4") if "budget" in one or "topic" in one]
    converge(on_moto.account(), entries, "chat")
    aws = on_moto.account()
    found = aws.call("budgets", "describe_budgets", AccountId=aws.account_id)["Budgets"]
    assert [(one["BudgetName"], float(one["BudgetLimit"]["Amount"])) for one in found] == [("chat-month", 110)]
