"""``ecs_service``: keeps tasks running."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Flag, ListOf, Number, Part, Record, Ref, Text
from . import _draft
from ._names import namer

SCALING = Record(
    {
        "least": Part(Number(0, 5000), "Never fewer tasks.", required=True),
        "most": Part(Number(1, 5000), "Never more tasks.", required=True),
        "cpu_percent": Part(Number(1, 100, "per cent", whole=False), "The CPU to hold."),
        "memory_percent": Part(Number(1, 100, "per cent", whole=False), "The memory to hold."),
        "requests": Part(
            Record(
                {
                    "per_minute": Part(
                        Number(1, 1e6, whole=False), "How many requests a task is to have.", required=True
                    ),
                    "load_balancer": Part(Ref("load_balancer", "arn"), "Whose requests.", required=True),
                    "target_group": Part(Ref("target_group", "arn"), "Its group with these tasks.", required=True),
                }
            ),
            "The requests to hold.",
        ),
        "out_seconds": Part(Number(0, 3600, "seconds"), "How long it waits after adding tasks.", default=60),
        "in_seconds": Part(Number(0, 3600, "seconds"), "How long it waits after taking tasks away.", default=300),
    }
)

KIND = Kind(
    name="ecs_service",
    doc="Keeps tasks running on Fargate, replaces them without a break, and scales them.",
    fields={
        "cluster": Field(Ref("ecs_cluster"), "Where it runs.", required=True, change="replace"),
        "task_definition": Field(Ref("task_definition", "arn"), "What it runs.", required=True),
        "count": Field(Number(0, 5000), "How many tasks; with `scaling` only at first.", default=1),
        "subnets": Field(ListOf(Ref("subnet"), least=1, most=16), "Where its tasks stand.", required=True),
        "security_groups": Field(ListOf(Ref("security_group"), most=5), "Who reaches its tasks.", default=[]),
        "public_ips": Field(Flag(), "Whether its tasks get public addresses.", default=False),
        "targets": Field(
            ListOf(
                Record(
                    {
                        "target_group": Part(
                            Ref("target_group", "arn"), "The group that its tasks join.", required=True
                        ),
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
        "shell": Field(Flag(), "Whether one may open a shell in its tasks (ECS Exec).", default=False),
        "scaling": Field(SCALING, "How the number of tasks follows the load."),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN."},
    aws_name=namer(255),
)
