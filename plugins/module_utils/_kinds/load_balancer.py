"""``load_balancer``: an Application Load Balancer.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, ListOf, Number, Part, Record, Ref, Text
from . import _draft

KIND = Kind(
    name="load_balancer",
    doc="An Application Load Balancer: takes requests from users and hands them to healthy targets.",
    fields={
        "subnets": Field(
            ListOf(Ref("subnet"), least=2), "Where it stands: subnets in at least two zones.", required=True
        ),
        "security_groups": Field(ListOf(Ref("security_group"), least=1), "What may reach it.", required=True),
        "scheme": Field(
            Choice(("internet-facing", "internal")),
            "Whether the internet can reach it, or the VPC alone.",
            default="internet-facing",
            change="replace",
        ),
        "address_type": Field(
            Choice(("ipv4", "dualstack")), "Which addresses it has: `dualstack` adds IPv6.", default="ipv4"
        ),
        "idle_seconds": Field(
            Number(1, 4000, "seconds"), "How long a connection may be silent before it is closed.", default=60
        ),
        "deletion_protection": Field(
            Flag(), "Whether AWS refuses to delete it until this is switched off.", default=False
        ),
        "drop_invalid_headers": Field(
            Flag(), "Whether headers that are no valid HTTP are taken out of requests.", default=True
        ),
        "http2": Field(Flag(), "Whether users can speak HTTP/2.", default=True),
        "preserve_host": Field(Flag(), "Whether targets see the host header unchanged.", default=False),
        "forwarded_for": Field(
            Choice(("append", "preserve", "remove")), "What it does to the header X-Forwarded-For.", default="append"
        ),
        "desync_protection": Field(
            Choice(("defensive", "strictest", "monitor")),
            "How strictly it handles requests that could be read in two ways.",
            default="defensive",
        ),
        "access_logs": Field(
            Record(
                {
                    "enabled": Part(Flag(), "Whether they are written.", default=True),
                    "bucket": Part(Ref("bucket"), "The bucket that gets them."),
                    "prefix": Part(Text(most=200), "The folder in the bucket."),
                }
            ),
            "A line in a bucket for each request. Off unless given; `{enabled: false}` switches them off.",
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={
        "dns_name": "The name that AWS gives it.",
        "zone_id": "The Route 53 zone of that name, for alias records.",
        "dimension": "What CloudWatch calls it: the value of the dimension LoadBalancer.",
    },
    seconds=150,
    timeout_seconds=900,
)
