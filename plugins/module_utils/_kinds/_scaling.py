"""How an Auto Scaling group grows and shrinks: policies with their alarms, and schedules.

Sources: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html and
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._resource.kind import Found, Wanted

Item = Mapping[str, Any]
_PREDEFINED = {
    "cpu": "ASGAverageCPUUtilization",
    "network_in": "ASGAverageNetworkIn",
    "network_out": "ASGAverageNetworkOut",
    "requests_per_target": "ALBRequestCountPerTarget",
}
# metric -> namespace, name, statistic
_METRICS = {
    "cpu": ("AWS/EC2", "CPUUtilization", "Average"),
    "memory": ("CWAgent", "mem_used_percent", "Average"),
    "requests": ("AWS/ApplicationELB", "RequestCount", "Sum"),
    "requests_per_target": ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"),
}
_UNITS = {"machines": "ChangeInCapacity", "percent": "PercentChangeInCapacity"}


def _back(table: Mapping[str, str], value: Any) -> str:
    return next((ours for ours, theirs in table.items() if theirs == value), str(value))


# -- target tracking ---------------------------------------------------------------------------------------------------


def tracking_of(policies: Iterable[Item]) -> dict[str, dict[str, Any]]:
    return {one["PolicyName"]: _tracking(one) for one in policies if one.get("PolicyType") == "TargetTrackingScaling"}


def _tracking(item: Item) -> dict[str, Any]:
    config = item["TargetTrackingConfiguration"]
    predefined = config.get("PredefinedMetricSpecification") or {}
    balancer, _slash, target = str(predefined.get("ResourceLabel") or "").partition("/targetgroup/")
    return {
        "metric": _back(_PREDEFINED, predefined.get("PredefinedMetricType")),
        "target": config["TargetValue"],
        "load_balancer": balancer or None,
        "target_group": f"targetgroup/{target}" if target else None,
        "scales_in": not config.get("DisableScaleIn", False),
        "warmup_seconds": item.get("EstimatedInstanceWarmup"),
    }


def tracking_parameters(policy: Item) -> dict[str, Any]:
    metric: dict[str, Any] = {"PredefinedMetricType": _PREDEFINED[policy["metric"]]}
    if policy["metric"] == "requests_per_target":
        metric["ResourceLabel"] = f"{policy['load_balancer']}/{policy['target_group']}"
    return {
        "PolicyType": "TargetTrackingScaling",
        "EstimatedInstanceWarmup": policy.get("warmup_seconds"),
        "TargetTrackingConfiguration": {
            "PredefinedMetricSpecification": metric,
            "TargetValue": float(policy["target"]),
            "DisableScaleIn": policy.get("scales_in") is False,
        },
    }


# -- step scaling ------------------------------------------------------------------------------------------------------


def steps_of(policies: Iterable[Item], alarms: Mapping[str, Item]) -> dict[str, dict[str, Any]]:
    """Policies with what makes them act; one without its alarm never does, and differs from every entry."""
    return {
        one["PolicyName"]: {
            **_alarm(alarms.get(alarm_name(one["AutoScalingGroupName"], one["PolicyName"]))),
            **_step(one),
        }
        for one in policies
        if one.get("PolicyType") == "StepScaling"
    }


def alarm_name(group: str, policy: str) -> str:
    return f"{group}/{policy}"


def _step(item: Item) -> dict[str, Any]:
    adjustments = item.get("StepAdjustments") or []
    lower = any(
        (one.get("MetricIntervalUpperBound") or 0) <= 0 and "MetricIntervalUpperBound" in one for one in adjustments
    )
    steps = [_one_step(one, falls=lower) for one in adjustments]
    whole = len(steps) == 1 and steps[0] == {"add": steps[0]["add"]}
    return {
        **({"add": steps[0]["add"]} if whole else {"steps": sorted(steps, key=lambda one: one.get("from", 0))}),
        "unit": _back(_UNITS, item.get("AdjustmentType")),
        "warmup_seconds": item.get("EstimatedInstanceWarmup"),
    }


def _one_step(item: Item, *, falls: bool) -> dict[str, Any]:
    """Distances from the limit, counted in the direction in which the metric went."""
    near, far = ("MetricIntervalUpperBound", "MetricIntervalLowerBound")[:: 1 if falls else -1]
    step: dict[str, Any] = {"add": item["ScalingAdjustment"]}
    if item.get(near):
        step["from"] = abs(item[near])
    if item.get(far) is not None:
        step["to"] = abs(item[far])
    return step


def _alarm(item: Item | None) -> dict[str, Any]:
    if item is None:
        return {"metric": "nothing", "above": None}
    what = (item.get("Namespace"), item.get("MetricName"), item.get("Statistic"))
    dimensions = {one["Name"]: one["Value"] for one in item.get("Dimensions") or ()}
    limit = "above" if item["ComparisonOperator"].startswith("GreaterThan") else "below"
    return {
        "metric": next((ours for ours, theirs in _METRICS.items() if theirs == what), str(what)),
        limit: item["Threshold"],
        "period_seconds": item["Period"],
        "periods": item["EvaluationPeriods"],
        "load_balancer": dimensions.get("LoadBalancer"),
        "target_group": dimensions.get("TargetGroup"),
    }


def step_parameters(policy: Item) -> dict[str, Any]:
    falls = policy.get("below") is not None
    steps = policy.get("steps") or [{"add": policy["add"]}]
    return {
        "PolicyType": "StepScaling",
        "AdjustmentType": _UNITS[policy.get("unit") or "machines"],
        "MetricAggregationType": "Average",
        "EstimatedInstanceWarmup": policy.get("warmup_seconds"),
        "StepAdjustments": [_adjustment(step, falls=falls) for step in steps],
    }


def _adjustment(step: Item, *, falls: bool) -> dict[str, Any]:
    near, far = float(step.get("from") or 0), step.get("to")
    if falls:
        lower = {} if far is None else {"MetricIntervalLowerBound": -float(far)}
        return {**lower, "MetricIntervalUpperBound": -near, "ScalingAdjustment": step["add"]}
    upper = {} if far is None else {"MetricIntervalUpperBound": float(far)}
    return {"MetricIntervalLowerBound": near, **upper, "ScalingAdjustment": step["add"]}


def alarm_parameters(group: str, policy: Item) -> dict[str, Any]:
    namespace, metric, statistic = _METRICS[policy["metric"]]
    above = policy.get("above") is not None
    of: dict[str, Any] = {"AutoScalingGroupName": group}
    if namespace == "AWS/ApplicationELB":
        of = {"LoadBalancer": policy.get("load_balancer"), "TargetGroup": policy.get("target_group")}
    return {
        "Namespace": namespace,
        "MetricName": metric,
        "Statistic": statistic,
        "Dimensions": [{"Name": name, "Value": value} for name, value in sorted(of.items()) if value],
        "ComparisonOperator": "GreaterThanThreshold" if above else "LessThanThreshold",
        "Threshold": float(policy["above"] if above else policy["below"]),
        "Period": int(policy.get("period_seconds") or 60),
        "EvaluationPeriods": int(policy.get("periods") or 1),
        # a load balancer without a single request says nothing at all
        "TreatMissingData": "breaching" if namespace == "AWS/ApplicationELB" and not above else "missing",
    }


# -- what is done ------------------------------------------------------------------------------------------------------


def set_tracking(aws: Any, found: Found, wanted: Wanted) -> None:
    goal = wanted.get("target_tracking", {})
    for name, policy in goal.items():
        parameters = tracking_parameters(policy)
        aws.call("autoscaling", "put_scaling_policy", AutoScalingGroupName=found.id, PolicyName=name, **parameters)
    _drop(aws, found, set(found.attrs.get("target_tracking") or ()) - set(goal) - set(wanted.get("step_scaling", {})))


def set_steps(aws: Any, found: Found, wanted: Wanted) -> None:
    goal = wanted.get("step_scaling", {})
    for name, policy in goal.items():
        parameters = step_parameters(policy)
        answer = aws.call(
            "autoscaling", "put_scaling_policy", AutoScalingGroupName=found.id, PolicyName=name, **parameters
        )
        aws.call(
            "cloudwatch",
            "put_metric_alarm",
            AlarmName=alarm_name(found.id, name),
            AlarmDescription=f"Starts the policy {name} of {found.id}.",
            AlarmActions=[answer["PolicyARN"]],
            **alarm_parameters(found.id, policy),
        )
    gone = set(found.attrs.get("step_scaling") or ()) - set(goal)
    drop_alarms(aws, [alarm_name(found.id, name) for name in sorted(gone)])
    _drop(aws, found, gone - set(wanted.get("target_tracking", {})))


def drop_alarms(aws: Any, names: list[str]) -> None:
    for start in range(0, len(names), 100):
        aws.call("cloudwatch", "delete_alarms", AlarmNames=names[start : start + 100])


def _drop(aws: Any, found: Found, policies: Iterable[str]) -> None:
    for name in sorted(policies):
        aws.call("autoscaling", "delete_policy", AutoScalingGroupName=found.id, PolicyName=name)


# -- schedules ---------------------------------------------------------------------------------------------------------

_NUMBERS = {"minimum": "MinSize", "maximum": "MaxSize", "desired": "DesiredCapacity"}


def schedules_of(actions: Iterable[Item]) -> dict[str, dict[str, Any]]:
    """Those that come again; one for a single moment is somebody's for that moment."""
    return {
        one["ScheduledActionName"]: {
            "cron": one["Recurrence"],
            "zone": one.get("TimeZone") or "UTC",
            **{ours: one.get(theirs) for ours, theirs in _NUMBERS.items()},
        }
        for one in actions
        if one.get("Recurrence")
    }


