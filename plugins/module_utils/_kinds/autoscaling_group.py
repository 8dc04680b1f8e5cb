"""``autoscaling_group``: so many machines of one sort as there is work.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, ListOf, Number, Ref, Text
from . import _draft
from . import _scaling_words as words
from ._names import namer

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
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN."},
    aws_name=namer(200),
    waits_for=("listener",),
    seconds=10,
)
