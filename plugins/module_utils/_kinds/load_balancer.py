"""``load_balancer``: an Application Load Balancer.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .._aws.tags import as_list
from .._resource.kind import HOURS, Change, Entry, Field, Found, Kind, Related, Scope, Sight, State, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import Choice, Flag, ListOf, Number, Part, Record, Ref, Text
from . import _elb, _names, _subnets
from ._gone import content_if_gone

_STATES: dict[str, State] = {"active": "ready", "active_impaired": "ready", "failed": "failed"}
# field -> AWS's attribute
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
_ATTRIBUTES = {
    "idle_seconds": "idle_timeout.timeout_seconds",
    "keep_alive_seconds": "client_keep_alive.seconds",
    "deletion_protection": "deletion_protection.enabled",
    "drop_invalid_headers": "routing.http.drop_invalid_header_fields.enabled",
    "http2": "routing.http2.enabled",
    "preserve_host": "routing.http.preserve_host_header.enabled",
    "forwarded_for": "routing.http.xff_header_processing.mode",
    "desync_protection": "routing.http.desync_mitigation_mode",
}
_LOGS = {"enabled": "access_logs.s3.enabled", "bucket": "access_logs.s3.bucket", "prefix": "access_logs.s3.prefix"}
_WORDS = {"true": True, "false": False}
SENT_GB = 80  # what one small shop sends to its users in a month


def aws_name(app: str, name: str, _attrs: Mapping[str, Any]) -> str:
    """AWS refuses names that start with ``internal-``."""
    return _names.joined(
        f"lb-{app}" if app == "internal" or app.startswith("internal-") else app, name, _elb.NAME_LENGTH
    )


def to_found(item: Mapping[str, Any], tags: Mapping[str, str]) -> Found:
    """Without what AWS calls attributes."""
    arn = item["LoadBalancerArn"]
    return Found(
        kind="load_balancer",
        id=arn,
        attrs={
            "subnets": [zone["SubnetId"] for zone in item["AvailabilityZones"]],
            "security_groups": list(item.get("SecurityGroups", ())),
            "scheme": item["Scheme"],
            "address_type": item.get("IpAddressType", "ipv4"),
        },
        tags=tags,
        aws_name=item["LoadBalancerName"],
        state=_STATES.get(item["State"]["Code"], "pending"),
        why=item["State"].get("Reason", ""),
        outputs={
            "dns_name": item["DNSName"],
            "alias": f"{item['CanonicalHostedZoneId']}/{item['DNSName'].lower()}",
            "dimension": arn.split(":loadbalancer/")[-1],
        },
    )


def from_attributes(given: Mapping[str, str]) -> dict[str, Any]:
    """AWS's attributes in the words of the blueprint."""
    result: dict[str, Any] = {
        field: _WORDS.get(given[key], given[key]) for field, key in _ATTRIBUTES.items() if key in given
    }
    result.update({field: int(result[field]) for field in ("idle_seconds", "keep_alive_seconds") if field in result})
    # switched off, AWS goes on to know where they went
    on = given.get(_LOGS["enabled"]) == "true"
    logs = {part: given[_LOGS[part]] for part in ("bucket", "prefix") if on and given.get(_LOGS[part])}
    return {**result, "access_logs": {**logs, "enabled": on}}


