"""An app that says nothing but a region has a sound blueprint at every stage, whatever it stores."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.figures import at, names

STAGES = ("stage1", "stage2", "stage3", "stage4")


def small(region: str = "ap-northeast-2", **more: Any) -> dict[str, Any]:
    return {
        "name": "tiny",
        "domains": ["tiny.example.com"],
        "services": {"web": {"image": "acme/tiny", "port": 80}},
        "cloud": {"region": region},
        **more,
    }


def store(engine: str, version: str) -> dict[str, Any]:
    login = {} if engine == "redis" else {"database": "tiny", "user": "tiny"}
    return {"engine": engine, "version": version, "password": "a-password-of-16", "env": {"STORE_URL": "url"}, **login}


@pytest.mark.parametrize("region", ["ap-northeast-2", "us-east-1", "eu-central-1"])
@pytest.mark.parametrize("stage", STAGES)
def test_region_alone(stage: str, region: str) -> None:
    assert read(blueprint(parse(small(region)), stage), kinds(), region)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("engine", "version"),
    [
        *(("postgresql", version) for version in ("13", "14", "15", "16", "17", "18")),
        ("mysql", "8.0"),
        ("mysql", "8.4"),
        *(("mariadb", version) for version in ("10.6", "10.11", "11.4", "11.8")),
        ("redis", "6"),
        ("redis", "7"),
    ],
)
def test_one_store(engine: str, version: str, stage: str) -> None:
    given = parse(small(stores={"main": store(engine, version)}))
    assert read(blueprint(given, stage), kinds(), "ap-northeast-2")


@pytest.mark.parametrize("compute", ["fleet", "fargate"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_fleet_at_any_stage(stage: str, compute: str) -> None:
    stores = {"main": store("postgresql", "16"), "cache": store("redis", "7") | {"env": {"REDIS_URL": "url"}}}
    given = parse(small(stores=stores, stage={"compute": compute}))
    plan = blueprint(given, stage)
    assert read(plan, kinds(), "ap-northeast-2")
    assert names(plan, "database") == ["main"]
    assert names(plan, "load_balancer") == ["main"]


ASPECTS = [
    ("compute", ["host", "external"]),
    ("database", ["container", "managed", "external"]),
    ("cache", ["container", "managed", "external"]),
    ("files", ["volume", "s3", "external"]),
    ("secrets", ["file", "secrets_manager", "external"]),
    ("registry", ["any", "ecr", "external"]),
    ("edge", ["host", "alb", "external"]),
    ("watch", ["logs", "host", "full", "external"]),
]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("aspect", "choice"), [(aspect, one) for aspect, choices in ASPECTS for one in choices])
def test_any_aspect_chosen_otherwise(aspect: str, choice: str, stage: str) -> None:
    stores = {"main": store("postgresql", "16"), "cache": store("redis", "7") | {"env": {"REDIS_URL": "url"}}}
    given = parse(small(stores=stores, stage={aspect: choice}))
    if stage == "stage4" and choice == "container":
        with pytest.raises(StairwayError, match="no one machine"):
            blueprint(given, stage)
    elif (aspect, choice, stage) == ("compute", "host", "stage4") or (choice == "alb" and stage != "stage4"):
        with pytest.raises(StairwayError, match="in front of a fleet"):
            blueprint(given, stage)
    else:
        assert read(blueprint(given, stage), kinds(), "ap-northeast-2")


@pytest.mark.parametrize(
    ("aspect", "kind"),
    [
        ("database", "database"),
        ("cache", "cache"),
        ("files", "bucket"),
        ("registry", "repository"),
        ("edge", "load_balancer"),
        ("watch", "alarm"),
        ("compute", "autoscaling_group"),
        ("secrets", "parameter"),
    ],
)
def test_what_is_external_is_left_out(aspect: str, kind: str) -> None:
    stores = {"main": store("postgresql", "16"), "cache": store("redis", "7") | {"env": {"REDIS_URL": "url"}}}
    assert names(blueprint(parse(small(stores=stores)), "stage4"), kind)
    without = {"watch": "logs", aspect: "external"}  # the watch has a parameter of its own
    assert names(blueprint(parse(small(stores=stores, stage=without)), "stage4"), kind) == []


def test_without_a_cloud_there_is_nothing_to_make() -> None:
    data = small()
    del data["cloud"]
    with pytest.raises(StairwayError, match="says nothing of a cloud") as caught:
        blueprint(parse(data), "stage1")
    assert "region" in (caught.value.fix or "")


def test_stage_0_needs_no_account() -> None:
    with pytest.raises(StairwayError, match="needs no account"):
        blueprint(parse(small()), "local")


@pytest.mark.parametrize("version", ["8", "8.2"])
def test_elasticache_has_no_redis_8(version: str) -> None:
    with pytest.raises(StairwayError, match="no Redis 8"):
        blueprint(parse(small(stores={"main": store("redis", version)})), "stage3")


def test_an_unknown_stage() -> None:
    with pytest.raises(StairwayError, match="no such stage"):
        blueprint(parse(small()), "stage5")


def test_a_network_that_is_there() -> None:
    ids = [f"subnet-0123456789abcde{number}" for number in "0123"]
    net = {"vpc": "vpc-0123456789abcdef0", "public": ids[:2], "private": ids[2:]}
    plan = blueprint(parse(small(cloud={"region": "ap-northeast-2", "network": net})), "stage4")
    assert read(plan, kinds(), "ap-northeast-2")
    assert names(plan, "vpc") == names(plan, "subnet") == names(plan, "nat_gateway") == []
    assert at(plan, "load_balancer/main.subnets") == ids[:2]
    assert at(plan, "autoscaling_group/app.subnets") == ids[2:]


def test_plan_max_monthly_makes_a_budget() -> None:
    plan = blueprint(parse(small(cloud={"region": "ap-northeast-2", "plan_max_monthly": 120})), "stage1")
    assert at(plan, "budget/month.monthly_limit") == 120
    assert names(blueprint(parse(small()), "stage1"), "budget") == []


@pytest.mark.parametrize("name", ["app", "alb", "nat"])
def test_a_store_may_be_called_as_a_group_of_ours(name: str) -> None:
    plan = blueprint(parse(small(stores={name: store("mysql", "8.4")})), "stage4")
    assert read(plan, kinds(), "ap-northeast-2")
    assert at(plan, f"database/{name}.security_groups") == [f"{name}-store"]


def test_two_services_on_one_port_do_not_collide() -> None:
    services = {
        "web": {"image": "acme/web", "port": 3000},
        "api": {"image": "acme/api", "port": 3000, "paths": ["/api"]},
    }
    plan = blueprint(parse(small(services=services)), "stage4")
    assert [at(plan, f"target_group/{name}.port") for name in services] == [3000, 3001]
    assert [rule["port"] for rule in at(plan, "security_group/app.ingress")] == [3000, 3001]
