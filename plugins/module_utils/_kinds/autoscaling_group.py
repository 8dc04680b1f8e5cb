"""``autoscaling_group``: so many machines of one sort as there is work.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict
from .._resource.kind import APP_TAG, Change, Entry, Field, Found, Kind, Related, Scope, Sight, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import Choice, Flag, ListOf, Number, Ref, Text
from . import _machine, _scaling, _scaling_checks
from . import _scaling_words as words
from ._names import namer

_DAY = 86400
_SCALED_BY = ("target_tracking", "step_scaling", "schedules")
_UPDATED = frozenset(
    {
        "launch_template", "template_version", "subnets", "minimum", "maximum", "desired", "health_check",
        "health_grace_seconds", "cooldown_seconds", "warmup_seconds", "termination_policies", "scale_in_protection",
        "max_lifetime_days", "maintenance",
    }
)  # fmt: skip
Items = list[Mapping[str, Any]]


def _scaled(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether the number of machines is for policies and schedules to say."""
    return any(side.get(name) for side in (wanted, found) for name in _SCALED_BY)


def to_found(
    group: Mapping[str, Any], policies: Items, alarms: Mapping[str, Mapping[str, Any]], schedules: Items, hooks: Items
) -> Found:
    mine = [one for one in policies if one["AutoScalingGroupName"] == group["AutoScalingGroupName"]]
    acts = [one for one in schedules if one["AutoScalingGroupName"] == group["AutoScalingGroupName"]]
    return Found(
        kind="autoscaling_group",
        id=group["AutoScalingGroupName"],
        attrs={
            **_capacity_of(group),
            **_template_of(group),
            "subnets": [one for one in (group.get("VPCZoneIdentifier") or "").split(",") if one],
            "target_groups": group.get("TargetGroupARNs") or [],
            "health_check": "elb" if "ELB" in (group.get("HealthCheckType") or "") else "ec2",
            "health_grace_seconds": group.get("HealthCheckGracePeriod") or 0,
            "termination_policies": group.get("TerminationPolicies") or ["Default"],
            "maintenance": _maintenance_of(group.get("InstanceMaintenancePolicy") or {}),
            "metrics": [one["Metric"] for one in group.get("EnabledMetrics") or ()],
            "target_tracking": _scaling.tracking_of(mine),
            "step_scaling": _scaling.steps_of(mine, alarms),
            "schedules": _scaling.schedules_of(acts),
            "lifecycle_hooks": dict(_scaling.hooks_of(hooks)),
        },
        tags=as_dict(group.get("Tags")),
        aws_name=group["AutoScalingGroupName"],
        # AWS says only of one that goes how it stands: «Delete in progress»
        state="deleting" if group.get("Status") else "ready",
        outputs={"arn": group.get("AutoScalingGroupARN")},
    )


def _capacity_of(group: Mapping[str, Any]) -> dict[str, Any]:
    lifetime = group.get("MaxInstanceLifetime")
    return {
        "minimum": group["MinSize"],
        "maximum": group["MaxSize"],
        "desired": group["DesiredCapacity"],
        "cooldown_seconds": group.get("DefaultCooldown"),
        "warmup_seconds": group.get("DefaultInstanceWarmup"),
        "max_lifetime_days": lifetime // _DAY if lifetime else None,
        "scale_in_protection": group.get("NewInstancesProtectedFromScaleIn", False),
    }


def _template_of(group: Mapping[str, Any]) -> dict[str, Any]:
    template = group.get("LaunchTemplate") or {}
    return {"launch_template": template.get("LaunchTemplateId"), "template_version": template.get("Version")}


