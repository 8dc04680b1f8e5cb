"""Seed 003 (shop) beyond its first phase: the firewall, the growth phases, and the cheaper ways it names."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.figures import Figure, at, ids, names
from tests.support.inventories import app

FIREWALL = [
    Figure("Association: ALB only", "web_acl/main.load_balancers", ["main"]),
    Figure(
        "- AWS Managed Rules - Core Rule Set ($0 with WebACL)",
        "web_acl/main.managed_rules",
        [{"group": "AWSManagedRulesCommonRuleSet"}],
    ),
    Figure(
        "- Rate Limiting: 100 req/5min per IP",
        "web_acl/main.rate_rules[0]",
        {"name": "all", "requests": 100, "seconds": 300},
    ),
    Figure(
        "- Login Rate Limit: 10 req/min",
        "web_acl/main.rate_rules[1]",
        {"name": "login", "requests": 10, "seconds": 60, "path": "/login"},
    ),
]

PHASES = {
    "shop_phase2": [
        Figure("- EC2: 3-4 × t3.small (Auto Scaling)", "launch_template/app.size", "t3.small"),
        Figure("- EC2: 3-4 × t3.small (Auto Scaling)", "autoscaling_group/app.minimum", 3),
        Figure("- EC2: 3-4 × t3.small (Auto Scaling)", "autoscaling_group/app.maximum", 4),
        Figure("- RDS: db.t4g.large (4GB → 8GB)", "database/db.size", "db.t4g.large"),
        Figure("- Redis: cache.t4g.medium (1.37GB → 3.09GB)", "cache/cache.size", "cache.t4g.medium"),
        Figure("Cost: ~$350/월 (+$135)", "budget/month.monthly_limit", 350),
    ],
    "shop_phase3": [
        Figure("- EC2: 4-6 × t3.medium", "launch_template/app.size", "t3.medium"),
        Figure("- EC2: 4-6 × t3.medium", "autoscaling_group/app.minimum", 4),
        Figure("- EC2: 4-6 × t3.medium", "autoscaling_group/app.maximum", 6),
        Figure("- RDS: db.r6g.large + Multi-AZ", "database/db.size", "db.r6g.large"),
        Figure("- RDS: db.r6g.large + Multi-AZ", "database/db.multi_az", True),
        Figure("- Redis: cache.m6g.large + Replica", "cache/cache.size", "cache.m6g.large"),
        Figure("- Redis: cache.m6g.large + Replica", "cache/cache.replicas", 1),
        Figure("- NAT: 2 Gateways (HA)", "nat_gateway/nat.subnet", "public-a"),
        Figure("- NAT: 2 Gateways (HA)", "nat_gateway/nat-c.subnet", "public-c"),
        Figure("- NAT: 2 Gateways (HA)", "route_table/private-c.subnets", ["private-c"]),
        Figure("- WAF 추가", "web_acl/main.load_balancers", ["main"]),
        Figure("Cost: ~$600/월 (+$250)", "budget/month.monthly_limit", 600),
    ],
    "shop_phase4": [
        Figure("- EC2: 6-10 × t3.large", "launch_template/app.size", "t3.large"),
        Figure("- EC2: 6-10 × t3.large", "autoscaling_group/app.minimum", 6),
        Figure("- EC2: 6-10 × t3.large", "autoscaling_group/app.maximum", 10),
        Figure("- RDS: Read Replica 추가", "database/db-replica-1.replica_of", "db"),
        Figure("- Redis: Cluster mode (샤딩)", "cache/cache.cluster_mode", True),
        Figure("- ElastiCache 노드 증설", "cache/cache.shards", 2),
        Figure("- CloudFront 추가", "distribution/main.origins[0].load_balancer", "main"),
        Figure("Cost: ~$1,200/월 (+$600)", "budget/month.monthly_limit", 1200),
    ],
}
OF_PHASES = [(name, figure) for name, figures in PHASES.items() for figure in figures]


@pytest.mark.parametrize("figure", FIREWALL, ids=ids(FIREWALL))
def test_firewall(figure: Figure) -> None:
    assert at(blueprint(app("shop_waf"), "stage4"), figure.where) == figure.has


@pytest.mark.parametrize(("name", "figure"), OF_PHASES, ids=[f"{name}-{one.where}" for name, one in OF_PHASES])
def test_phase(name: str, figure: Figure) -> None:
    assert at(blueprint(app(name), "stage4"), figure.where) == figure.has


def test_nat_instance_instead_of_a_gateway() -> None:
    """«NAT Instance (t4g.nano): ~$3/월»."""
    plan = blueprint(app("shop", {"cloud": {"network": {"nat": "instance"}}}), "stage4")
    assert at(plan, "nat_instance/nat.size") == "t4g.nano"
    assert at(plan, "route_table/private.routes") == [{"to": "0.0.0.0/0", "nat_instance": "nat"}]
    assert names(plan, "nat_gateway") == []


def test_ecr_endpoint() -> None:
    """«ECR VPC Endpoint (Optional): Type: Interface»."""
    plan = blueprint(app("shop", {"cloud": {"network": {"endpoints": ["s3", "ecr"]}}}), "stage4")
    assert names(plan, "vpc_endpoint") == ["s3", "ecr-api", "ecr-dkr"]
    assert at(plan, "vpc_endpoint/ecr-dkr.service") == "ecr.dkr"


def test_staging_on_a_small_machine() -> None:
    """«Development/Staging: Instance Type: t3.micro, Count: 1 instance only»."""
    over = {"cloud": {"compute": {"size": "t3.micro", "min": 1, "desired": 1, "max": 1, "scaling": {"schedules": []}}}}
    plan = blueprint(app("shop", over), "stage4")
    assert at(plan, "launch_template/app.size") == "t3.micro"
    assert at(plan, "autoscaling_group/app.maximum") == 1


def test_logs_for_a_month_as_it_grows() -> None:
    """«Phase 2 (성장 시): 로그 보관 기간 30일»."""
    plan = blueprint(app("shop", {"cloud": {"watch": {"logs": {"keep_days": 30}}}}), "stage4")
    assert at(plan, "log_group/app.keep_days") == 30


@pytest.mark.parametrize(
    ("metric", "limit", "where"),
    [
        ("database_cpu", 80, "alarm/database-cpu-db.threshold"),
        ("database_connections", 150, "alarm/database-connections-db.threshold"),
        ("cache_evictions", 1000, "alarm/cache-evictions-cache.threshold"),
        ("cache_cpu", 80, "alarm/cache-cpu-cache.threshold"),
    ],
)
def test_limits_of_the_stores_own_chapters(metric: str, limit: int, where: str) -> None:
    """«CPU > 80%», «Connection Count > 150», «Evictions > 1000/min», «CPU Utilization > 80%»: not among the five."""
    over = {"cloud": {"watch": {"alarms": [{"metric": metric, "above": limit}]}}}
    plan = blueprint(app("shop", over), "stage4")
    assert at(plan, where) == limit
    assert names(plan, "alarm") == [where.split("/")[1].split(".")[0]]
