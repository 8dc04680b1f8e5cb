"""The CloudWatch agent's configuration for every example app at each of its stages: the agent's own schema accepts it,
and it sends what alarms, widgets and log groups of the same blueprint are about.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ansible_collections.stairway.cloud.plugins.module_utils._rollout.layout import Layout, candidates
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.model import document
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud import agent
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.agent_setup import AMAZON
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.metrics import AGENT
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.site import Site, site_of
from ansible_collections.stairway.cloud.plugins.module_utils._stages.host import host_facts
from tests.support.figures import at, names
from tests.support.inventories import OVERLAYS, SEEDS, app
from tools.sources import ROOT

# aws/amazon-cloudwatch-agent, translator/config/schema.json; kept beside the checkout, not in it
SCHEMA = ROOT.parent / "shared" / "data" / "cloudwatch-agent.schema.json"
ATLAS = {"vault_atlas_url": "mongodb+srv://chat:p%40s@cluster.example.mongodb.net/chatdb"}
STAGES = ("stage1", "stage2", "stage3", "stage4")
FIVE = [
    pytest.param(name, stage, id=f"{name}-{stage}")
    for name in (*SEEDS, *OVERLAYS)
    for stage in STAGES
    if site_of(app(name, vault=ATLAS), stage).aspects["compute"] in ("host", "fleet")
]
OPTIONS = {"statsd_port": 8125, "processes": ["java", "dockerd"], "interval_seconds": 30}
SCALED = {"cloud": {"watch": {"agent": OPTIONS}}}


def site(name: str, stage: str, over: dict[str, Any] | None = None) -> Site:
    return site_of(app(name, over, vault=ATLAS), stage)


def refused(configuration: dict[str, Any]) -> list[str]:
    """What the agent's schema finds wrong."""
    if not SCHEMA.is_file():
        pytest.skip("the agent's schema is not here: ../shared/data/cloudwatch-agent.schema.json")
    validator = jsonschema.Draft4Validator(json.loads(SCHEMA.read_text()))
    return [f"{list(one.absolute_path)}: {one.message}" for one in validator.iter_errors(configuration)]


@pytest.mark.parametrize("over", [{}, SCALED], ids=["plain", "all options"])
@pytest.mark.parametrize(("name", "stage"), FIVE)
def test_the_agents_own_schema_accepts_it(name: str, stage: str, over: dict[str, Any]) -> None:
    assert refused(agent.configuration(site(name, stage, over))) == []


def test_the_schema_refuses_what_is_wrong() -> None:
    given = agent.configuration(site("chat", "stage1"))
    del given["logs"]["logs_collected"]["files"]["collect_list"][0]["file_path"]
    given["metrics"]["metrics_collected"]["procstat"] = [{"measurement": ["cpu_usage"]}]
    assert len(refused(given)) == 2


def sent(configuration: dict[str, Any]) -> set[str]:
    """The names of the metrics, as CloudWatch has them."""
    found = set()
    for section, one in configuration["metrics"]["metrics_collected"].items():
        for part in one if isinstance(one, list) else [one]:
            found |= {f"{section}_{measured}" for measured in part.get("measurement", ())}
    return found


@pytest.mark.parametrize(("name", "stage"), FIVE)
def test_alarms_and_widgets_are_about_what_is_sent(name: str, stage: str) -> None:
    here = site(name, stage)
    given = agent.configuration(here)
    entries = blueprint(here.app, stage)
    lines = [line for one in entries if "dashboard" in one for widget in one["widgets"] for line in widget["lines"]]
    about = [one for one in (*entries, *lines) if one.get("namespace") == AGENT]
    assert {one["metric"] for one in about} <= sent(given)
    assert given["metrics"]["namespace"] == AGENT
    keys = {"instance": "InstanceId", "autoscaling_group": "AutoScalingGroupName"}
    summed = [set(names) for names in given["metrics"]["aggregation_dimensions"]]
    assert all({keys[kind] for kind in one["of"]} in summed for one in about)