def _maintenance_of(policy: Mapping[str, Any]) -> dict[str, Any] | None:
    low, high = policy.get("MinHealthyPercentage"), policy.get("MaxHealthyPercentage")
    if low is None or low < 0:  # AWS answers -1 for one that was taken away
        return None
    return {"minimum_healthy_percent": low, "maximum_healthy_percent": high}


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    groups = list(_groups(aws, scope))
    if not groups:
        return
    # the lists of one group, or, in the same number of pages, of all that the account has
    only = groups[0]["AutoScalingGroupName"] if len(groups) == 1 else None
    key = "ScheduledUpdateGroupActions"
    policies = list(aws.pages("autoscaling", "describe_policies", "ScalingPolicies", AutoScalingGroupName=only))
    schedules = list(aws.pages("autoscaling", "describe_scheduled_actions", key, AutoScalingGroupName=only))
    names = {one["AutoScalingGroupName"] for one in groups}
    alarms = _alarms(aws, [one for one in policies if one["AutoScalingGroupName"] in names])
    for group in groups:
        yield to_found(group, policies, alarms, schedules, _hooks(aws, group["AutoScalingGroupName"]))


def _groups(aws: Any, scope: Scope) -> Iterator[Mapping[str, Any]]:
    seen: set[str] = set()
    names = sorted(scope.ids | scope.names)
    asked: list[dict[str, Any]] = (
        [] if scope.only else [{"Filters": [{"Name": f"tag:{APP_TAG}", "Values": [scope.app]}]}]
    )
    asked += [{"AutoScalingGroupNames": names[start : start + 50]} for start in range(0, len(names), 50)]
    for one in asked:
        for item in aws.pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", **one):
            if item["AutoScalingGroupName"] not in seen:
                seen.add(item["AutoScalingGroupName"])
                yield item


def _alarms(aws: Any, policies: Items) -> dict[str, Mapping[str, Any]]:
    steps = [one for one in policies if one.get("PolicyType") == "StepScaling"]
    names = sorted(_scaling.alarm_name(one["AutoScalingGroupName"], one["PolicyName"]) for one in steps)
    result: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(names), 100):
        for item in aws.pages("cloudwatch", "describe_alarms", "MetricAlarms", AlarmNames=names[start : start + 100]):
            result[item["AlarmName"]] = item
    return result


def _hooks(aws: Any, group: str) -> Items:
    # a group at a time: AWS has no other way
    return list(aws.pages("autoscaling", "describe_lifecycle_hooks", "LifecycleHooks", AutoScalingGroupName=group))


def create(aws: Any, wanted: Wanted) -> str:
    name = wanted.aws_name
    hooks = [_scaling.hook_parameters(key, one) for key, one in wanted.get("lifecycle_hooks", {}).items()]
    aws.call(
        "autoscaling",
        "create_auto_scaling_group",
        AutoScalingGroupName=name,
        Tags=_tags(name, wanted.tags),
        TargetGroupARNs=wanted.attrs["target_groups"] or None,
        LifecycleHookSpecificationList=hooks or None,
        **_parameters(wanted, wanted.get("desired")),
    )
    aws.created(name)
    new = Found("autoscaling_group", name, {}, wanted.tags)
    if wanted.attrs["metrics"]:
        _set_metrics(aws, new, wanted)
    _scaling.set_tracking(aws, new, wanted)
    _scaling.set_steps(aws, new, wanted)
    _scaling.set_schedules(aws, new, wanted)
    return name


def _parameters(wanted: Wanted, desired: int | None) -> dict[str, Any]:
    """What creation and update have in common."""
    attrs = wanted.attrs
    days, maintenance = attrs["max_lifetime_days"], attrs["maintenance"]
    template = {"LaunchTemplateId": attrs["launch_template"], "Version": attrs["template_version"] or "$Default"}
    return {
        "LaunchTemplate": template,
        "MinSize": attrs["minimum"],
        "MaxSize": attrs["maximum"],
        "DesiredCapacity": desired,
        "VPCZoneIdentifier": ",".join(attrs["subnets"]),
        "HealthCheckType": attrs["health_check"].upper() if attrs["health_check"] else None,
        "HealthCheckGracePeriod": attrs["health_grace_seconds"],
        "DefaultCooldown": attrs["cooldown_seconds"],
        "DefaultInstanceWarmup": attrs["warmup_seconds"],
        "TerminationPolicies": attrs["termination_policies"],
        "NewInstancesProtectedFromScaleIn": attrs["scale_in_protection"],
        "MaxInstanceLifetime": days * _DAY if days else None,
        "InstanceMaintenancePolicy": {
            "MinHealthyPercentage": maintenance["minimum_healthy_percent"],
            "MaxHealthyPercentage": maintenance["maximum_healthy_percent"],
        }
        if maintenance
        else None,
    }


