"""Single decisions of the presets: subnets, ways out, paths, tasks, secrets."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint, secret_values
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.fargate import task_memory
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.network import part
from tests.support.figures import MISSING, at, names
from tests.support.inventories import app

ATLAS = "mongodb+srv://chat:p%40s@cluster.example.mongodb.net/chatdb"


@pytest.mark.parametrize(
    ("cidr", "number", "expected"),
    [
        ("10.0.0.0/16", 1, "10.0.1.0/24"),
        ("10.0.0.0/16", 12, "10.0.12.0/24"),
        ("172.20.0.0/20", 11, "172.20.11.0/24"),
        ("10.1.0.0/22", 1, "10.1.0.64/26"),
        ("10.1.0.0/24", 11, "10.1.0.176/28"),
    ],
)
def test_part_of_a_network(cidr: str, number: int, expected: str) -> None:
    assert part(cidr, number) == expected


@pytest.mark.parametrize(
    ("cpu", "memory", "expected"),
    [
        (256, "64m", 512),
        (256, "512m", 512),
        (256, "513m", 1024),
        (512, "1g", 1024),
        (1024, "3g", 3072),
        (256, "9g", 2048),
    ],
)
def test_memory_that_fargate_sells(cpu: int, memory: str, expected: int) -> None:
    assert task_memory(cpu, memory) == expected


def test_a_gateway_in_each_zone_serves_its_own() -> None:
    plan = blueprint(app("shop", {"cloud": {"network": {"nat_count": 2}}}), "stage4")
    assert [at(plan, f"route_table/{name}.subnets") for name in ("private", "private-c")] == [
        ["private-a"],
        ["private-c"],
    ]
    assert at(plan, "vpc_endpoint/s3.route_tables") == ["public", "private", "private-c"]


def test_two_gateways_for_three_zones() -> None:
    zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
    net = {"cloud": {"region": "us-east-1", "zones": zones, "network": {"public": [], "private": [], "nat_count": 2}}}
    plan = blueprint(app("shop", net), "stage4")
    assert at(plan, "route_table/private.subnets") == ["private-a", "private-c"]
    assert at(plan, "route_table/private-b.subnets") == ["private-b"]


def test_stage_3_has_private_subnets_without_a_way_out() -> None:
    plan = blueprint(app("shop"), "stage3")
    assert at(plan, "route_table/private.routes") == []
    assert names(plan, "nat_gateway") == []
    assert names(blueprint(app("shop"), "stage1"), "subnet") == ["public-a", "public-c"]


def test_the_longest_path_is_asked_first() -> None:
    services: dict[str, Any] = {
        "api": {"image": "a/b", "port": 1000, "paths": ["/api", "/api/v2/"]},
        "docs": {"image": "a/c", "port": 2000, "paths": ["/api/docs"]},
    }
    data = {"name": "ab", "domains": ["a.example.com"], "services": services, "cloud": {"region": "us-east-1"}}
    plan = blueprint(parse(data), "stage4")
    rules = at(plan, "listener/https.rules")
    assert [rule["paths"] for rule in rules] == [
        ["/api/docs", "/api/docs/*"],
        ["/api/v2/", "/api/v2/*"],
        ["/api", "/api/*"],
    ]
    assert [rule["priority"] for rule in rules] == [10, 20, 30]
    assert at(plan, "listener/https.action.fixed_response.status") == 404


def test_without_https_there_is_no_certificate() -> None:
    plan = blueprint(app("shop", {"cloud": {"balancer": {"https": False}}}), "stage4")
    assert names(plan, "certificate") == []
    assert names(plan, "listener") == ["http"]
    assert [rule["port"] for rule in at(plan, "security_group/alb.ingress")] == [80]


def test_a_domain_outside_the_zone_is_proved_by_hand() -> None:
    plan = blueprint(app("shop", {"domains": ["shop.example.com", "shop.example.org"]}), "stage4")
    assert at(plan, "certificate/main.zone") is MISSING
    assert names(plan, "dns_record") == ["main"]


def test_a_zone_that_is_there_is_adopted() -> None:
    plan = blueprint(app("shop", {"cloud": {"zone": {"id": "Z0123456789ABC"}}}), "stage4")
    assert at(plan, "dns_zone/main.id") == "Z0123456789ABC"


def test_names_lead_to_the_content_network() -> None:
    plan = blueprint(app("shop_phase4"), "stage4")
    assert at(plan, "dns_record/main.distribution") == "main"
    assert at(plan, "certificate/cdn.region") == "us-east-1"
    assert at(plan, "web_acl/main.rate_rules[0].forwarded") is True


def test_backups_in_a_bucket_of_the_app_make_no_second_one() -> None:
    over = {"backups": {"to": "s3://shop-data/backups"}, "cloud": {"buckets": {"data": {"bucket_name": "shop-data"}}}}
    plan = blueprint(app("shop", over), "stage4")
    assert names(plan, "bucket") == ["data", "static"]
    assert at(plan, "role/app.statements.backups[0].resources") == [{"bucket": "data", "path": "backups/*"}]
    assert names(blueprint(app("shop", over), "stage1"), "bucket") == ["backups"]


def test_values_of_secrets_are_apart_from_the_blueprint() -> None:
    values = secret_values(app("shop"), "stage4")
    assert values == {
        "db": {"username": "shop", "password": "test-value-of-vault-db-password"},
        "jwt": {"JWT_SIGNING_KEY": "test-value-of-vault-jwt-signing-key"},
        "cache": {"password": "test-value-of-vault-cache-password"},
    }


def test_tasks_get_whole_urls_once_the_stores_are_there() -> None:
    hosts = {"db": "promo-db.example.rds.amazonaws.com", "cache": "promo-cache.example.cache.amazonaws.com"}
    values = secret_values(app("promo_ecs"), "stage4", hosts)
    password = "test-value-of-vault-db-password"
    assert values["db"]["DATABASE_URL"] == f"postgresql://promo:{password}@{hosts['db']}:5432/product_marketing"
    assert values["cache"]["REDIS_URL"] == f"rediss://:test-value-of-vault-cache-password@{hosts['cache']}:6379/0"
    assert "DATABASE_URL" not in secret_values(app("promo"), "stage4", hosts)["db"]


@pytest.mark.parametrize("password", ["short", "with/slash/and+plus=of-base64", "x" * 129, "späßle-mit-umlauten"])
def test_a_password_that_elasticache_refuses_is_refused_before(password: str) -> None:
    with pytest.raises(StairwayError, match="does not take the password") as caught:
        blueprint(app("shop", vault={"vault_cache_password": password}), "stage4")
    assert password not in str(caught.value)
    assert "openssl rand -hex 24" in (caught.value.fix or "")
    assert blueprint(app("shop", vault={"vault_cache_password": password}), "stage2")


def test_the_url_of_atlas_is_a_secret() -> None:
    values = secret_values(app("chat", vault={"vault_atlas_url": ATLAS}), "stage4")
    assert values["env"] == {"MONGO_URI": ATLAS}
    assert values["jwt"] == {"JWT_SECRET_CURRENT": "test-value-of-vault-jwt-secret"}


@pytest.mark.parametrize(("stage", "expected"), [("stage1", []), ("stage2", ["db"]), ("stage3", ["cache", "db"])])
def test_a_managed_store_brings_its_secret(stage: str, expected: list[str]) -> None:
    plan = blueprint(app("shop"), stage)
    assert names(plan, "secret") == expected
    assert names(plan, "parameter") == []
    assert "settings" not in at(plan, "role/app.statements")
    if expected:
        assert at(plan, "secret/db.path") == "rds/ecommerce/password"


def test_the_execution_role_reads_what_tasks_are_given() -> None:
    plan = blueprint(app("promo_ecs"), "stage4")
    assert [one["secret"] for one in at(plan, "role/execution.statements.settings[0].resources")] == [
        "app",
        "cache",
        "db",
    ]
    assert at(plan, "role/app.services") == ["ecs-tasks"]


def test_a_singleton_never_runs_twice() -> None:
    plan = blueprint(app("resee", {"stage": {"compute": "fargate"}}), "stage4")
    assert at(plan, "ecs_service/beat.minimum_healthy_percent") == 0
    assert at(plan, "ecs_service/beat.maximum_percent") == 100
    assert at(plan, "ecs_service/worker.maximum_percent") is MISSING


def test_images_have_the_version_of_the_release() -> None:
    plan = blueprint(app("promo_ecs"), "stage4", version="1.4.0")
    assert at(plan, "task_definition/worker.containers[0].image") == "ghcr.io/acme/promo-backend:1.4.0"


def test_a_blueprint_is_the_same_each_time() -> None:
    assert blueprint(app("shop"), "stage4") == blueprint(app("shop"), "stage4")


def test_alarms_of_the_defaults_differ_by_stage() -> None:
    one = names(blueprint(app("chat", vault={"vault_atlas_url": ATLAS}), "stage3"), "alarm")
    fleet = names(blueprint(app("chat", vault={"vault_atlas_url": ATLAS}), "stage4"), "alarm")
    assert one == ["instance-down", "cpu", "memory", "disk", "cache-memory-cache", "recover", "reboot"]
    assert fleet == ["unhealthy-targets-api", "error-percent", "latency-seconds", "cpu", "errors", "cache-memory-cache"]


def test_the_parts_of_a_formula_have_its_period() -> None:
    alarm = next(one for one in blueprint(app("resee"), "stage4") if one.get("alarm") == "error-percent")
    assert "period_seconds" not in alarm
    assert {part["period_seconds"] for part in alarm["metrics"].values()} == {60}
    assert alarm["periods"] == 5