@pytest.mark.parametrize(("name", "stage"), FIVE)
def test_logs_go_to_the_group_of_the_blueprint(name: str, stage: str) -> None:
    here = site(name, stage)
    (group,) = [one["log_name"] for one in blueprint(here.app, stage) if one.get("log_group") == "app"]
    files = agent.configuration(here)["logs"]["logs_collected"]["files"]["collect_list"]
    assert {one["log_group_name"] for one in files} == {group}
    assert all(re.fullmatch(r"[^:*]{1,512}", one["log_stream_name"]) for one in files)


@pytest.mark.parametrize("name", SEEDS)
def test_each_container_of_a_host_has_its_file(name: str) -> None:
    """The names are those that a rollout really gives."""
    here = site(name, "stage1")
    given = document(host_facts(here.app, "stage1")["release"])
    images = {service.name: "an-image" for service in given.services}
    named = {
        one.name
        for colour in ("blue", "green")
        for one in candidates(given, Layout(here.name), colour=colour, number=1, version="1", images=images, mark="m")
    }
    files = agent.configuration(here)["logs"]["logs_collected"]["files"]["collect_list"]
    folders = {Path(one["file_path"]).parent.name for one in files}
    assert {f"{here.name}-{folder}" for folder in folders} == named


def test_a_fleet_finds_it_in_parameter_store() -> None:
    here = site("shop", "stage4")
    plan = blueprint(here.app, "stage4")
    assert at(plan, "parameter/agent.path") == "AmazonCloudWatch-shop"
    assert json.loads(at(plan, "parameter/agent.value")) == agent.configuration(here)
    assert at(plan, "parameter/agent-setup.path") == "AmazonCloudWatch-shop-setup"
    read = {"actions": ["ssm:GetParameter"], "resources": [{"parameter": "agent"}, {"parameter": "agent-setup"}]}
    assert at(plan, "role/app.statements")["agent"] == [read]


def test_the_script_for_a_machine_is_whole(tmp_path: Path) -> None:
    plan = blueprint(app("shop"), "stage4")
    text = at(plan, "parameter/agent-setup.value")
    assert not re.search(r"@\w+@", text)
    assert "-c ssm:AmazonCloudWatch-shop -s" in text
    assert at(plan, "parameter/agent-setup.tier") == "standard"
    subprocess.run(["sh", "-n"], input=text, text=True, check=True)
    other = blueprint(app("shop", SCALED), "stage4")
    assert at(other, "parameter/agent-setup.value") != text  # machines fetch a configuration that changed


def test_the_script_believes_whom_the_role_believes() -> None:
    role = yaml.safe_load((ROOT / "roles/cloudwatch_agent/defaults/main.yml").read_text())
    assert AMAZON.fingerprint == role["cloudwatch_agent_key_fingerprint"].replace(" ", "")
    assert AMAZON.key == role["cloudwatch_agent_key_url"]
    where = yaml.safe_load((ROOT / "roles/cloudwatch_agent/vars/main.yml").read_text())
    for system in ("debian", "ubuntu"):
        assert where[f"__cloudwatch_agent_{system}"]["url"] == AMAZON.url.replace("{system}", system)


@pytest.mark.parametrize(
    ("stage", "over"),
    [
        ("stage3", {}),
        ("stage4", {"stage": {"watch": "logs"}}),
        ("stage4", {"stage": {"compute": "fargate"}}),
        ("stage4", {"cloud": {"watch": {"agent": {"install": False}}}}),
    ],
    ids=["host", "logs only", "fargate", "not wanted"],
)
def test_nobody_else_has_it_there(stage: str, over: dict[str, Any]) -> None:
    assert "agent" not in names(blueprint(app("shop", over), stage), "parameter")


def test_statsd_and_processes_by_option() -> None:
    plain = agent.configuration(site("chat", "stage1"))["metrics"]["metrics_collected"]
    assert "statsd" not in plain
    assert [one["exe"] for one in plain["procstat"]] == ["dockerd", "caddy"]
    collected = agent.configuration(site("chat", "stage1", SCALED))
    assert collected["metrics"]["metrics_collected"]["statsd"]["service_address"] == ":8125"
    assert collected["agent"]["metrics_collection_interval"] == 30
    none = agent.configuration(site("chat", "stage1", {"cloud": {"watch": {"agent": {"processes": []}}}}))
    assert "procstat" not in none["metrics"]["metrics_collected"]
