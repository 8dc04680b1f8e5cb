"""``target_group``: what a load balancer sends requests to, and how it knows that a target is healthy.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, ListOf, Number, Part, Record, Ref, Text
from . import _draft

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
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"dimension": "What CloudWatch calls it: the value of the dimension TargetGroup."},
    create_first=True,
    seconds=2,
)