def _update(aws: Any, found: Found, wanted: Wanted) -> None:
    desired = None if _scaled(wanted.attrs, found.attrs) else wanted.attrs["desired"]
    name = found.id
    aws.call("autoscaling", "update_auto_scaling_group", AutoScalingGroupName=name, **_parameters(wanted, desired))


def _set_target_groups(aws: Any, found: Found, wanted: Wanted) -> None:
    there, goal = set(found.attrs["target_groups"]), set(wanted.get("target_groups", []))
    name = found.id
    if goal - there:
        arns = sorted(goal - there)
        aws.call("autoscaling", "attach_load_balancer_target_groups", AutoScalingGroupName=name, TargetGroupARNs=arns)
    if there - goal:
        arns = sorted(there - goal)
        aws.call("autoscaling", "detach_load_balancer_target_groups", AutoScalingGroupName=name, TargetGroupARNs=arns)


def _set_metrics(aws: Any, found: Found, wanted: Wanted) -> None:
    there, goal = set(found.attrs.get("metrics") or ()), set(wanted.get("metrics", []))
    name = found.id
    if there - goal:
        metrics = sorted(there - goal)
        aws.call("autoscaling", "disable_metrics_collection", AutoScalingGroupName=name, Metrics=metrics)
    if goal - there:
        metrics = sorted(goal - there)
        aws.call(
            "autoscaling",
            "enable_metrics_collection",
            AutoScalingGroupName=name,
            Granularity="1Minute",
            Metrics=metrics,
        )


def delete(aws: Any, found: Found) -> None:
    """Its alarms first: nothing would show them when the group is gone. The machines go with the group."""
    alarms = [_scaling.alarm_name(found.id, name) for name in sorted(found.attrs.get("step_scaling") or ())]
    _scaling.drop_alarms(aws, alarms)
    try:
        aws.call("autoscaling", "delete_auto_scaling_group", AutoScalingGroupName=found.id, ForceDelete=True)
    except AwsError as error:
        if not error.missing:
            raise


