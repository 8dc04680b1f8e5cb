"""Metrics of CloudWatch, as alarms and dashboards name them: whose metric it is, in the words of the blueprint.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._common.suggest import nearest
from .._resource.kind import Entry, Sight
from .._resource.problems import Problem
from .._resource.types import Lookup, Number, Part, Ref, Shape, Text, Unknown

STATISTIC = Text(
    r"Average|Sum|Minimum|Maximum|SampleCount|IQM|p\d{1,3}(\.\d+)?|(TM|WM|TC|TS|PR)\(.+\)|(tm|wm|tc|ts)\d{1,2}(\.\d+)?",
    "Average, Sum, Minimum, Maximum, SampleCount, or a percentile such as p95",
)
PERIOD = Number(1, 86400, "seconds")


# how what a reference gives becomes dimensions
_Becomes = Callable[[str], Mapping[str, str]]


def _one(dimension: str, cut: Callable[[str], str] = str) -> _Becomes:
    return lambda text: {dimension: cut(text)}


def _ecs_service(arn: str) -> Mapping[str, str]:
    _prefix, cluster, service = arn.rsplit("/", 2)
    return {"ClusterName": cluster, "ServiceName": service}


def _cache_node(arn: str) -> Mapping[str, str]:
    # a replication group has no metrics of its own; its first node is the primary until that fails
    kind, _colon, name = arn.rpartition(":")
    return {"CacheClusterId": f"{name}-001" if kind.endswith(":replicationgroup") else name}


# kind -> the output that a reference gives, and the dimensions that it becomes
KINDS: Mapping[str, tuple[str, _Becomes]] = {
    "instance": ("id", _one("InstanceId")),
    "autoscaling_group": ("id", _one("AutoScalingGroupName")),
    "load_balancer": ("dimension", _one("LoadBalancer")),
    "target_group": ("dimension", _one("TargetGroup")),
    "database": ("id", _one("DBInstanceIdentifier")),
    "cache": ("arn", _cache_node),
    "nat_gateway": ("id", _one("NatGatewayId")),
    "bucket": ("id", _one("BucketName")),
    "topic": ("arn", _one("TopicName", lambda arn: arn.rpartition(":")[2])),
    "log_group": ("id", _one("LogGroupName")),
    "event_rule": ("id", _one("RuleName")),
    "ecs_cluster": ("id", _one("ClusterName")),
    "queue": ("arn", _one("QueueName", lambda arn: arn.rpartition(":")[2])),
    "ecs_service": ("arn", _ecs_service),
    "health_check": ("id", _one("HealthCheckId")),
    "distribution": ("id", lambda one: {"DistributionId": one, "Region": "Global"}),
}
ONLY_VIRGINIA = ("health_check", "distribution")


@dataclass(frozen=True)
class Dimensions(Shape):
    """Whose metric it is: ``{database: main}`` for an entry, ``{path: /}`` for a dimension by its own name."""

    @property
    def words(self) -> str:
        known = ", ".join(f"`{kind}`" for kind in KINDS)
        return f"a dictionary: {known} with the name of an entry, or a dimension's own name with its value"

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(where, "This has to be a dictionary.", json.dumps(value, default=str), self.words, None)
            return
        for key, one in value.items():
            meant = None if key in KINDS or not str(key).islower() else nearest(str(key), KINDS)
            if meant is not None:
                yield Problem(f"{where}.{key}", "This kind is not known here.", str(key), self.words, meant)
            elif not isinstance(one, str) or not one:
                yield Problem(f"{where}.{key}", "This has to be a text.", json.dumps(one, default=str), "a name")

    def _parts(self, value: Any) -> Iterator[tuple[str, Any, Ref | None]]:
        for key, one in value.items() if isinstance(value, Mapping) else ():
            yield key, one, Ref(key, KINDS[key][0]) if key in KINDS else None

    def links(self, value: Any) -> Iterator[tuple[Ref, str]]:
        for _key, one, ref in self._parts(value):
            if ref is not None:
                yield from ref.links(one)

    def resolve(self, value: Any, lookup: Lookup) -> Any:
        if not isinstance(value, Mapping):
            return value
        result: dict[str, Any] = {}
        for key, one, ref in self._parts(value):
            known = one if ref is None else ref.resolve(one, lookup)
            if isinstance(known, Unknown):
                return known
            result.update({key: known} if ref is None else KINDS[key][1](str(known)))
        return result

    def canonical(self, value: Any) -> Any:
        return {key: value[key] for key in sorted(value)} if isinstance(value, Mapping) else value


def metric_parts() -> dict[str, Part]:
    """One metric, as a part of something bigger."""
    return {
        "namespace": Part(Text(most=255), "Where the metric is from, such as AWS/RDS."),
        "metric": Part(Text(most=255), "The metric's name, such as CPUUtilization."),
        "of": Part(Dimensions(), "Whose metric it is.", default={}),
        "statistic": Part(STATISTIC, "How the values of a period become one.", default="Average"),
        "period_seconds": Part(PERIOD, "How long a period is.", default=300),
    }


def as_dimensions(of: Mapping[str, str]) -> list[dict[str, str]]:
    """As CloudWatch's API wants them."""
    return [{"Name": name, "Value": of[name]} for name in sorted(of)]


def of_dimensions(items: Any) -> dict[str, str]:
    """The way back."""
    return {item["Name"]: item["Value"] for item in items or ()}


def elsewhere(entry: Entry, sight: Sight, where: str, of: Any) -> Iterator[Problem]:
    """Metrics of global services are in us-east-1 only, and so is whatever reads them."""
    for kind in ONLY_VIRGINIA:
        if isinstance(of, Mapping) and kind in of and sight.region != "us-east-1":
            yield Problem(
                f"{entry.key}.{where}",
                f"CloudWatch has the metrics of a {kind} in us-east-1 only.",
                sight.region,
                "a metric of this region",
                "put it into a blueprint for us-east-1",
            )
