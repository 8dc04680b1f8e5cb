"""``role``: what a service may do in AWS.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .._resource.kind import Change, Entry, Field, Kind, Sight
from .._resource.problems import Problem
from .._resource.types import Document, ListOf, MapOf, Text
from . import _iam
from ._names import namer
from ._policy import STATEMENT

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: all inline policies of a role together
INLINE_CHARACTERS = 10_240
# AWS's own policies that are filed under a path: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/
FILED = {
    name: f"service-role/{name}"
    for name in (
        "AmazonECSTaskExecutionRolePolicy",
        "AmazonEC2ContainerServiceforEC2Role",
        "AmazonEC2RoleforSSM",
        "AmazonSSMAutomationRole",
        "AmazonSSMMaintenanceWindowRole",
        "AmazonRDSEnhancedMonitoringRole",
        "AWSLambdaBasicExecutionRole",
        "AmazonEC2SpotFleetTaggingRole",
    )
}


class PolicyName(Text):
    """AWS's own policies by name, whichever way they are written."""

    def canonical(self, value: Any) -> Any:
        return value.partition(":iam::aws:policy/")[2] or value if isinstance(value, str) else value


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """Exactly one answer to who takes it; policies that exist; no more text than IAM takes."""
    given = [name for name in ("services", "trust") if entry.attrs.get(name) is not None]
    if len(given) != 1:
        yield Problem(
            f"{entry.key}.services",
            "A role is taken by services, or by whom a trust policy says.",
            " and ".join(given) or "neither",
            "one of `services` and `trust`",
            "services: [ec2]",
        )
    for index, policy in enumerate(entry.attrs["policies"]):
        if policy in FILED:
            where = f"{entry.key}.policies[{index}]"
            yield Problem(where, "AWS files this policy under a path.", policy, "its name with the path", FILED[policy])
    size = len("".join(json.dumps(one) for one in entry.attrs["statements"].values()))
    if size > INLINE_CHARACTERS:
        yield Problem(
            f"{entry.key}.statements", "IAM does not take so much text.", f"{size} characters",
            f"at most {INLINE_CHARACTERS} in all statements", "shorter lists of actions, such as s3:Get*",
        )  # fmt: skip


KIND = Kind(
    name="role",
    doc="What a service may do in AWS: an IAM role, and an instance profile where EC2 takes it.",
    fields={
        "services": Field(
            ListOf(
                Text(
                    r"(?!.*\.amazonaws\.com)[a-z0-9-]+(\.[a-z0-9-]+)*",
                    "the part of a service's name before .amazonaws.com, such as ec2 or ecs-tasks",
                ),
                least=1,
            ),
            "The AWS services that may take it: ec2, ecs-tasks, ssm, events, ...",
        ),
        "trust": Field(Document(), "The whole trust policy, for anything else that takes it, such as a CI system."),
        "policies": Field(
            ListOf(PolicyName(r"(arn:aws[\w-]*:iam::.+)|[\w+=,.@/-]+", "a name or an ARN", most=2048), most=20),
            "Ready-made policies: AWS's own by name, others by ARN.",
            default=[],
        ),
        "statements": Field(
            MapOf(ListOf(STATEMENT, ordered=True, least=1), key=r"[\w+=,.@-]{1,128}"),
            "What it may do, as policies of its own: a name and its statements.",
            default={},
        ),
        "boundary": Field(
            Text(r"(arn:.+)?", "the ARN of a policy, or an empty text for none", least=0),
            "The most that it may ever do.",
        ),
        "path": Field(
            Text(r"/([\x21-\x7e]+/)?", "a path such as /apps/", most=512),
            "Where IAM files it.",
            default="/",
            change="replace",
        ),
    },
    describe=_iam.describe,
    create=_iam.create,
    delete=_iam.delete,
    retag=_iam.retag,
    changes=(
        Change(frozenset({"services", "trust"}), _iam.change_trust),
        Change(frozenset({"policies"}), _iam.change_policies),
        Change(frozenset({"statements"}), _iam.change_statements),
        Change(frozenset({"boundary"}), _iam.change_boundary),
    ),
    outputs={
        "arn": "Its ARN.",
        "instance_profile": "The ARN of its instance profile; empty where EC2 does not take it.",
    },
    aws_name=namer(64),
    check=check,
    seconds=10,
    global_=True,
)
