"""``target_group``: what a load balancer sends requests to, and how it knows that a target is healthy.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .._aws.tags import as_list
from .._resource.kind import Change, Entry, Field, Found, Kind, Scope, Sight, Wanted
from .._resource.problems import Problem
from .._resource.types import Choice, Flag, ListOf, Number, Part, Record, Ref, Text
from . import _elb, _names

_REPLACED = ("vpc", "port", "protocol", "protocol_version", "target_type")
_HASH = 6
_OWN_PORT = "traffic-port"
# field -> AWS's attribute
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
_NUMBERS = {
    "deregistration_delay_seconds": "deregistration_delay.timeout_seconds",
    "slow_start_seconds": "slow_start.duration_seconds",
}
_ALGORITHM = "load_balancing.algorithm.type"
_LEAVING = {"draining", "unavailable"}


def aws_name(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    """With a hash of what cannot be changed: the group that takes the place of another needs a name of its own."""
    fixed = json.dumps([attrs.get(field) for field in _REPLACED])
    digest = hashlib.sha256(fixed.encode()).hexdigest()[:_HASH]
    return f"{_names.joined(app, name, _elb.NAME_LENGTH - _HASH - 1)}-{digest}"


def to_found(item: Mapping[str, Any], tags: Mapping[str, str]) -> Found:
    """Without what AWS calls attributes, and without targets."""
    arn = item["TargetGroupArn"]
    return Found(
        kind="target_group",
        id=arn,
        attrs={
            "vpc": item.get("VpcId"),
            "port": item.get("Port"),
            "protocol": item.get("Protocol"),
            "protocol_version": item.get("ProtocolVersion", "HTTP1"),
            "target_type": item["TargetType"],
            "health_check": _health_check(item),
        },
        tags=tags,
        aws_name=item["TargetGroupName"],
        outputs={"dimension": arn.split(":")[-1]},
    )


def _health_check(item: Mapping[str, Any]) -> dict[str, Any]:
    matcher = item.get("Matcher") or {}
    port = item.get("HealthCheckPort", _OWN_PORT)
    return {
        "path": item.get("HealthCheckPath"),
        "protocol": item.get("HealthCheckProtocol"),
        "port": None if port == _OWN_PORT else int(port),
        "interval_seconds": item["HealthCheckIntervalSeconds"],
        "timeout_seconds": item["HealthCheckTimeoutSeconds"],
        "healthy_threshold": item["HealthyThresholdCount"],
        "unhealthy_threshold": item["UnhealthyThresholdCount"],
        "codes": matcher.get("HttpCode") or matcher.get("GrpcCode"),
    }


def health_parameters(wanted: Wanted) -> dict[str, Any]:
    """The whole check as AWS wants it, so that what the entry leaves out goes back to its default."""
    check = KIND.fields["health_check"].shape.canonical(wanted.get("health_check", {}))
    code = "GrpcCode" if wanted.get("protocol_version") == "GRPC" else "HttpCode"
    return {
        "HealthCheckEnabled": True,
        "HealthCheckPath": check["path"],
        "HealthCheckProtocol": check["protocol"],
        "HealthCheckPort": _OWN_PORT if check.get("port") is None else str(int(check["port"])),
        "HealthCheckIntervalSeconds": int(check["interval_seconds"]),
        "HealthCheckTimeoutSeconds": int(check["timeout_seconds"]),
        "HealthyThresholdCount": int(check["healthy_threshold"]),
        "UnhealthyThresholdCount": int(check["unhealthy_threshold"]),
        "Matcher": {code: check["codes"]},
    }


def from_attributes(given: Mapping[str, str]) -> dict[str, Any]:
    """AWS's attributes in the words of the blueprint."""
    own = given.get("stickiness.type") == "app_cookie"
    seconds = given.get(f"stickiness.{'app' if own else 'lb'}_cookie.duration_seconds")
    sticky = {
        "enabled": given.get("stickiness.enabled") == "true",
        "seconds": int(seconds) if seconds else None,
        "cookie": given.get("stickiness.app_cookie.cookie_name") or None if own else None,
    }
    numbers = {field: int(given[key]) for field, key in _NUMBERS.items() if key in given}
    return {**numbers, "algorithm": given.get(_ALGORITHM), "stickiness": sticky}


