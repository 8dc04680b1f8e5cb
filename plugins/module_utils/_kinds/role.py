"""``role``: what a service may do in AWS."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Document, ListOf, MapOf, Number, Text
from . import _draft
from ._names import namer
from ._policy import STATEMENT

KIND = Kind(
    name="role",
    doc="What a service may do in AWS: an IAM role, and an instance profile where EC2 wears it.",
    fields={
        "services": Field(
            ListOf(Text(r"[a-z0-9-]+(\.[a-z0-9-]+)?", "a service's short name such as ec2 or ecs-tasks"), least=1),
            "The AWS services that may take this role: ec2, ecs-tasks, ssm, events, ...",
        ),
        "trust": Field(Document(), "The whole trust policy, for anything else that takes it, such as a CI system."),
        "policies": Field(
            ListOf(Text(most=2048), most=20), "Ready-made policies: AWS's own by name, others by ARN.", default=[]
        ),
        "statements": Field(
            MapOf(ListOf(STATEMENT, least=1), key=r"[\w+=,.@-]{1,128}"),
            "What it may do, as policies of its own: name to statements.",
            default={},
        ),
        "boundary": Field(
            Text(r"(arn:.+)?", "the ARN of a policy, or an empty text for none", least=0),
            "The most that it may ever do.",
        ),
        "session_hours": Field(Number(1, 12, "hours"), "How long one login with it lasts at most.", default=1),
        "path": Field(
            Text(r"/([\x21-\x7e]+/)?", "a path such as /apps/"), "Where IAM files it.", default="/", change="replace"
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={
        "arn": "Its ARN.",
        "instance_profile": "The ARN of its instance profile; empty where EC2 does not wear it.",
    },
    aws_name=namer(64),
    global_=True,
)
