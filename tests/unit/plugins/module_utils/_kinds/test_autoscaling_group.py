"""``autoscaling_group``, on both emulators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _scaling
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.autoscaling_group import KIND
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found, Scope
from tests.support.aws.trial import APP, Trial

from .networks import NETWORK, a_group, a_subnet, a_vpc, problems

LOAD_BALANCER, TARGETS = "app/shop-web/50dc6c495c0c9188", "targetgroup/shop-api/73e2d6bc24d8a067"


@pytest.fixture
def place(trial: Trial) -> dict[str, Any]:
    vpc = a_vpc(trial)
    subnets = [a_subnet(trial, vpc, third, zone).id for third, zone in ((11, "a"), (12, "c"))]
    groups = [a_group(trial, vpc).id]
    template = trial.make("launch_template", "app", size="t3.small", security_groups=groups)
    return {"launch_template": template.id, "subnets": subnets, "minimum": 2, "maximum": 6}


def a_target_group(trial: Trial, name: str) -> str:
    vpc = next(one.id for one in trial.made if one.kind == "vpc")
    answer = trial.account.call(
        "elbv2", "create_target_group", Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="instance"
    )
    return str(answer["TargetGroups"][0]["TargetGroupArn"])


def test_whole_life(trial: Trial, place: dict[str, Any]) -> None:
    group = trial.make("autoscaling_group", "app", **place, desired=2)
    assert group.id == "shop-app"
    group = trial.alter(group, **{**place, "minimum": 1, "maximum": 4}, desired=1)
    trial.retag(group)
    trial.remove(group)
    trial.remove(group)


def test_everything_at_creation(trial: Trial, place: dict[str, Any]) -> None:
    trial.make(
        "autoscaling_group",
        "app",
        **place,
        template_version="$Latest",
        desired=3,
        target_groups=[a_target_group(trial, "one")],
        health_check="elb",
        health_grace_seconds=180,
        cooldown_seconds=180,
        warmup_seconds=120,
        termination_policies=["OldestInstance", "Default"],
        scale_in_protection=True,
        max_lifetime_days=30,
        maintenance={"minimum_healthy_percent": 100, "maximum_healthy_percent": 150},
        metrics=["GroupInServiceInstances", "GroupDesiredCapacity"],
        target_tracking={"cpu": {"metric": "cpu", "target": 60, "warmup_seconds": 180}},
        schedules={"morning": {"cron": "0 9 * * MON-FRI", "zone": "Asia/Seoul", "desired": 3}},
        lifecycle_hooks={"ready": {"when": "launch", "seconds": 300, "otherwise": "abandon"}},
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"template_version": "1"}, id="template_version"),
        pytest.param({"health_check": "elb"}, id="health_check"),
        pytest.param({"health_grace_seconds": 60}, id="health_grace_seconds"),
        pytest.param({"cooldown_seconds": 60}, id="cooldown_seconds"),
        pytest.param({"warmup_seconds": 60}, id="warmup_seconds"),
        pytest.param({"termination_policies": ["OldestInstance", "Default"]}, id="termination_policies"),
        pytest.param({"scale_in_protection": True}, id="scale_in_protection"),
        pytest.param({"max_lifetime_days": 7}, id="max_lifetime_days"),
        pytest.param(
            {"maintenance": {"minimum_healthy_percent": 90, "maximum_healthy_percent": 110}}, id="maintenance"
        ),
        pytest.param({"metrics": ["GroupTotalInstances"]}, id="metrics"),
        pytest.param({"target_tracking": {"cpu": {"metric": "cpu", "target": 60}}}, id="target_tracking"),
        pytest.param({"schedules": {"night": {"cron": "0 22 * * *", "desired": 2}}}, id="schedules"),
        pytest.param({"lifecycle_hooks": {"bye": {"when": "terminate"}}}, id="lifecycle_hooks"),
        pytest.param({"step_scaling": {"up": {"metric": "cpu", "above": 70, "add": 1}}}, id="step_scaling"),
    ],
)
def test_changes(trial: Trial, place: dict[str, Any], change: dict[str, Any]) -> None:
    group = trial.make("autoscaling_group", "app", **place)
    group = trial.alter(group, **place, **change)
    (field,) = change
    default = KIND.fields[field].default
    if default is not None:
        trial.alter(group, **place, **{field: default})


def test_subnets_template_and_targets(trial: Trial, place: dict[str, Any]) -> None:
    one, two = a_target_group(trial, "one"), a_target_group(trial, "two")
    other = trial.make("launch_template", "other", size="t3.large", security_groups=[a_group_again(trial)])
    group = trial.make("autoscaling_group", "app", **place, target_groups=[one])
    group = trial.alter(group, **{**place, "subnets": place["subnets"][:1]}, target_groups=[two])
    trial.alter(group, **{**place, "launch_template": other.id}, target_groups=[])


def a_group_again(trial: Trial) -> str:
    return next(one.id for one in trial.made if one.kind == "security_group")


STEPS: dict[str, Any] = {
    "cpu-high": {"metric": "cpu", "above": 70, "period_seconds": 300, "add": 1},
    "cpu-low": {"metric": "cpu", "below": 30, "period_seconds": 600, "add": -1},
    "requests-high": {
        "metric": "requests",
        "load_balancer": LOAD_BALANCER,
        "above": 1000,
        "steps": [{"to": 1000, "add": 1}, {"from": 1000, "to": 3000, "add": 2}, {"from": 3000, "add": 4}],
    },
    "requests-low": {"metric": "requests", "load_balancer": LOAD_BALANCER, "below": 100, "add": -50, "unit": "percent"},
    "memory": {"metric": "memory", "above": 85, "periods": 3, "add": 1, "warmup_seconds": 90},
}


def test_step_scaling(trial: Trial, place: dict[str, Any]) -> None:
    group = trial.make("autoscaling_group", "app", **place, step_scaling=STEPS)
    assert _alarms(trial) == {f"shop-app/{name}" for name in STEPS}
    fewer = {
        **{name: STEPS[name] for name in ("cpu-high", "requests-high")},
        "memory": {**STEPS["memory"], "above": 90},
    }
    group = trial.alter(group, **place, step_scaling=fewer)
    assert _alarms(trial) == {f"shop-app/{name}" for name in fewer}
    trial.remove(group)
    assert _alarms(trial) == set()


def _alarms(trial: Trial) -> set[str]:
    return {one["AlarmName"] for one in trial.account.pages("cloudwatch", "describe_alarms", "MetricAlarms")}


def test_a_policy_whose_run_was_cut_before_its_alarm_gets_one(trial: Trial, place: dict[str, Any]) -> None:
    steps = {"up": {"metric": "cpu", "above": 70, "add": 1}}
    trial.make("autoscaling_group", "app", **place, step_scaling=steps)
    trial.account.call("cloudwatch", "delete_alarms", AlarmNames=["shop-app/up"])
    (cut,) = trial.all("autoscaling_group")
    trial.alter(cut, **place, step_scaling=steps)
    assert _alarms(trial) == {"shop-app/up"}


def test_a_schedule_loses_a_number(trial: Trial, place: dict[str, Any]) -> None:
    both = {"night": {"cron": "0 22 * * *", "minimum": 1, "desired": 1}}
    group = trial.make("autoscaling_group", "app", **place, schedules=both)
    trial.alter(group, **place, schedules={"night": {"cron": "0 22 * * *", "desired": 1}})


def test_who_scales_keeps_the_number(trial: Trial, place: dict[str, Any]) -> None:
    tracking = {"cpu": {"metric": "cpu", "target": 60}}
    group = trial.make("autoscaling_group", "app", **place, desired=2, target_tracking=tracking)
    trial.account.call("autoscaling", "set_desired_capacity", AutoScalingGroupName=group.id, DesiredCapacity=4)
    (scaled,) = trial.all("autoscaling_group")
    again = trial.alter(scaled, **place, desired=2, target_tracking=tracking, health_grace_seconds=60)
    assert again.attrs["desired"] == 4


def test_its_machines_are_no_instances_of_the_blueprint(on_moto: Trial) -> None:
    # MiniStack starts no machines for a group
    vpc = a_vpc(on_moto)
    template = on_moto.make("launch_template", "app", size="t3.small", security_groups=[a_group(on_moto, vpc).id])
    subnets = [a_subnet(on_moto, vpc).id]
    on_moto.make("autoscaling_group", "app", launch_template=template.id, subnets=subnets, minimum=2, maximum=2)
    tags = [{one["Key"]: one["Value"] for one in item["Tags"]} for item in _machines(on_moto)]
    assert [(one["stairway:app"], one["Name"]) for one in tags] == [(APP, "shop-app")] * 2
    assert on_moto.all("instance") == []


def _machines(trial: Trial) -> list[dict[str, Any]]:
    pages = trial.account.pages("ec2", "describe_instances", "Reservations")
    return [item for reservation in pages for item in reservation["Instances"]]


def test_a_rollout_replaces_the_machines_that_are_behind(on_moto: Trial) -> None:
    # what our own correction of moto does: the collection's rollouts stand on it
    vpc = a_vpc(on_moto)
    shape: dict[str, Any] = {"size": "t3.small", "security_groups": [a_group(on_moto, vpc).id]}
    template = on_moto.make("launch_template", "app", **shape)
    subnets = [a_subnet(on_moto, vpc, third, zone).id for third, zone in ((11, "a"), (12, "c"))]
    place: dict[str, Any] = {"launch_template": template.id, "subnets": subnets, "minimum": 2, "maximum": 2}
    group = on_moto.make("autoscaling_group", "app", **place)
    on_moto.alter(template, **{**shape, "size": "t3.large"})
    aws = on_moto.account
    aws.call(
        "autoscaling", "start_instance_refresh", AutoScalingGroupName=group.id, Preferences={"MinHealthyPercentage": 50}
    )
    seen = []
    for _each in range(3):
        answer = aws.call("autoscaling", "describe_instance_refreshes", AutoScalingGroupName=group.id)
        seen.append((answer["InstanceRefreshes"][0]["Status"], answer["InstanceRefreshes"][0]["PercentageComplete"]))
    assert seen == [("InProgress", 0), ("InProgress", 50), ("Successful", 100)]
    (item,) = aws.pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups")
    assert [one["LaunchTemplate"]["Version"] for one in item["Instances"]] == ["2", "2"]
    assert {one["AvailabilityZone"] for one in item["Instances"]} == {"ap-northeast-2a", "ap-northeast-2c"}
    running = [one for one in _machines(on_moto) if one["State"]["Name"] == "running"]
    assert [one["InstanceType"] for one in running] == ["t3.large"] * 2


def test_one_of_the_same_name_is_seen_without_our_tag(trial: Trial, place: dict[str, Any]) -> None:
    trial.account.call(
        "autoscaling",
        "create_auto_scaling_group",
        AutoScalingGroupName="shop-app",
        LaunchTemplate={"LaunchTemplateId": place["launch_template"]},
        MinSize=0,
        MaxSize=0,
        VPCZoneIdentifier=",".join(place["subnets"]),
    )
    (foreign,) = KIND.describe(trial.account, Scope(APP, names=frozenset({"shop-app"})))
    assert (foreign.aws_name, foreign.app) == ("shop-app", None)


def test_calls_do_not_grow_with_the_number_of_groups(trial: Trial, place: dict[str, Any]) -> None:
    for name in ("one", "two", "three"):
        trial.make("autoscaling_group", name, **place)
    before = trial.account.calls.copy()
    assert len(trial.all("autoscaling_group")) == 3
    made = trial.account.calls - before
    assert {name: count for name, count in made.items() if "LifecycleHooks" not in name} == {
        "autoscaling:DescribeAutoScalingGroups": 1,
        "autoscaling:DescribePolicies": 1,
        "autoscaling:DescribeScheduledActions": 1,
    }


def test_requests_per_target_as_aws_says_them() -> None:
    policy = {"metric": "requests_per_target", "target": 1000, "load_balancer": LOAD_BALANCER, "target_group": TARGETS}
    parameters = _scaling.tracking_parameters(policy)
    metric = parameters["TargetTrackingConfiguration"]["PredefinedMetricSpecification"]
    assert metric["ResourceLabel"] == f"{LOAD_BALANCER}/{TARGETS}"
    again = _scaling.tracking_of([{"PolicyName": "p", **parameters}])["p"]
    shape = KIND.fields["target_tracking"].shape
    assert shape.canonical({"p": again}) == shape.canonical({"p": policy})


@pytest.mark.parametrize("name", STEPS)
def test_steps_there_and_back(name: str) -> None:
    policy = STEPS[name]
    item = {"PolicyName": name, "AutoScalingGroupName": "g", **_scaling.step_parameters(policy)}
    alarms = {f"g/{name}": _scaling.alarm_parameters("g", policy)}
    shape = KIND.fields["step_scaling"].shape
    assert shape.canonical(_scaling.steps_of([item], alarms)) == shape.canonical({name: policy})


def test_the_state_of_one_that_goes() -> None:
    group = _described({"Status": "Delete in progress"})
    assert group.state == "deleting"
    assert _described({}).state == "ready"


def _described(more: dict[str, Any]) -> Found:
    from ansible_collections.stairway.cloud.plugins.module_utils._kinds.autoscaling_group import to_found

    item = {"AutoScalingGroupName": "g", "MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0, **more}
    return to_found(item, [], {}, [], [])


SCALED = {"target_tracking": {"cpu": {}}}


@pytest.mark.parametrize(
    ("wanted", "found", "fits"),
    [({}, {}, False), (SCALED, {}, True), ({}, SCALED, True), ({"schedules": {"a": {}}}, {}, True)],
    ids=["by-hand", "wanted-policy", "found-policy", "schedule"],
)
def test_whose_the_number_is(wanted: dict[str, Any], found: dict[str, Any], fits: bool) -> None:
    decide = KIND.fields["desired"].fits
    assert decide is not None
    assert decide(wanted, found) is fits


TEMPLATE = {"launch_template": "t", "size": "t3.small", "security_groups": ["web"]}
GOOD: dict[str, Any] = {
    "autoscaling_group": "g", "launch_template": "t", "subnets": ["a", "c"], "minimum": 2, "maximum": 6
}  # fmt: skip
STEP = {"metric": "cpu", "above": 70}
UP = {**STEP, "add": 1}


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        pytest.param({"maximum": 1}, "maximum", id="less-than-the-minimum"),
        pytest.param({"desired": 7}, "maximum", id="desired-above"),
        pytest.param({"desired": 1}, "desired", id="desired-below"),
        pytest.param({"subnets": ["a", "x"]}, "subnets", id="several-vpcs"),
        pytest.param({"subnets": []}, "subnets", id="no-subnet"),
        pytest.param({"health_check": "elb"}, "health_check", id="elb-without-targets"),
        pytest.param({"launch_template": "u"}, "launch_template", id="reference-to-nothing"),
        pytest.param({"termination_policies": ["Oldest"]}, "termination_policies[0]", id="termination-policy"),
        pytest.param(
            {"maintenance": {"minimum_healthy_percent": 50, "maximum_healthy_percent": 200}},
            "maintenance",
            id="too-wide",
        ),
        pytest.param(
            {"target_tracking": {"p": {"metric": "requests_per_target", "target": 9, "load_balancer": "arn:aws:x"}}},
            "target_tracking.p.target_group",
            id="requests-of-whom",
        ),
        pytest.param(
            {"target_tracking": {"p": {"metric": "cpu", "target": 9, "load_balancer": "arn:aws:x"}}},
            "target_tracking.p.load_balancer",
            id="cpu-of-a-load-balancer",
        ),
        pytest.param(
            {"target_tracking": {"p": {"metric": "memory", "target": 9}}}, "target_tracking.p.metric", id="metric"
        ),
        pytest.param(
            {"target_tracking": {"p": {"metric": "cpu", "target": 9}}, "step_scaling": {"p": UP}},
            "step_scaling.p",
            id="one-name-for-two",
        ),
        pytest.param({"step_scaling": {"p": {**UP, "below": 1}}}, "step_scaling.p", id="above-and-below"),
        pytest.param({"step_scaling": {"p": {"metric": "cpu", "above": 1}}}, "step_scaling.p", id="nothing-to-add"),
        pytest.param(
            {"step_scaling": {"p": {**STEP, "steps": [{"to": 5, "add": 1}, {"from": 6, "add": 2}]}}},
            "step_scaling.p.steps[1].from",
            id="gap",
        ),
        pytest.param(
            {"step_scaling": {"p": {**STEP, "steps": [{"to": 5, "add": 1}, {"from": 5, "to": 9, "add": 2}]}}},
            "step_scaling.p.steps[1].to",
            id="not-open",
        ),
        pytest.param({"schedules": {"s": {"cron": "0 22 * * *"}}}, "schedules.s", id="schedule-of-nothing"),
        pytest.param({"schedules": {"s": {"cron": "0 25 * * *", "desired": 2}}}, "schedules.s.cron", id="hour-25"),
        pytest.param({"schedules": {"s": {"cron": "0 9 * *", "desired": 2}}}, "schedules.s.cron", id="four-fields"),
        pytest.param({"schedules": {"s": {"cron": "0 9 * * MOON", "desired": 2}}}, "schedules.s.cron", id="no-day"),
        pytest.param(
            {"schedules": {"s": {"cron": "0 9 * * *", "zone": "Asia/Soul", "desired": 2}}},
            "schedules.s.zone",
            id="zone",
        ),
        pytest.param(
            {"schedules": {"s": {"cron": "0 9 * * *", "minimum": 3, "maximum": 2}}}, "schedules.s.maximum", id="order"
        ),
        pytest.param({"lifecycle_hooks": {"h": {"when": "boot"}}}, "lifecycle_hooks.h.when", id="moment"),
        pytest.param({"metrics": ["GroupSize"]}, "metrics[0]", id="no-such-metric"),
    ],
)  # fmt: skip
def test_bad_ones(fields: dict[str, Any], where: str) -> None:
    assert problems(*NETWORK, TEMPLATE, GOOD) == {}
    assert set(problems(*NETWORK, TEMPLATE, {**GOOD, **fields})) == {f"autoscaling_group/g.{where}"}


def test_price() -> None:
    template = {"size": "t3.small", "root_volume": {"size_gb": 20}}
    attrs = {"launch_template": "t", "minimum": 2, "maximum": 6, "desired": None, "target_tracking": {"cpu": {}}}
    lines = list(KIND.price(attrs, lambda kind, name: template if (kind, name) == ("launch_template", "t") else None))
    assert {one.sku: one.quantity for one in lines} == {"ec2/instance/t3.small": 1460, "ebs/gp3": 40}
    assert {one.traffic for one in lines} == {"2 machines all month, of 2 to 6"}
    fixed = replace(KIND)
    lines = list(fixed.price({**attrs, "desired": 3, "target_tracking": {}}, lambda _kind, _name: template))
    assert {one.traffic for one in lines} == {None}
    assert lines[0].quantity == 2190
