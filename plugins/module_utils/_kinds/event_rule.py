"""``event_rule``: starts something when something happens, or at a time."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Document, Flag, ListOf, MapOf, Part, Record, Ref, Text
from . import _draft
from ._names import namer

KIND = Kind(
    name="event_rule",
    doc="Starts something when something happens in AWS, or at a time.",
    fields={
        "pattern": Field(Document(), "Which events, as EventBridge writes them."),
        "schedule": Field(
            Text(r"(rate|cron)\(.+\)", "rate(...) or cron(...), in UTC", most=256), "When, such as rate(5 minutes)."
        ),
        "targets": Field(
            MapOf(
                Record(
                    {
                        "topic": Part(Ref("topic", "arn"), "Send a message."),
                        "log_group": Part(Ref("log_group", "arn"), "Write the event down."),
                        "automation": Part(Ref("ssm_document", "automation_arn"), "Run an SSM automation."),
                        "command": Part(Ref("ssm_document", "arn"), "Run an SSM command on instances."),
                        "arn": Part(Text(r"arn:.+", "an ARN"), "Anything else."),
                        "role": Part(Ref("role", "arn"), "The role that EventBridge does it with."),
                        "input": Part(Document(), "What it gets instead of the event."),
                        "input_paths": Part(
                            MapOf(Text()), "Names for parts of the event, for `input_template`.", default={}
                        ),
                        "input_template": Part(Text(), "What it gets, with <names> from `input_paths`."),
                        "instances": Part(
                            MapOf(ListOf(Text(), least=1), most=5),
                            "With `command`: on which, such as {tag:stairway:app: [shop]}.",
                            default={},
                        ),
                    },
                    exactly_one=("topic", "log_group", "automation", "command", "arn"),
                ),
                key=r"[.\w-]{1,64}",
                most=5,
            ),
            "What is started: name to target.",
            required=True,
        ),
        "enabled": Field(Flag(), "Whether it works.", default=True),
        "description": Field(Text(least=0, most=512), "What it is for.", default=""),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN."},
    aws_name=namer(64),
)
