"""``dns_record``: a record of a Route 53 zone.

Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, ListOf, Number, Ref, Text
from . import _draft
from ._dns import RECORD

KIND = Kind(
    name="dns_record",
    doc="A name of a DNS zone, and what it leads to.",
    fields={
        "zone": Field(Ref("dns_zone"), "The zone that it is in.", required=True, change="replace"),
        "domain": Field(RECORD, "Its whole name, such as `www.example.com`.", required=True, change="replace"),
        "type": Field(
            Choice(("A", "AAAA", "CNAME", "TXT", "MX", "SRV", "CAA", "NS")), "Its type.", default="A", change="replace"
        ),
        "values": Field(
            ListOf(Text(most=4000), least=1), "What it says: addresses, names, texts; `10 mail.example.com` for MX."
        ),
        "seconds": Field(Number(0, 2147483647, "seconds"), "How long others may remember it.", default=300),
        "load_balancer": Field(Ref("load_balancer"), "The load balancer that it leads to, in place of `values`."),
        "distribution": Field(Ref("distribution"), "The distribution that it leads to, in place of `values`."),
        "elastic_ip": Field(Ref("elastic_ip", "public_ip"), "The address that it leads to, in place of `values`."),
        "evaluate_health": Field(
            Flag(), "For a load balancer: whether the record counts as down with all its targets.", default=True
        ),
        "weight": Field(Number(0, 255), "Its share among records of the same name and type (0: none)."),
        "failover": Field(
            Choice(("PRIMARY", "SECONDARY")), "Which one of two records of the same name and type it is."
        ),
        "health_check": Field(Ref("health_check"), "What tells Route 53 that it is down."),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    describe_after=("dns_zone",),
    seconds=40,
    global_=True,
)