def _tags(name: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """The machines get them too: by these an inventory knows whose they are."""
    resource = {"ResourceId": name, "ResourceType": "auto-scaling-group"}
    return [{**resource, "Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in sorted(tags.items())]


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    if add:
        aws.call("autoscaling", "create_or_update_tags", Tags=_tags(found.id, add))
    if remove:
        tags = [{"ResourceId": found.id, "ResourceType": "auto-scaling-group", "Key": key} for key in remove]
        aws.call("autoscaling", "delete_tags", Tags=tags)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    yield from _scaling_checks.check(entry)
    subnets = [one for name in entry.attrs["subnets"] if (one := sight.get("subnet", name)) is not None]
    vpcs = {one.attrs["vpc"] for one in subnets}
    if len(vpcs) > 1:
        found = ", ".join(f"{one.name} of {one.attrs['vpc']}" for one in subnets)
        yield Problem(f"{entry.key}.subnets", "These subnets are of several VPCs.", found, "subnets of one VPC")
    maintenance = entry.attrs["maintenance"]
    if maintenance and maintenance["maximum_healthy_percent"] - maintenance["minimum_healthy_percent"] > 100:
        yield Problem(
            f"{entry.key}.maintenance", "AWS wants these at most 100 apart.",
            f"{maintenance['minimum_healthy_percent']} and {maintenance['maximum_healthy_percent']}",
            "such as 90 and 110",
        )  # fmt: skip


def price(attrs: Mapping[str, Any], related: Related) -> Iterator[Usage]:
    template = related("launch_template", str(attrs.get("launch_template")))
    machines = attrs.get("desired") if attrs.get("desired") is not None else attrs["minimum"]
    if template is None or not machines:
        return
    moves = _scaled(attrs, {}) and attrs["minimum"] != attrs["maximum"]
    assumption = f"{machines} machines all month, of {attrs['minimum']} to {attrs['maximum']}" if moves else None
    for line in _machine.price(template, machines):
        yield Usage(line.sku, line.quantity, assumption)


KIND = Kind(
    name="autoscaling_group",
    doc="So many machines of one sort as there is work. A run never starts or ends a machine because the template "
    "changed: that is a rollout's work.",
    fields={
        "launch_template": Field(Ref("launch_template"), "What its machines are like.", required=True),
        "template_version": Field(
            Text(r"\$Default|\$Latest|\d+", "$Default, $Latest or a number"),
            "Which version of the template new machines get.",
            default="$Default",
        ),
        "subnets": Field(
            ListOf(Ref("subnet"), least=1), "Where its machines stand; two zones are safe.", required=True
        ),
        "minimum": Field(Number(0, 10000), "How many there are at least.", required=True),
        "maximum": Field(Number(0, 10000), "How many there are at most.", required=True),
        "desired": Field(
            Number(0, 10000),
            "How many there are now. In a group that scales by a policy or a schedule this counts when it is made, and "
            "is theirs from then on. Left out, the minimum when it is made.",
            fits=_scaled,
        ),
        "target_groups": Field(ListOf(Ref("target_group")), "Where its machines get their traffic from.", default=[]),
        "health_check": Field(
            Choice(("ec2", "elb")),
            "Who says that a machine is ill: EC2 alone, or the load balancer too.",
            default="ec2",
        ),
        "health_grace_seconds": Field(
            Number(0, 7200, "seconds"), "How long a new machine is given before it may be called ill.", default=300
        ),
        "cooldown_seconds": Field(
            Number(0, 86400, "seconds"), "How long simple scaling waits after it has acted.", default=300
        ),
        "warmup_seconds": Field(
            Number(0, 86400, "seconds"), "How long a new machine does not count for scaling and rollouts."
        ),
        "termination_policies": Field(
            ListOf(Choice(words.TERMINATION_POLICIES), ordered=True, least=1),
            "Which machine goes first.",
            default=["Default"],
        ),
        "scale_in_protection": Field(Flag(), "Whether new machines are safe from being scaled in.", default=False),
        "max_lifetime_days": Field(Number(1, 365, "days"), "After how long a machine is replaced by a new one."),
        "maintenance": Field(
            words.MAINTENANCE, "How many machines serve while some are replaced; instance refreshes follow it too."
        ),
        "metrics": Field(
            ListOf(Choice(words.METRICS)), "Figures of the group itself that CloudWatch gets, free.", default=[]
        ),
        "target_tracking": Field(
            words.TARGET_TRACKING, "Keeps a metric at a value, by name of the policy.", default={}
        ),
        "step_scaling": Field(
            words.STEP_SCALING,
            "Adds or takes away machines when a metric passes a limit, by policy. Its alarm is made with it.",
            default={},
        ),
        "schedules": Field(words.SCHEDULES, "Changes the numbers at times, by name.", default={}),
        "lifecycle_hooks": Field(
            words.LIFECYCLE_HOOKS, "Lets machines wait for something when they start or go, by name.", default={}
        ),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=retag,
    changes=(
        Change(_UPDATED, _update),
        Change(frozenset({"target_groups"}), _set_target_groups),
        Change(frozenset({"metrics"}), _set_metrics),
        Change(frozenset({"lifecycle_hooks"}), _scaling.set_hooks),
        Change(frozenset({"target_tracking"}), _scaling.set_tracking),
        Change(frozenset({"step_scaling"}), _scaling.set_steps),
        Change(frozenset({"schedules"}), _scaling.set_schedules),
    ),
    outputs={"arn": "Its ARN."},
    aws_name=namer(160),
    check=check,
    price=price,
    waits_for=("listener",),
    leaves_after=("load_balancer",),
    seconds=10,
)
