"""``listener``: a port of a load balancer, with the rules that say who gets which request.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, ListOf, Number, Ref, Text
from . import _draft
from ._actions import ACTION, RULE

KIND = Kind(
    name="listener",
    doc="A port of a load balancer, and what happens to requests that come in there.",
    fields={
        "load_balancer": Field(Ref("load_balancer"), "Whose port it is.", required=True, change="replace"),
        "port": Field(Number(1, 65535), "The port.", required=True),
        "protocol": Field(Choice(("HTTP", "HTTPS")), "What users speak there.", required=True),
        "certificate": Field(Ref("certificate"), "The certificate that users see; HTTPS needs one."),
        "extra_certificates": Field(
            ListOf(Ref("certificate"), most=25), "More certificates, for other host names (SNI).", default=[]
        ),
        "tls_policy": Field(
            Text(r"ELBSecurityPolicy-[\w-]+", "a policy such as ELBSecurityPolicy-TLS13-1-2-2021-06"),
            "Which versions and ciphers of TLS it speaks; with HTTPS TLS 1.2 and 1.3 unless given.",
        ),
        "action": Field(ACTION, "What happens to a request that fits no rule.", required=True),
        "rules": Field(
            ListOf(RULE, most=100), "What happens to requests for a host, a path or with a header.", default=[]
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={},
    describe_after=("load_balancer",),
    seconds=2,
)
