"""``ecs_service``: keeps tasks running.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import HOURS, Change, Entry, Field, Kind, Related, Sight, Usage
from .._resource.problems import Problem
from .._resource.types import Flag, ListOf, Number, Part, Record, Ref, Text
from . import _ecs, _ecs_services
from ._names import namer

SCALING = Record(
    {
        "least": Part(Number(0, 5000), "Never fewer tasks."),
        "most": Part(Number(1, 5000), "Never more tasks."),
        "cpu_percent": Part(Number(1, 100, "per cent", whole=False), "The CPU to hold."),
        "memory_percent": Part(Number(1, 100, "per cent", whole=False), "The memory to hold."),
        "requests": Part(
            Record(
                {
                    "per_minute": Part(
                        Number(1, 1e6, whole=False), "How many requests a task is to have.", required=True
                    ),
                    "load_balancer": Part(Ref("load_balancer", "dimension"), "Whose requests.", required=True),
                    "target_group": Part(
                        Ref("target_group", "dimension"), "Its group with these tasks.", required=True
                    ),
                }
            ),
            "The requests to hold.",
        ),
        "out_seconds": Part(Number(0, 3600, "seconds"), "How long it waits after adding tasks.", default=60),
        "in_seconds": Part(Number(0, 3600, "seconds"), "How long it waits after taking tasks away.", default=300),
    }
)
SCALED_BY = ("cpu_percent", "memory_percent", "requests")


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """Scaling that can work, containers that exist, room for a deployment."""
    attrs = entry.attrs
    yield from _scaling(entry)
    yield from _targets(entry, sight)
    if attrs["grace_seconds"] and not attrs["targets"]:
        where = f"{entry.key}.grace_seconds"
        yield Problem(
            where, "Nothing checks its health without a load balancer.", "no `targets`", "`targets`, or 0", "0"
        )
    if attrs["minimum_healthy_percent"] == 100 and attrs["maximum_percent"] == 100:
        yield Problem(
            f"{entry.key}.maximum_percent", "No deployment could start or stop a task.", "100 and 100",
            "more than 100, or minimum_healthy_percent below 100", "200",
        )  # fmt: skip
    cluster = sight.get("ecs_cluster", attrs["cluster"])
    if attrs["spot"] and cluster is not None and not cluster.attrs["spot"]:
        yield Problem(f"{entry.key}.spot", f"{cluster.key} has no Fargate Spot.", "spot: false", "spot: true there")


def _scaling(entry: Entry) -> Iterator[Problem]:
    scaling = entry.attrs.get("scaling")
    if not scaling:
        return
    where = f"{entry.key}.scaling"
    for key in ("least", "most"):
        if scaling.get(key) is None:
            yield Problem(f"{where}.{key}", "This key is missing.", "nothing", "a number of tasks")
            return
    if scaling["least"] > scaling["most"]:
        found = f"{scaling['least']} and {scaling['most']}"
        yield Problem(f"{where}.most", "This is less than `least`.", found, "at least as many", str(scaling["least"]))
    elif not scaling["least"] <= entry.attrs["count"] <= scaling["most"]:
        nearest = min(max(entry.attrs["count"], scaling["least"]), scaling["most"])
        expected = f"from {scaling['least']} to {scaling['most']}"
        yield Problem(
            f"{entry.key}.count", "Scaling would undo this.", str(entry.attrs["count"]), expected, str(nearest)
        )
    if all(scaling.get(one) is None for one in SCALED_BY):
        yield Problem(where, "Nothing says when to scale.", "limits only", f"one of {', '.join(SCALED_BY)}")


def _targets(entry: Entry, sight: Sight) -> Iterator[Problem]:
    definition = sight.get("task_definition", entry.attrs["task_definition"])
    if definition is None:
        return
    ports = {one["name"]: one.get("ports") or [] for one in definition.attrs["containers"]}
    for index, target in enumerate(entry.attrs["targets"]):
        where = f"{entry.key}.targets[{index}]"
        if target["container"] not in ports:
            expected = ", ".join(ports)
            yield Problem(
                f"{where}.container", f"{definition.key} has no such container.", target["container"], expected
            )
        elif target["port"] not in ports[target["container"]]:
            known = ", ".join(map(str, ports[target["container"]])) or "a port of that container"
            yield Problem(f"{where}.port", f"{target['container']} does not serve it.", str(target["port"]), known)


def price(attrs: Mapping[str, Any], related: Related) -> Iterator[Usage]:
    """What its tasks take. With scaling, the fewest that run; on Fargate Spot as if they were not, since that price
    changes by the hour.
    """
    name = str(attrs["task_definition"])
    task = related("task_definition", name) or related("task_definition", _ecs.last(name).partition(":")[0])
    if task is None:
        return
    scaling = attrs.get("scaling") or {}
    count = scaling.get("least") or attrs["count"]
    assumed = f"{count:g} tasks, the fewest that scaling leaves" if scaling else None
    suffix = "/arm" if task.get("architecture") == "arm64" else ""
    yield Usage(f"fargate/vcpu{suffix}", count * task["cpu"] / 1024 * HOURS, traffic=assumed)
    yield Usage(f"fargate/gb{suffix}", count * task["memory_mb"] / 1024 * HOURS, traffic=assumed)


FIELDS = {
    "cluster": Field(Ref("ecs_cluster"), "Where it runs.", required=True, change="replace"),
    "task_definition": Field(Ref("task_definition", "arn"), "What it runs.", required=True),
    "count": Field(
        Number(0, 5000), "How many tasks; with `scaling` only at first.", default=1, fits=_ecs_services.count_fits
    ),
    "subnets": Field(ListOf(Ref("subnet"), least=1, most=16), "Where its tasks stand.", required=True),
    "security_groups": Field(ListOf(Ref("security_group"), most=5), "Who reaches its tasks.", default=[]),
    "public_ips": Field(Flag(), "Whether its tasks get public addresses.", default=False),
    "targets": Field(
        ListOf(
            Record(
                {
                    "target_group": Part(Ref("target_group"), "The group that its tasks join.", required=True),
                    "container": Part(Text(), "The container that serves.", required=True),
                    "port": Part(Number(1, 65535), "Its port.", required=True),
                }
            ),
            most=5,
        ),
        "Load balancers in front of it.",
        default=[],
    ),
    "circuit_breaker": Field(Flag(), "Whether a failing deployment is stopped and rolled back.", default=True),
    "minimum_healthy_percent": Field(
        Number(0, 100, "per cent"), "How many tasks stay during a deployment.", default=100
    ),
    "maximum_percent": Field(
        Number(100, 200, "per cent"), "How many tasks there may be during a deployment.", default=200
    ),
    "grace_seconds": Field(
        Number(0, 2147483647, "seconds"), "How long failing health checks do not count at first.", default=0
    ),
    "spot": Field(Flag(), "Whether it uses Fargate Spot: cheaper, and AWS may stop a task.", default=False),
    "exec": Field(Flag(), "Whether one may open a shell in its tasks (ECS Exec).", default=False),
    "scaling": Field(SCALING, "How the number of tasks follows the load; {} for not at all."),
}

KIND = Kind(
    name="ecs_service",
    doc="Keeps tasks running on Fargate, replaces them without a break, and scales them.",
    fields=FIELDS,
    describe=_ecs_services.describe,
    create=_ecs_services.create,
    delete=_ecs_services.delete,
    retag=_ecs.retag,
    changes=(
        Change(frozenset(FIELDS) - {"cluster", "count", "scaling"}, _ecs_services.change),
        Change(frozenset({"scaling"}), _ecs_services.change_scaling),
        Change(frozenset({"count"}), _ecs_services.change_count),
    ),
    outputs={"arn": "Its ARN."},
    aws_name=namer(255),
    check=check,
    price=price,
    # ECS takes a target group only when a listener leads to it
    waits_for=("listener",),
    leaves_after=("load_balancer",),
    describe_after=("ecs_cluster",),
    seconds=60,
    timeout_seconds=1800,
)
