"""``health_check``: a check that Route 53 makes from places around the world.

Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHealthCheck.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, Number, Ref, Text
from . import _draft
from ._dns import DOMAIN

KIND = Kind(
    name="health_check",
    doc="A check that AWS makes from around the world; a DNS record or an alarm can go by it.",
    fields={
        "domain": Field(DOMAIN, "The host that is asked."),
        "elastic_ip": Field(Ref("elastic_ip", "public_ip"), "The address that is asked."),
        "protocol": Field(Choice(("HTTP", "HTTPS", "TCP")), "How it is asked.", default="HTTPS", change="replace"),
        "port": Field(Number(1, 65535), "Where it is asked; 80 for HTTP and 443 for HTTPS unless given."),
        "path": Field(Text(r"/.*", "a path such as /health", most=255), "What is asked; `/` unless given."),
        "search": Field(Text(most=255), "A text that a good answer has in its first 5,120 bytes.", change="replace"),
        "interval_seconds": Field(Number(10, 30, "seconds"), "10 or 30.", default=30, change="replace"),
        "failure_threshold": Field(Number(1, 10), "Bad answers in a row that make it unhealthy.", default=3),
        "measure_latency": Field(Flag(), "Whether answers are timed, for CloudWatch.", default=False, change="replace"),
        "inverted": Field(Flag(), "Whether a bad answer counts as healthy.", default=False),
        "disabled": Field(Flag(), "Whether it stands still and counts as healthy.", default=False),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    create_first=True,
    seconds=2,
    global_=True,
)