def set_schedules(aws: Any, found: Found, wanted: Wanted) -> None:
    goal = wanted.get("schedules", {})
    there = found.attrs.get("schedules") or {}
    for name in sorted(set(there) - set(goal)):
        _unschedule(aws, found.id, name)
    for name, action in goal.items():
        if name in there and _numbers(there[name]) - _numbers(action):
            _unschedule(aws, found.id, name)  # putting it again would keep a number that is left out now
        aws.call(
            "autoscaling",
            "put_scheduled_update_group_action",
            AutoScalingGroupName=found.id,
            ScheduledActionName=name,
            Recurrence=action["cron"],
            TimeZone=action.get("zone") or "UTC",
            **{theirs: action.get(ours) for ours, theirs in _NUMBERS.items()},
        )


def _numbers(action: Item) -> set[str]:
    return {name for name in _NUMBERS if action.get(name) is not None}


def _unschedule(aws: Any, group: str, name: str) -> None:
    aws.call("autoscaling", "delete_scheduled_action", AutoScalingGroupName=group, ScheduledActionName=name)


# -- lifecycle hooks ---------------------------------------------------------------------------------------------------

_MOMENTS = {"launch": "autoscaling:EC2_INSTANCE_LAUNCHING", "terminate": "autoscaling:EC2_INSTANCE_TERMINATING"}


def hooks_of(items: Iterable[Item]) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in items:
        yield (
            one["LifecycleHookName"],
            {
                "when": _back(_MOMENTS, one["LifecycleTransition"]),
                "seconds": one.get("HeartbeatTimeout", 3600),
                "otherwise": one.get("DefaultResult", "ABANDON").lower(),
            },
        )


def hook_parameters(name: str, hook: Item) -> dict[str, Any]:
    return {
        "LifecycleHookName": name,
        "LifecycleTransition": _MOMENTS[hook["when"]],
        "HeartbeatTimeout": int(hook.get("seconds") or 3600),
        "DefaultResult": (hook.get("otherwise") or "abandon").upper(),
    }


def set_hooks(aws: Any, found: Found, wanted: Wanted) -> None:
    goal = wanted.get("lifecycle_hooks", {})
    for name, hook in goal.items():
        aws.call("autoscaling", "put_lifecycle_hook", AutoScalingGroupName=found.id, **hook_parameters(name, hook))
    for name in sorted(set(found.attrs.get("lifecycle_hooks") or ()) - set(goal)):
        aws.call("autoscaling", "delete_lifecycle_hook", AutoScalingGroupName=found.id, LifecycleHookName=name)
