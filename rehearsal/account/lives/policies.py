"""What policies of Auto Scaling ask for. Pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .metrics import Metric

LOW = 0.9  # of the target: only below it does tracking take machines away
PREDEFINED = {
    "ASGAverageCPUUtilization": ("AWS/EC2", "CPUUtilization", "Average"),
    "ASGAverageNetworkIn": ("AWS/EC2", "NetworkIn", "Average"),
    "ASGAverageNetworkOut": ("AWS/EC2", "NetworkOut", "Average"),
    "ALBRequestCountPerTarget": ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"),
}


def adjusted(current: int, kind: str, amount: int, least: int | None = None) -> int:
    """``current`` after one adjustment; a share is rounded away from nothing, and ``least`` is the smallest step."""
    if kind == "ExactCapacity":
        return amount
    if kind != "PercentChangeInCapacity":
        return current + amount
    exact = current * amount / 100
    step = math.copysign(max(1, math.floor(abs(exact))), exact) if exact else 0
    if least and abs(step) < least:
        step = math.copysign(least, amount)
    return current + int(step)


def step(steps: Sequence[Mapping[str, Any]], excess: float) -> int | None:
    """The adjustment of the step that ``excess`` (metric minus threshold) falls into."""
    for one in steps:
        lower, upper = one.get("MetricIntervalLowerBound"), one.get("MetricIntervalUpperBound")
        low = -math.inf if lower in (None, "") else float(str(lower))
        high = math.inf if upper in (None, "") else float(str(upper))
        # above the threshold a step begins with its lower bound, below it ends with its upper one
        if (low <= excess < high) if excess >= 0 else (low < excess <= high):
            return int(one["ScalingAdjustment"])
    return None


def tracked(serving: int, metric: float, target: float) -> int | None:
    """How many machines would bring the metric to its target; ``None`` while it is near enough."""
    if metric > target or metric < LOW * target:
        return max(0, math.ceil(round(serving * metric / target, 6)))
    return None


def watched(group: str, configuration: Mapping[str, Any]) -> tuple[Metric, str] | None:
    """Metric and statistic of a policy that tracks a target; ``None`` for metric math."""
    ready = configuration.get("PredefinedMetricSpecification")
    if ready:
        namespace, name, statistic = PREDEFINED[ready["PredefinedMetricType"]]
        dimensions = (("AutoScalingGroupName", group),)
        if namespace == "AWS/ApplicationELB":
            dimensions = (("TargetGroup", "targetgroup" + str(ready.get("ResourceLabel")).partition("targetgroup")[2]),)
        return Metric(namespace, name, dimensions), statistic
    own = configuration.get("CustomizedMetricSpecification") or {}
    if not own.get("MetricName"):
        return None
    return Metric.of(own["Namespace"], own["MetricName"], own.get("Dimensions") or ()), own.get("Statistic", "Average")