def to_attributes(wanted: Wanted) -> list[dict[str, str]]:
    """The way back, for what the entry gives."""
    pairs = {key: wanted.attrs[field] for field, key in _ATTRIBUTES.items() if wanted.get(field) is not None}
    logs = wanted.get("access_logs")
    if logs is not None:
        enabled = logs.get("enabled", True)
        pairs[_LOGS["enabled"]] = enabled
        pairs.update({_LOGS[part]: logs.get(part) or "" for part in ("bucket", "prefix") if enabled})
    return [{"Key": key, "Value": _text(value)} for key, value in pairs.items()]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    for found in _elb.with_tags(aws, scope, _items(aws, scope), "LoadBalancerArn", to_found):
        answer = aws.call("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=found.id)
        yield replace(found, attrs={**found.attrs, **from_attributes(_elb.attributes(answer))})


def _items(aws: Any, scope: Scope) -> list[Mapping[str, Any]]:
    only = {"LoadBalancerArns": sorted(scope.ids)} if scope.ids else {"Names": sorted(scope.names)}
    items = _elb.none_if_missing(
        lambda: list(aws.pages("elbv2", "describe_load_balancers", "LoadBalancers", **(only if scope.only else {})))
    )
    return [item for item in items if item["Type"] == "application"]


def create(aws: Any, wanted: Wanted) -> str:
    answer = aws.call(
        "elbv2",
        "create_load_balancer",
        Name=wanted.aws_name,
        Type="application",
        Subnets=wanted.attrs["subnets"],
        SecurityGroups=wanted.attrs["security_groups"],
        Scheme=wanted.get("scheme"),
        IpAddressType=wanted.get("address_type"),
        Tags=as_list(wanted.tags),
    )
    arn: str = answer["LoadBalancers"][0]["LoadBalancerArn"]
    aws.created(arn)
    _set_attributes(aws, arn, wanted)
    return arn


def _set_attributes(aws: Any, arn: str, wanted: Wanted) -> None:
    attributes = to_attributes(wanted)
    aws.call("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=arn, Attributes=attributes)


def _set_subnets(aws: Any, found: Found, wanted: Wanted) -> None:
    aws.call("elbv2", "set_subnets", LoadBalancerArn=found.id, Subnets=wanted.attrs["subnets"])


def _set_groups(aws: Any, found: Found, wanted: Wanted) -> None:
    groups = wanted.attrs["security_groups"]
    aws.call("elbv2", "set_security_groups", LoadBalancerArn=found.id, SecurityGroups=groups)


def _set_address_type(aws: Any, found: Found, wanted: Wanted) -> None:
    kind = wanted.attrs["address_type"]
    aws.call("elbv2", "set_ip_address_type", LoadBalancerArn=found.id, IpAddressType=kind)


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    if found.attrs.get("deletion_protection"):
        off = [{"Key": "deletion_protection.enabled", "Value": "false"}]
        with content_if_gone():
            aws.call("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=found.id, Attributes=off)
    # AWS is content when it is gone already
    aws.call("elbv2", "delete_load_balancer", LoadBalancerArn=found.id)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """AWS wants one subnet in each of at least two zones, all of one network."""
    known = [subnet for name in entry.attrs["subnets"] if (subnet := sight.get("subnet", name)) is not None]
    zones = [subnet.attrs["zone"] for subnet in known]
    where = f"{entry.key}.subnets"
    if len(known) == len(entry.attrs["subnets"]) and len(set(zones)) < 2:
        yield Problem(
            where, "A load balancer stands in at least two zones.", ", ".join(zones), "subnets in two zones",
            f"a subnet of {sight.region}{'b' if zones[0].endswith('a') else 'a'} beside {known[0].name}",
        )  # fmt: skip
    elif len(set(zones)) < len(zones):
        yield Problem(where, "Two of these subnets are in the same zone.", ", ".join(zones), "one subnet in each zone")
    networks = {str(subnet.attrs["vpc"]) for subnet in known}
    if len(networks) > 1:
        yield Problem(where, "These subnets are in different networks.", ", ".join(sorted(networks)), "one network")
    if entry.attrs["scheme"] == "internet-facing":
        yield from _subnets.private_ones(
            sight,
            where,
            list(entry.attrs["subnets"]),
            "A load balancer that faces the internet stands in public subnets.",
        )
    yield from _check_logs(entry)


def _check_logs(entry: Entry) -> Iterator[Problem]:
    logs = entry.attrs.get("access_logs") or {"enabled": False}
    if logs.get("enabled", True) and not logs.get("bucket"):
        yield Problem(
            f"{entry.key}.access_logs.bucket", "Access logs need a bucket.", "nothing", "the name of a `bucket`",
            "access_logs: {enabled: false}",
        )  # fmt: skip


def price(attrs: Mapping[str, Any], _related: Related) -> Iterator[Usage]:
    """Source: https://aws.amazon.com/elasticloadbalancing/pricing/; one public address in each zone is billed too."""
    yield Usage("elb/application", HOURS)
    yield Usage(
        "elb/application/lcu",
        HOURS,
        "one unit of capacity: up to 25 new connections a second, 3,000 open, 1 GB an hour",
    )
    if attrs.get("scheme") != "internal":
        yield Usage("ec2/public_ipv4", HOURS * len(attrs.get("subnets") or ()))
        yield Usage("transfer/out", SENT_GB, f"{SENT_GB} GB sent to users")


KIND = Kind(
    name="load_balancer",
    doc="An Application Load Balancer: takes requests from users and hands them to healthy targets.",
    fields={
        "subnets": Field(
            ListOf(Ref("subnet"), least=2), "Where it stands: subnets in at least two zones.", required=True
        ),
        "security_groups": Field(ListOf(Ref("security_group"), least=1, most=5), "What may reach it.", required=True),
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
        "keep_alive_seconds": Field(
            Number(60, 604_800, "seconds"),
            "After how long a client's connection, however busy, is ended with its next answer.",
            default=3600,
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
                    "prefix": Part(Text(r"(?!/).*[^/]", "a folder such as web/main", most=200), "The folder in it."),
                }
            ),
            "A line in a bucket for each request. Off unless given; `{enabled: false}` switches them off.",
        ),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=_elb.retag,
    changes=(
        Change(frozenset({"address_type"}), _set_address_type),
        Change(frozenset({"subnets"}), _set_subnets),
        Change(frozenset({"security_groups"}), _set_groups),
        Change(
            frozenset({*_ATTRIBUTES, "access_logs"}),
            lambda aws, found, wanted: _set_attributes(aws, found.id, wanted),
        ),
    ),
    outputs={
        "dns_name": "The name that AWS gives it.",
        "alias": "That name behind the Route 53 zone that it is in, for records that lead to it.",
        "dimension": "What CloudWatch calls it: the value of the dimension LoadBalancer.",
    },
    aws_name=aws_name,
    check=check,
    price=price,
    follows_protect="deletion_protection",
    seconds=150,
    timeout_seconds=900,
)