def to_attributes(wanted: Wanted) -> list[dict[str, str]]:
    """The way back, for what the entry gives."""
    pairs = {key: str(wanted.attrs[field]) for field, key in _NUMBERS.items() if wanted.get(field) is not None}
    if wanted.get("algorithm") is not None:
        pairs[_ALGORITHM] = wanted.attrs["algorithm"]
    if wanted.get("stickiness") is not None:
        pairs.update(_sticky(KIND.fields["stickiness"].shape.canonical(wanted.attrs["stickiness"])))
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def _sticky(given: Mapping[str, Any]) -> dict[str, str]:
    sort = "app_cookie" if given.get("cookie") else "lb_cookie"
    pairs = {
        "stickiness.enabled": str(given["enabled"]).lower(),
        "stickiness.type": sort,
        f"stickiness.{sort}.duration_seconds": str(int(given["seconds"])),
    }
    return {**pairs, "stickiness.app_cookie.cookie_name": given["cookie"]} if given.get("cookie") else pairs


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    for found in _elb.with_tags(aws, scope, _items(aws, scope), "TargetGroupArn", to_found):
        answer = aws.call("elbv2", "describe_target_group_attributes", TargetGroupArn=found.id)
        more = from_attributes(_elb.attributes(answer))
        yield replace(found, attrs={**found.attrs, **more, "instances": _instances(aws, found)})


def _items(aws: Any, scope: Scope) -> list[Mapping[str, Any]]:
    only = {"TargetGroupArns": sorted(scope.ids)} if scope.ids else {"Names": sorted(scope.names)}
    items = _elb.none_if_missing(
        lambda: list(aws.pages("elbv2", "describe_target_groups", "TargetGroups", **(only if scope.only else {})))
    )
    return _elb.named(scope, items, "TargetGroupArn", "TargetGroupName")


def _instances(aws: Any, found: Found) -> list[str]:
    if found.attrs["target_type"] != "instance":
        return []
    answer = aws.call("elbv2", "describe_target_health", TargetGroupArn=found.id)
    targets = answer["TargetHealthDescriptions"]
    return [one["Target"]["Id"] for one in targets if one.get("TargetHealth", {}).get("State") not in _LEAVING]


def create(aws: Any, wanted: Wanted) -> str:
    answer = aws.call(
        "elbv2",
        "create_target_group",
        Name=wanted.aws_name,
        VpcId=wanted.attrs["vpc"],
        Port=wanted.attrs["port"],
        Protocol=wanted.get("protocol"),
        ProtocolVersion=wanted.get("protocol_version"),
        TargetType=wanted.get("target_type"),
        Tags=as_list(wanted.tags),
        **health_parameters(wanted),
    )
    arn: str = answer["TargetGroups"][0]["TargetGroupArn"]
    aws.created(arn)
    _set_attributes(aws, arn, wanted)
    if wanted.get("instances"):
        _register(aws, arn, wanted.attrs["instances"])
    return arn


def _set_attributes(aws: Any, arn: str, wanted: Wanted) -> None:
    attributes = to_attributes(wanted)
    aws.call("elbv2", "modify_target_group_attributes", TargetGroupArn=arn, Attributes=attributes)


def _register(aws: Any, arn: str, instances: list[str]) -> None:
    aws.call("elbv2", "register_targets", TargetGroupArn=arn, Targets=[{"Id": one} for one in instances])


def _set_health_check(aws: Any, found: Found, wanted: Wanted) -> None:
    aws.call("elbv2", "modify_target_group", TargetGroupArn=found.id, **health_parameters(wanted))


def _set_instances(aws: Any, found: Found, wanted: Wanted) -> None:
    new, old = wanted.attrs["instances"], found.attrs["instances"]
    # the new ones first, so that there is always one to answer
    if added := [one for one in new if one not in old]:
        _register(aws, found.id, added)
    if gone := [{"Id": one} for one in old if one not in new]:
        aws.call("elbv2", "deregister_targets", TargetGroupArn=found.id, Targets=gone)


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    # AWS is content when it is gone already
    aws.call("elbv2", "delete_target_group", TargetGroupArn=found.id)


