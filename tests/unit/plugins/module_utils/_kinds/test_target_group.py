"""``target_group``, on both emulators, and its checks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import target_group
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Sight
from tests.support.aws.ground import ground
from tests.support.aws.trial import Trial

HEALTH = {
    "path": "/actuator/health",
    "interval_seconds": 20,
    "timeout_seconds": 4,
    "healthy_threshold": 2,
    "unhealthy_threshold": 3,
    "codes": "200-299",
    "port": 9090,
}


def test_whole_life(trial: Trial) -> None:
    vpc = ground(trial).vpc
    base: dict[str, Any] = {"vpc": vpc, "port": 8080}
    found = trial.make("target_group", "web", **base)
    assert found.aws_name is not None
    assert found.aws_name.startswith("shop-web-")
    assert found.outputs["dimension"].startswith("targetgroup/shop-web-")
    trial.retag(found)
    found = trial.alter(found, **base, health_check=HEALTH)
    found = trial.alter(found, **base, deregistration_delay_seconds=30, slow_start_seconds=45)
    found = trial.alter(found, **base, algorithm="least_outstanding_requests")
    found = trial.alter(found, **base, stickiness={"seconds": 3600})
    found = trial.alter(found, **base, stickiness={"cookie": "JSESSIONID", "seconds": 60})
    found = trial.alter(found, **base)
    trial.remove(found)


def test_every_field_at_creation(trial: Trial) -> None:
    vpc = ground(trial).vpc
    found = trial.make(
        "target_group",
        "web",
        vpc=vpc,
        port=443,
        protocol="HTTPS",
        target_type="ip",
        health_check={**HEALTH, "protocol": "HTTPS"},
        stickiness={"seconds": 3600},
        deregistration_delay_seconds=0,
        slow_start_seconds=30,
    )
    assert found.attrs["stickiness"] == {"enabled": True, "seconds": 3600, "cookie": None}


def test_speaks_http2_to_its_targets(on_moto: Trial) -> None:
    # MiniStack forgets the protocol's version
    vpc = ground(on_moto).vpc
    on_moto.make("target_group", "web", vpc=vpc, port=443, protocol="HTTPS", protocol_version="HTTP2")


def test_fixed_instances(trial: Trial) -> None:
    at = ground(trial)
    answer = trial.account.call(
        "ec2", "run_instances", ImageId="ami-12c6146b", MinCount=3, MaxCount=3, SubnetId=at.subnets[0]
    )
    first, second, third = (one["InstanceId"] for one in answer["Instances"])
    base: dict[str, Any] = {"vpc": at.vpc, "port": 8080}
    found = trial.make("target_group", "web", **base, instances=[first, second])
    found = trial.alter(found, **base, instances=[second, third])
    trial.alter(found, **base, instances=[])


def test_name_differs_with_what_cannot_be_changed() -> None:
    names = {
        target_group.aws_name("shop", "web", {"vpc": "main", "port": port, "protocol": protocol})
        for port in (80, 8080)
        for protocol in ("HTTP", "HTTPS")
    }
    assert len(names) == 4
    long = target_group.aws_name("shop", "a-name-that-is-much-longer-than-aws-allows-here", {})
    assert long.startswith("shop-")
    assert len(long) <= 32


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        pytest.param(
            {"health_check": {"interval_seconds": 5, "timeout_seconds": 5}}, "health_check.timeout_seconds",
            id="as long as the interval",
        ),
        pytest.param({"health_check": {"interval_seconds": 5}}, "health_check.timeout_seconds", id="by the default"),
        pytest.param({"slow_start_seconds": 10}, "slow_start_seconds", id="slow start under 30 s"),
        pytest.param(
            {"slow_start_seconds": 60, "algorithm": "least_outstanding_requests"}, "slow_start_seconds",
            id="slow start with another algorithm",
        ),
        pytest.param({"target_type": "ip", "instances": ["a"]}, "instances", id="instances among addresses"),
        pytest.param({"protocol_version": "GRPC"}, "health_check.codes", id="gRPC without codes"),
    ],
)  # fmt: skip
def test_refuses(attrs: dict[str, Any], where: str) -> None:
    problems = list(target_group.check(Entry("target_group", "web", attrs), Sight({}, "ap-northeast-2")))
    assert [problem.where for problem in problems] == [f"target_group/web.{where}"]


def test_reads_a_group_as_aws_describes_it() -> None:
    # the shape that the API reference gives for TargetGroup
    item = {
        "TargetGroupArn": "arn:aws:elasticloadbalancing:us-west-2:12345:targetgroup/shop-web-0a1b2c/73e2d6bc24d8a06",
        "TargetGroupName": "shop-web-0a1b2c",
        "Protocol": "HTTP",
        "ProtocolVersion": "HTTP1",
        "Port": 8080,
        "VpcId": "vpc-3ac0fb5f",
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckEnabled": True,
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
        "HealthCheckPath": "/",
        "Matcher": {"HttpCode": "200"},
        "LoadBalancerArns": [],
        "TargetType": "instance",
    }
    found = target_group.to_found(item, {})
    shape = target_group.KIND.fields["health_check"].shape
    assert shape.canonical(found.attrs["health_check"]) == shape.canonical({})
    assert found.outputs == {"dimension": "targetgroup/shop-web-0a1b2c/73e2d6bc24d8a06"}
