"""``dns_zone``: a hosted zone of Route 53.

Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import ListOf, Ref
from . import _draft
from ._dns import DOMAIN

KIND = Kind(
    name="dns_zone",
    doc="A domain's DNS at Route 53: public, or seen in some VPCs only.",
    fields={
        "domain": Field(DOMAIN, "The domain.", required=True, change="refuse"),
        "vpcs": Field(
            ListOf(Ref("vpc")),
            "With these it is private: only they see it. Without, the whole internet does.",
            default=[],
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={
        "domain": "The domain.",
        "name_servers": "The servers that the domain's registrar has to be told; none for a private zone.",
    },
    seconds=40,
    global_=True,
)