def check(entry: Entry, _sight: Sight) -> Iterator[Problem]:
    """What AWS refuses between the fields.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
    """
    attrs = entry.attrs
    health = KIND.fields["health_check"].shape.canonical(attrs.get("health_check") or {})
    if health["timeout_seconds"] >= health["interval_seconds"]:
        yield Problem(
            f"{entry.key}.health_check.timeout_seconds",
            "An answer may not take as long as it is until the next question.",
            f"{health['timeout_seconds']:g}",
            f"less than interval_seconds, {health['interval_seconds']:g}",
        )
    slow = attrs.get("slow_start_seconds") or 0
    if 0 < slow < 30:
        yield Problem(f"{entry.key}.slow_start_seconds", "This is too short.", str(slow), "0, or 30 to 900", "30")
    if slow and attrs.get("algorithm") not in (None, "round_robin"):
        yield Problem(
            f"{entry.key}.slow_start_seconds", "A slow start goes with the algorithm round_robin only.",
            f"algorithm: {attrs['algorithm']}", "algorithm: round_robin, or slow_start_seconds: 0",
        )  # fmt: skip
    if attrs.get("instances") and attrs.get("target_type") == "ip":
        yield Problem(
            f"{entry.key}.instances", "Instances cannot be in a group of addresses.", "target_type: ip",
            "target_type: instance",
        )  # fmt: skip
    if attrs.get("protocol_version") == "GRPC" and (attrs.get("health_check") or {}).get("codes") is None:
        yield Problem(
            f"{entry.key}.health_check.codes", "gRPC has status codes of its own.", "nothing", "codes such as 0-99",
            '"12"',
        )  # fmt: skip


KIND = Kind(
    name="target_group",
    doc="What a load balancer sends requests to, and how it finds out which targets are healthy.",
    fields={
        "vpc": Field(Ref("vpc"), "The network of the targets.", required=True, change="replace"),
        "port": Field(Number(1, 65535), "The port that targets listen on.", required=True, change="replace"),
        "protocol": Field(
            Choice(("HTTP", "HTTPS")), "How the load balancer speaks to them.", default="HTTP", change="replace"
        ),
        "protocol_version": Field(
            Choice(("HTTP1", "HTTP2", "GRPC")), "Which HTTP it speaks to them.", default="HTTP1", change="replace"
        ),
        "target_type": Field(
            Choice(("instance", "ip")),
            "Whether targets are instances or addresses; tasks on Fargate need `ip`.",
            default="instance",
            change="replace",
        ),
        "health_check": Field(
            Record(
                {
                    "path": Part(Text(r"/.*", "a path such as /health", most=1024), "What is asked.", default="/"),
                    "protocol": Part(Choice(("HTTP", "HTTPS")), "How it is asked.", default="HTTP"),
                    "port": Part(Number(1, 65535), "Where it is asked, if not on the target's own port."),
                    "interval_seconds": Part(Number(5, 300, "seconds"), "How often.", default=30),
                    "timeout_seconds": Part(Number(2, 120, "seconds"), "How long an answer may take.", default=5),
                    "healthy_threshold": Part(
                        Number(2, 10), "Good answers in a row that make a target healthy.", default=5
                    ),
                    "unhealthy_threshold": Part(
                        Number(2, 10), "Bad answers in a row that make it unhealthy.", default=2
                    ),
                    "codes": Part(
                        Text(r"\d{1,3}([,-]\d{1,3})*", "status codes such as 200, 200-299 or 200,301"),
                        "The status codes of a good answer.",
                        default="200",
                    ),
                }
            ),
            "How it finds out whether a target is healthy.",
            default={},
        ),
        "stickiness": Field(
            Record(
                {
                    "enabled": Part(Flag(), "Whether it is on.", default=True),
                    "seconds": Part(Number(1, 604800, "seconds"), "How long a user stays.", default=86400),
                    "cookie": Part(
                        Text(r"(?!AWSALB)[\w-]{1,256}", "a cookie's name"),
                        "The app's own cookie to go by; without it the load balancer makes one.",
                    ),
                }
            ),
            "Whether a user stays with one target.",
            default={"enabled": False},
        ),
        "deregistration_delay_seconds": Field(
            Number(0, 3600, "seconds"), "How long a leaving target may finish its requests.", default=300
        ),
        "slow_start_seconds": Field(
            Number(0, 900, "seconds"),
            "How long the share of a new target grows to its full size; 0, or at least 30.",
            default=0,
        ),
        "algorithm": Field(
            Choice(("round_robin", "least_outstanding_requests", "weighted_random")),
            "How requests are shared between targets.",
            default="round_robin",
        ),
        "instances": Field(
            ListOf(Ref("instance")), "Fixed instances as targets. Leave it out where a fleet registers its own."
        ),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=_elb.retag,
    changes=(
        Change(frozenset({"health_check"}), _set_health_check),
        Change(
            frozenset({*_NUMBERS, "algorithm", "stickiness"}),
            lambda aws, found, wanted: _set_attributes(aws, found.id, wanted),
        ),
        Change(frozenset({"instances"}), _set_instances),
    ),
    outputs={"dimension": "What CloudWatch calls it: the value of the dimension TargetGroup."},
    aws_name=aws_name,
    check=check,
    stays_in_use=True,
    create_first=True,
    seconds=2,
)
