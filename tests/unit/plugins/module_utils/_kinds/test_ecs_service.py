"""``ecs_service``, on both emulators; scaling on moto, as MiniStack has no Application Auto Scaling."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.compare import differences
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _task_scaling
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from tests.support.aws.trial import Trial

SERVICE = kind("ecs_service")
GROUP = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/shop-api/0123456789abcdef"
API = {"name": "api", "image": "shop:1", "ports": [3000]}
BY_CPU = {"least": 1, "most": 4, "cpu_percent": 70}


def ground(trial: Trial) -> dict[str, Any]:
    """A network, a cluster and a task definition; the fields of a service on them."""
    vpc = trial.make("vpc", "main", cidr="10.0.0.0/16")
    subnets = [
        trial.make("subnet", name, vpc=vpc.id, cidr=f"10.0.{number}.0/24", zone=f"ap-northeast-2{name}").id
        for number, name in enumerate("ac")
    ]
    cluster = trial.make("ecs_cluster", "main")
    definition = trial.make("task_definition", "api", containers=[API], cpu=256, memory_mb=512)
    return {"cluster": cluster.id, "task_definition": definition.outputs["arn"], "subnets": subnets}


@pytest.fixture
def plain(trial: Trial, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Trial:
    """Where nothing scales, MiniStack need not be asked what does."""
    if "ministack" in request.node.name:
        monkeypatch.setattr(_task_scaling, "found_for", lambda aws, resources: {})
    return trial


def test_whole_life(plain: Trial) -> None:
    base = ground(plain)
    service = plain.make("ecs_service", "api", **base, count=2)
    assert service.id.endswith(":service/shop-main/shop-api")
    service = plain.alter(service, **base, count=3)
    service = plain.alter(service, **base, count=3, minimum_healthy_percent=50, maximum_percent=150)
    service = plain.alter(service, **base, circuit_breaker=False, security_groups=["sg-0a1b2c3d4e5f60001"])
    service = plain.alter(service, **{**base, "subnets": base["subnets"][:1]}, public_ips=True, exec=True)
    plain.retag(service)
    assert [one.id for one in plain.all("ecs_service")] == [service.id]
    plain.remove(service)


def test_behind_a_load_balancer(on_moto: Trial) -> None:
    # MiniStack asks for a target group that is there
    base = ground(on_moto)
    targets = [{"target_group": GROUP, "container": "api", "port": 3000}]
    service = on_moto.make("ecs_service", "api", **base, targets=targets, grace_seconds=60)
    service = on_moto.alter(service, **base, targets=targets, grace_seconds=120)
    service = on_moto.alter(service, **base, targets=[{**targets[0], "port": 4000}], grace_seconds=120)
    on_moto.alter(service, **base)


def test_spot(plain: Trial) -> None:
    base = ground(plain)
    service = plain.make("ecs_service", "worker", **base, spot=True)
    plain.alter(service, **base, spot=False)


def test_new_revision(plain: Trial) -> None:
    base = ground(plain)
    service = plain.make("ecs_service", "api", **base)
    [definition] = plain.all("task_definition")
    definition = plain.alter(definition, containers=[{**API, "image": "shop:2"}], cpu=256, memory_mb=512)
    plain.alter(service, **{**base, "task_definition": definition.outputs["arn"]})


def test_scaling(on_moto: Trial) -> None:
    base = ground(on_moto)
    requests = {"per_minute": 1000, "load_balancer": "app/shop/1", "target_group": "targetgroup/shop-api/2"}
    service = on_moto.make("ecs_service", "api", **base, count=2, scaling=BY_CPU)
    service = on_moto.alter(service, **base, count=2, scaling={**BY_CPU, "most": 10, "in_seconds": 600})
    both = {"least": 1, "most": 10, "memory_percent": 80, "requests": requests, "out_seconds": 30}
    service = on_moto.alter(service, **base, count=2, scaling=both)
    assert [one.attrs for one in on_moto.all("ecs_service")] == [service.attrs]
    service = on_moto.alter(service, **base, count=2, scaling={})
    on_moto.alter(service, **base, count=2, scaling=BY_CPU)


def test_scaling_goes_with_the_service(on_moto: Trial) -> None:
    service = on_moto.make("ecs_service", "api", **ground(on_moto), scaling=BY_CPU)
    on_moto.remove(service)
    left = on_moto.account.call("application-autoscaling", "describe_scalable_targets", ServiceNamespace="ecs")
    assert left["ScalableTargets"] == []


def test_what_scaling_moved_is_left_alone(on_moto: Trial) -> None:
    base = ground(on_moto)
    service = on_moto.make("ecs_service", "api", **base, count=2, scaling=BY_CPU)
    on_moto.account.call("ecs", "update_service", cluster="shop-main", service="shop-api", desiredCount=4)
    [service] = on_moto.all("ecs_service")
    assert differences(SERVICE, {**base, "count": 2, "scaling": BY_CPU}, service.attrs) == ()
    on_moto.account.call("ecs", "update_service", cluster="shop-main", service="shop-api", desiredCount=9)
    [service] = on_moto.all("ecs_service")
    assert [one.field for one in differences(SERVICE, {**base, "count": 2, "scaling": BY_CPU}, service.attrs)] == [
        "count"
    ]


def test_goes_on_where_a_run_was_cut(on_moto: Trial) -> None:
    base = ground(on_moto)
    call = on_moto.account.call

    def cut(service: str, operation: str, /, **parameters: Any) -> Any:
        if operation == "put_scaling_policy":
            raise KeyboardInterrupt
        return call(service, operation, **parameters)

    on_moto.account.call = cut  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        on_moto.make("ecs_service", "api", **base, scaling=BY_CPU)
    on_moto.account.call = call  # type: ignore[method-assign]
    [service] = on_moto.all("ecs_service")
    on_moto.alter(service, **base, scaling=BY_CPU)


def test_foreign_service_of_our_name_is_shown(plain: Trial) -> None:
    base = ground(plain)
    network = {"awsvpcConfiguration": {"subnets": base["subnets"]}}
    plain.account.call(
        "ecs", "create_service", cluster="shop-main", serviceName="shop-api", taskDefinition=base["task_definition"],
        desiredCount=1, launchType="FARGATE", networkConfiguration=network,
    )  # fmt: skip
    scope = Scope("shop", frozenset({"shop-api"}), parents={"ecs_cluster": tuple(plain.all("ecs_cluster"))})
    [found] = SERVICE.describe(plain.account, scope)
    assert found.app is None


def _entry(**attrs: Any) -> Entry:
    usual = {
        "cluster": "main",
        "task_definition": "api",
        "count": 2,
        "targets": [],
        "grace_seconds": 0,
        "spot": False,
        "minimum_healthy_percent": 100,
        "maximum_percent": 200,
        "scaling": None,
    }
    return Entry("ecs_service", "a", {**usual, **attrs})


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        ({"scaling": {"least": 2, "cpu_percent": 70}}, ".scaling.most"),
        ({"scaling": {"least": 4, "most": 2, "cpu_percent": 70}}, ".scaling.most"),
        ({"scaling": {"least": 3, "most": 5, "cpu_percent": 70}}, ".count"),
        ({"scaling": {"least": 1, "most": 5}}, ".scaling"),
        ({"targets": [{"target_group": "g", "container": "web", "port": 3000}]}, ".targets[0].container"),
        ({"targets": [{"target_group": "g", "container": "api", "port": 80}]}, ".targets[0].port"),
        ({"grace_seconds": 30}, ".grace_seconds"),
        ({"maximum_percent": 100}, ".maximum_percent"),
        ({"spot": True}, ".spot"),
    ],
)
def test_refuses(attrs: dict[str, Any], where: str) -> None:
    definition = Entry("task_definition", "api", {"containers": [API]})
    cluster = Entry("ecs_cluster", "main", {"spot": False})
    sight = Sight({definition.key: definition, cluster.key: cluster}, "r")
    assert [one.where for one in SERVICE.check(_entry(**attrs), sight)] == [f"ecs_service/a{where}"]


@pytest.mark.parametrize(
    ("attrs", "sku", "quantity"),
    [
        ({}, "fargate/vcpu", 2 * 0.25 * 730),
        ({"scaling": {"least": 1, "most": 4}}, "fargate/vcpu", 0.25 * 730),
        ({"task_definition": "arn:aws:ecs:r:1:task-definition/shop-arm:7"}, "fargate/vcpu/arm", 2 * 0.5 * 730),
    ],
)
def test_price(attrs: dict[str, Any], sku: str, quantity: float) -> None:
    tasks = {
        "api": {"cpu": 256, "memory_mb": 512, "architecture": "x86_64"},
        "shop-arm": {"cpu": 512, "memory_mb": 1024, "architecture": "arm64"},
    }
    used = {one.sku: one.quantity for one in SERVICE.price(_entry(**attrs).attrs, lambda _kind, name: tasks.get(name))}
    assert used[sku] == pytest.approx(quantity)
    assert len(used) == 2
