"""Seed 000 (chat), figure by figure: what the document says of each stage, and what its blueprint has."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.figures import Figure, at, names
from tests.support.inventories import app

ATLAS = {"vault_atlas_url": "mongodb+srv://user:p%40s@cluster.example.mongodb.net/chatdb"}
PLANS = {stage: blueprint(app("chat", vault=ATLAS), stage) for stage in ("stage1", "stage2", "stage3", "stage4")}

FIGURES = {
    "stage1": [
        Figure("EC2 t3.medium", "instance/app.size", "t3.medium"),
        Figure("EBS 20GB", "instance/app.root_volume.size_gb", 20),
        Figure("- EC2 Elastic IP 추가", "instance/app.elastic_ip", "app"),
    ],
    "stage2": [
        Figure("| EC2 t3.medium | $30/월 |", "instance/app.size", "t3.medium"),
        Figure("# - Region: us-east-1 (EC2와 동일)", "subnet/public-a.zone", "us-east-1a"),
    ],
    "stage3": [
        Figure("| EC2 t3.medium | $30/월 |", "instance/app.size", "t3.medium"),
        Figure("--cache-node-type cache.t3.micro \\", "cache/cache.size", "cache.t3.micro"),
        Figure("--engine redis \\", "cache/cache.engine", "redis"),
        Figure("--engine-version 7.0 \\", "cache/cache.version", "7.0"),
        Figure("--num-cache-nodes 1 \\", "cache/cache.replicas", 0),
        Figure("--security-group-ids $REDIS_SG_ID", "cache/cache.security_groups", ["cache"]),
        Figure("--port 6379 \\", "security_group/cache.ingress[0].port", 6379),
        Figure("--source-group $EC2_SG_ID", "security_group/cache.ingress[0].from", "app"),
    ],
    "stage4": [
        Figure("[EC2 Auto Scaling Group]", "autoscaling_group/app.launch_template", "app"),
        Figure("| EC2 t3.medium | $30/월 |", "launch_template/app.size", "t3.medium"),
        Figure("| EC2 t3.medium | $30/월 |", "autoscaling_group/app.desired", 1),
        Figure("[Application Load Balancer]", "load_balancer/main.subnets", ["public-a", "public-b"]),
        Figure("| ElastiCache t3.micro | $15/월 |", "cache/cache.size", "cache.t3.micro"),
        Figure('BUCKET_NAME="chat-app-files-$(date +%s)"', "bucket/files.bucket_name", "chat-app-files-{account}"),
        Figure('"SSEAlgorithm": "AES256"', "bucket/files.encryption", "s3"),
        Figure("--name chat-app/jwt-secrets \\", "secret/jwt.path", "chat-app/jwt-secrets"),
        # the engine puts the app's name before it: chat/api
        Figure("aws ecr create-repository --repository-name chat-api", "repository/api.repository", "api"),
        Figure("aws ecr create-repository --repository-name chat-caddy", "repository/caddy.repository", "caddy"),
        Figure("[CloudWatch] (모니터링)", "dashboard/overview.dashboard", "overview"),
    ],
}
ALL = [(stage, figure) for stage, figures in FIGURES.items() for figure in figures]


@pytest.mark.parametrize(("stage", "figure"), ALL, ids=[f"{stage}-{one.where}" for stage, one in ALL])
def test_figure(stage: str, figure: Figure) -> None:
    assert at(PLANS[stage], figure.where) == figure.has


@pytest.mark.parametrize("stage", PLANS)
def test_atlas_is_not_in_the_account(stage: str) -> None:
    """«MongoDB Atlas M10»: a cluster that is made by hand; no stage makes a database in AWS."""
    assert names(PLANS[stage], "database") == []


@pytest.mark.parametrize(
    ("kind", "stages"),
    [
        ("instance", ["stage1", "stage2", "stage3"]),
        ("cache", ["stage3", "stage4"]),
        ("autoscaling_group", ["stage4"]),
        ("load_balancer", ["stage4"]),
        ("bucket", ["stage4"]),
        ("repository", ["stage4"]),
        ("nat_gateway", []),
    ],
)
def test_stages_have_what_the_summary_says(kind: str, stages: list[str]) -> None:
    """«확장 단계 요약»: EC2 + containers, Atlas, + ElastiCache, the whole."""
    assert [stage for stage, plan in PLANS.items() if names(plan, kind)] == stages


def test_a_machine_with_a_store_on_it_is_protected() -> None:
    assert at(PLANS["stage1"], "instance/app.protect") is True
    assert at(PLANS["stage3"], "instance/app.protect") is False


def test_going_down_takes_out_what_came() -> None:
    """«다운그레이드»: what stage 3 has and stage 2 has not is the cache and what belongs to it."""
    gone = {next(iter(entry.items())) for entry in PLANS["stage3"]} - {
        next(iter(entry.items())) for entry in PLANS["stage2"]
    }
    assert {kind for kind, _name in gone} == {"subnet", "route_table", "security_group", "secret", "cache", "alarm"}


def test_mongodb_cannot_be_managed_without_a_url() -> None:
    with pytest.raises(StairwayError, match="AWS runs no MongoDB") as caught:
        blueprint(app("chat"), "stage2")
    assert caught.value.where == "app.stores.db"
    assert "vault_db_url" in (caught.value.fix or "")
