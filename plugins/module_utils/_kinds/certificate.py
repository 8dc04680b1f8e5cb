"""``certificate``: a certificate of AWS Certificate Manager.

Source: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, ListOf, Ref, Text
from . import _draft
from ._dns import WILD_DOMAIN

_PEM = Text(r"\s*-----BEGIN [A-Z ]+-----.+-----END [A-Z ]+-----\s*", "a text in PEM form", most=2**17)

KIND = Kind(
    name="certificate",
    doc="A TLS certificate: asked of AWS for nothing and renewed by AWS, or one of your own.",
    fields={
        "domain": Field(WILD_DOMAIN, "The domain that AWS vouches for, such as `example.com`.", change="replace"),
        "other_domains": Field(
            ListOf(WILD_DOMAIN, most=99),
            "More domains in the same certificate, such as `*.example.com`.",
            change="replace",
        ),
        "zone": Field(
            Ref("dns_zone"),
            "The Route 53 zone that gets the records by which AWS sees that the domain is yours. Without it, the run "
            "says which records to create where your DNS is, and waits for them.",
        ),
        "key": Field(
            Choice(("RSA_2048", "EC_prime256v1", "EC_secp384r1")),
            "The sort of its key.",
            default="RSA_2048",
            change="replace",
        ),
        "region": Field(
            Text(r"[a-z]{2}(-[a-z]+)+-\d", "a region such as us-east-1"),
            "Where it is, if not in the region of the run: CloudFront takes only those of us-east-1.",
            change="replace",
        ),
        "certificate_pem": Field(_PEM, "A certificate of your own, in place of `domain`."),
        "chain_pem": Field(_PEM, "The certificates between yours and its authority's."),
        "private_key_pem": Field(_PEM, "The key of your own certificate.", secret=True, write_only=True),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"validation_records": "The records by which AWS sees that the domains are yours."},
    create_first=True,
    describe_after=("dns_zone",),
    seconds=180,
    timeout_seconds=3600,
)
