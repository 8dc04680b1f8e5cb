"""``distribution``: a content delivery network (CloudFront).

Source: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistributionWithTags.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, ListOf, Number, Part, Record, Ref, Text
from . import _draft
from ._dns import DOMAIN, WILD_DOMAIN

_NAME = Text(r"[\w.-]{1,100}", "letters, digits, ., - and _")
CACHE_POLICIES = {
    "optimized": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "disabled": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "origin_headers": "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
}
_BEHAVIOUR: dict[str, Part] = {
    "origin": Part(_NAME, "The name of the origin that is asked.", required=True),
    "viewers": Part(
        Choice(("redirect-to-https", "https-only", "allow-all")), "What users may speak.", default="redirect-to-https"
    ),
    "methods": Part(
        Choice(("read", "read_options", "all")), "`read` is GET and HEAD; `all` is for apps.", default="read"
    ),
    "cache": Part(
        Choice(tuple(CACHE_POLICIES)),
        "`optimized` keeps answers by path alone, `origin_headers` as long as the origin's headers say, by path, host, "
        "query and cookies; `disabled` keeps none.",
        default="optimized",
    ),
    "forward": Part(
        Choice(("none", "all", "all_but_host")),
        "What the origin gets of headers, cookies and query; apps behind a load balancer need `all`.",
        default="none",
    ),
    "security_headers": Part(Flag(), "Whether answers get the usual security headers.", default=False),
    "compress": Part(Flag(), "Whether answers are compressed.", default=True),
}
_ORIGIN = Record(
    {
        "name": Part(_NAME, "A name for behaviours to use.", required=True),
        "load_balancer": Part(Ref("load_balancer", "dns_name"), "A load balancer."),
        "bucket": Part(Ref("bucket"), "A bucket; it stays private, and the distribution signs its requests."),
        "domain": Part(DOMAIN, "Any other host."),
        "path": Part(Text(r"/.*[^/]", "a path such as /static", most=255), "A folder that every request starts in."),
        "protocol": Part(
            Choice(("https", "http")),
            "What it speaks to a load balancer or host; `https` needs a certificate there for the name that it asks.",
            default="https",
        ),
        "port": Part(Number(80, 65535), "The port there, if not 443 or 80."),
        "timeout_seconds": Part(Number(1, 60, "seconds"), "How long an answer may take.", default=30),
    },
    exactly_one=("load_balancer", "bucket", "domain"),
)

KIND = Kind(
    name="distribution",
    doc="A content delivery network: answers users from a place near them.",
    fields={
        "origins": Field(ListOf(_ORIGIN, least=1, most=25), "Where answers come from.", required=True),
        "behaviour": Field(Record(_BEHAVIOUR), "How requests are handled.", required=True),
        "path_behaviours": Field(
            ListOf(
                Record(
                    {
                        "path": Part(
                            Text(most=255), "Which requests: a path, where `*` stands for any letters.", required=True
                        ),
                        **_BEHAVIOUR,
                    }
                ),
                ordered=True,
                most=25,
            ),
            "How requests to some paths are handled otherwise; the first that fits counts.",
            default=[],
        ),
        "aliases": Field(ListOf(WILD_DOMAIN, most=100), "Its domains. They need a certificate.", default=[]),
        "certificate": Field(Ref("certificate"), "The certificate of its domains, in the region us-east-1."),
        "tls": Field(
            Choice(("TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.3_2025")),
            "The oldest TLS that users may speak to its domains.",
            default="TLSv1.2_2021",
        ),
        "price_class": Field(
            Choice(("PriceClass_100", "PriceClass_200", "PriceClass_All")),
            "Where it answers from: America and Europe, these and Asia, or everywhere.",
            default="PriceClass_200",
        ),
        "http": Field(Choice(("http2", "http2and3")), "Which HTTP it speaks to users.", default="http2and3"),
        "ipv6": Field(Flag(), "Whether it has IPv6 addresses.", default=True),
        "root": Field(Text(r"[^/].*", "a file such as index.html", most=255, least=0), "What is answered for `/`."),
        "error_pages": Field(
            ListOf(
                Record(
                    {
                        "status": Part(Number(400, 504), "The origin's status code.", required=True),
                        "page": Part(Text(r"/.*", "a path such as /index.html"), "The page in its place."),
                        "answer": Part(Number(200, 504), "The status code that the user gets."),
                        "seconds": Part(Number(0, 31536000, "seconds"), "How long the error is kept.", default=10),
                    }
                )
            ),
            "What users get for an origin's error.",
            default=[],
        ),
        "web_acl": Field(Ref("web_acl"), "Its firewall, one with the scope `cloudfront`."),
        "enabled": Field(Flag(), "Whether it answers.", default=True),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={
        "arn": "Its ARN, for the policy of a bucket that it reads.",
        "domain": "The name that AWS gives it, such as d111111abcdef8.cloudfront.net.",
    },
    seconds=300,
    timeout_seconds=1800,
    global_=True,
)
