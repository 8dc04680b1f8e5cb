"""``distribution``: a content delivery network (CloudFront).

Source: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistributionWithTags.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._common.wait import until
from .._resource.kind import Change, Entry, Field, Found, Kind, Related, Scope, Sight, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import Choice, Flag, ListOf, Number, Part, Record, Ref, Text
from . import _cloudfront, _names, _route53
from ._acm import FOR_CLOUDFRONT
from ._dns import DOMAIN, WILD_DOMAIN

# https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
_ALIAS_ZONE = "Z2FDTNDATAQYW2"
_COMMENT_LENGTH = 128
_CONTROL_LENGTH = 64
_DISABLE_SECONDS = 1500
_NAME = Text(r"[\w.-]{1,100}", "letters, digits, ., - and _")
_BEHAVIOUR: dict[str, Part] = {
    "origin": Part(_NAME, "The name of the origin that is asked.", required=True),
    "viewers": Part(
        Choice(("redirect-to-https", "https-only", "allow-all")), "What users may speak.", default="redirect-to-https"
    ),
    "methods": Part(Choice(tuple(_cloudfront.METHODS)), "`read` is GET and HEAD; `all` is for apps.", default="read"),
    "cache": Part(
        Choice(tuple(_cloudfront.CACHE)),
        "`optimized` keeps answers by path alone, `origin_headers` as long as the origin's headers say, by path, host, "
        "query and cookies; `disabled` keeps none.",
        default="optimized",
    ),
    "forward": Part(
        Choice(tuple(_cloudfront.FORWARD)),
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


def _comment(app: str, name: str) -> str:
    """A list answers comments and no tags, so this says which of them may be ours."""
    return _names.joined(f"stairway/{app}", name, _COMMENT_LENGTH, "/")


def _control_name(app: str, name: str) -> str:
    return _names.joined(app, name, _CONTROL_LENGTH)


def to_found(item: Mapping[str, Any], tags: Mapping[str, str]) -> Found:
    """From ``get_distribution``."""
    config = item["DistributionConfig"]
    return Found(
        kind="distribution",
        id=item["Id"],
        attrs=_cloudfront.from_config(config),
        tags=tags,
        state="ready" if item["Status"] == "Deployed" else "pending",
        outputs={
            "arn": item["ARN"],
            "domain": item["DomainName"],
            "alias": f"{_ALIAS_ZONE}/{item['DomainName'].lower()}",
        },
        detail={"control": _control_of(config)},
    )


def _control_of(config: Mapping[str, Any]) -> str:
    ids = [one.get("OriginAccessControlId") for one in _cloudfront.items_of(config["Origins"])]
    return next((one for one in ids if one), "")


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    for one in sorted(scope.ids) if scope.only else _candidates(aws, scope):
        answer = _route53.or_none(_get, aws, one)
        if answer is not None:
            item = answer["Distribution"]
            tags = aws.call("cloudfront", "list_tags_for_resource", Resource=item["ARN"])
            found = to_found(item, as_dict(tags["Tags"].get("Items")))
            if scope.wants(found):
                yield found


def _get(aws: Any, distribution: str) -> Any:
    return aws.call("cloudfront", "get_distribution", Id=distribution)


def _candidates(aws: Any, scope: Scope) -> Iterator[str]:
    start = f"stairway/{scope.app}/"
    for item in aws.pages("cloudfront", "list_distributions", "DistributionList.Items"):
        if item["Comment"].startswith(start) or item["Id"] in scope.ids:
            yield item["Id"]


def _canonical(attrs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: KIND.fields[name].shape.canonical(value) for name, value in attrs.items() if value is not None}


def create(aws: Any, wanted: Wanted) -> str:
    """Buckets know a distribution by a thing of its own, which cannot be tagged: it comes when there is something that
    can, and goes before it goes.
    """
    reference = _route53.caller_reference(wanted, _COMMENT_LENGTH)
    config = {
        **_cloudfront.fresh(reference, _comment(wanted.app, wanted.name)),
        **_cloudfront.to_config(_canonical(wanted.attrs), aws.region, ""),
    }
    given = {"DistributionConfig": config, "Tags": {"Items": as_list(wanted.tags)}}
    answer = aws.call("cloudfront", "create_distribution_with_tags", DistributionConfigWithTags=given)
    made: str = answer["Distribution"]["Id"]
    aws.created(made, answer["Distribution"]["ARN"])
    if _has_bucket(wanted.attrs):
        _write(aws, made, _canonical(wanted.attrs), wanted)
    return made


def _has_bucket(attrs: Mapping[str, Any]) -> bool:
    return any(origin.get("bucket") for origin in attrs["origins"])


def _update(aws: Any, found: Found, wanted: Wanted) -> None:
    given = {name: value for name, value in wanted.attrs.items() if value is not None}
    _write(aws, found.id, _canonical({**found.attrs, **given}), wanted)


def _write(aws: Any, distribution: str, attrs: Mapping[str, Any], wanted: Wanted) -> None:
    answer = aws.call("cloudfront", "get_distribution_config", Id=distribution)
    now = answer["DistributionConfig"]
    control = _control_of(now)
    if _has_bucket(attrs) and not control:
        control = _access_control(aws, _control_name(wanted.app, wanted.name))
    config = {
        **now,
        "Comment": _comment(wanted.app, wanted.name),
        **_cloudfront.to_config(attrs, aws.region, control),
    }
    aws.call("cloudfront", "update_distribution", Id=distribution, IfMatch=answer["ETag"], DistributionConfig=config)


def _access_control(aws: Any, name: str) -> str:
    """The id of the one with this name; it is there already after a run that was cut."""
    there = _controls(aws, name)
    if there:
        return there[0]
    config = {
        "Name": name,
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    answer = aws.call("cloudfront", "create_origin_access_control", OriginAccessControlConfig=config)
    made: str = answer["OriginAccessControl"]["Id"]
    return made


def _controls(aws: Any, name: str) -> list[str]:
    listed = aws.pages("cloudfront", "list_origin_access_controls", "OriginAccessControlList.Items")
    return [one["Id"] for one in listed if one["Name"] == name]


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    arn = found.outputs["arn"]
    if add:
        aws.call("cloudfront", "tag_resource", Resource=arn, Tags={"Items": as_list(add)})
    if remove:
        aws.call("cloudfront", "untag_resource", Resource=arn, TagKeys={"Items": remove})


def delete(aws: Any, found: Found) -> None:
    """Switched off everywhere first, which takes AWS some minutes; what belongs to it goes before it."""
    aws.deleted(found.id, found.outputs["arn"])
    try:
        etag = _switched_off(aws, found.id)
        for control in _controls(aws, _control_name(str(found.app), str(found.name))):
            answer = aws.call("cloudfront", "get_origin_access_control", Id=control)
            aws.call("cloudfront", "delete_origin_access_control", Id=control, IfMatch=answer["ETag"])
        aws.call("cloudfront", "delete_distribution", Id=found.id, IfMatch=etag)
    except AwsError as error:
        if not error.missing:
            raise


def _switched_off(aws: Any, distribution: str) -> str:
    """Its version when that is done."""
    answer = aws.call("cloudfront", "get_distribution_config", Id=distribution)
    config = answer["DistributionConfig"]
    if config["Enabled"] or _control_of(config):
        origins = [{**one, "OriginAccessControlId": ""} for one in _cloudfront.items_of(config["Origins"])]
        off = {**config, "Enabled": False, "Origins": _cloudfront.listed(origins)}
        aws.call("cloudfront", "update_distribution", Id=distribution, IfMatch=answer["ETag"], DistributionConfig=off)

    def ask() -> str | None:
        now = _get(aws, distribution)
        return str(now["ETag"]) if now["Distribution"]["Status"] == "Deployed" else None

    return until(ask, seconds=_DISABLE_SECONDS, every=3) or str(answer["ETag"])


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """What AWS refuses, and what would not work."""
    attrs = entry.attrs
    origins: dict[str, Mapping[str, Any]] = {}
    for index, origin in enumerate(attrs["origins"]):
        if origin["name"] in origins:
            yield Problem(
                f"{entry.key}.origins[{index}].name", "This name is given twice.", origin["name"], "a name for each"
            )
        origins[origin["name"]] = origin
    behaviours = [("behaviour", attrs["behaviour"])]
    behaviours += [(f"path_behaviours[{i}]", one) for i, one in enumerate(attrs.get("path_behaviours") or ())]
    paths: set[str] = set()
    for where, behaviour in behaviours:
        yield from _check_behaviour(f"{entry.key}.{where}", behaviour, origins)
        if behaviour.get("path") in paths:
            yield Problem(f"{entry.key}.{where}.path", "This path is given twice.", behaviour["path"], "each path once")
        paths |= {behaviour["path"]} if behaviour.get("path") else set()
    for index, page in enumerate(attrs.get("error_pages") or ()):
        if bool(page.get("page")) != bool(page.get("answer")):
            yield Problem(
                f"{entry.key}.error_pages[{index}]", "A page and the status it is answered with go together.",
                "one of them", "page and answer, or neither",
            )  # fmt: skip
    yield from _check_others(entry, sight)


def _check_behaviour(
    where: str, behaviour: Mapping[str, Any], origins: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    origin = origins.get(behaviour["origin"])
    if origin is None:
        yield Problem(f"{where}.origin", "There is no origin of this name.", behaviour["origin"], ", ".join(origins))
    elif origin.get("bucket") and behaviour.get("forward") == "all":
        yield Problem(
            f"{where}.forward", "A bucket does not answer to the host name of the user.", "all", "none or all_but_host",
            "none",
        )  # fmt: skip


def _check_others(entry: Entry, sight: Sight) -> Iterator[Problem]:
    attrs = entry.attrs
    if attrs.get("aliases") and not attrs.get("certificate"):
        yield Problem(
            f"{entry.key}.certificate", "Its domains need a certificate.", "nothing", "the name of a `certificate`"
        )
    certificate = sight.get("certificate", attrs.get("certificate"))
    if certificate is not None and (certificate.attrs.get("region") or sight.region) != FOR_CLOUDFRONT:
        yield Problem(
            f"{entry.key}.certificate", "CloudFront takes certificates of one region only.",
            str(certificate.attrs.get("region") or sight.region), FOR_CLOUDFRONT,
            f"region: {FOR_CLOUDFRONT} at {certificate.key}",
        )  # fmt: skip
    acl = sight.get("web_acl", attrs.get("web_acl"))
    if acl is not None and acl.attrs.get("scope") != "cloudfront":
        yield Problem(
            f"{entry.key}.web_acl", "This firewall is for load balancers.", str(acl.attrs.get("scope")),
            "scope: cloudfront", f"scope: cloudfront at {acl.key}",
        )  # fmt: skip


def price(_attrs: Mapping[str, Any], _related: Related) -> Iterator[Usage]:
    """Source: https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/"""
    yield Usage("cloudfront/gb", 50, "50 GB sent to users")


def _needs_no_tls(wanted: Mapping[str, Any], _found: Mapping[str, Any]) -> bool:
    # AWS decides for its own certificate
    return not wanted.get("certificate")


_FIELDS = (
    "origins", "behaviour", "path_behaviours", "aliases", "certificate", "tls", "price_class", "http", "ipv6", "root",
    "error_pages", "web_acl", "enabled",
)  # fmt: skip
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
            fits=_needs_no_tls,
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
    describe=describe,
    create=create,
    delete=delete,
    retag=retag,
    changes=(Change(frozenset(_FIELDS), _update),),
    outputs={
        "arn": "Its ARN, for the policy of a bucket that it reads.",
        "alias": "That name behind the Route 53 zone that it is in, for records that lead to it.",
        "domain": "The name that AWS gives it, such as d111111abcdef8.cloudfront.net.",
    },
    check=check,
    price=price,
    seconds=300,
    timeout_seconds=1800,
    global_=True,
)
