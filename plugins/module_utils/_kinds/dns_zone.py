"""``dns_zone``: a hosted zone of Route 53.

Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import Change, Entry, Field, Found, Kind, Related, Scope, Sight, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import ListOf, Ref
from . import _route53
from ._dns import DOMAIN

_TYPE = "hostedzone"
_REFERENCE_LENGTH = 128


def aws_name(_app: str, _name: str, attrs: Mapping[str, Any]) -> str:
    """A second public zone of a domain would be one that nobody asks. Private ones of one domain are common."""
    return "" if attrs.get("vpcs") else str(attrs["domain"])


def to_found(answer: Mapping[str, Any], tags: Mapping[str, str]) -> Found:
    """From ``get_hosted_zone``."""
    zone = answer["HostedZone"]
    domain = zone["Name"].rstrip(".")
    private = zone["Config"]["PrivateZone"]
    return Found(
        kind="dns_zone",
        id=plain_id(zone),
        attrs={"domain": domain, "vpcs": [vpc["VPCId"] for vpc in answer.get("VPCs") or ()]},
        tags={**_route53.tags_by_reference(zone["CallerReference"]), **tags},
        aws_name=None if private else domain,
        outputs={"domain": domain, "name_servers": list((answer.get("DelegationSet") or {}).get("NameServers", ()))},
        detail={"private": private},
    )


def plain_id(zone: Mapping[str, Any]) -> str:
    return str(zone["Id"]).removeprefix("/hostedzone/")


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    known = None if scope.only else _listed(aws)
    ids = sorted(scope.ids) if known is None else list(known)
    tags = _route53.tags_of(aws, _TYPE, ids)
    for zone_id in ids:
        if known is not None and not _wanted(scope, known[zone_id], tags.get(zone_id, {})):
            continue
        answer = _route53.or_none(_get, aws, zone_id)
        if answer is not None:
            yield to_found(answer, tags.get(zone_id, {}))


def _get(aws: Any, zone_id: str) -> Any:
    return aws.call("route53", "get_hosted_zone", Id=zone_id)


def _listed(aws: Any) -> dict[str, Mapping[str, Any]]:
    return {plain_id(zone): zone for zone in aws.pages("route53", "list_hosted_zones", "HostedZones")}


def _wanted(scope: Scope, zone: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
    return scope.wants(to_found({"HostedZone": zone}, tags))


def create(aws: Any, wanted: Wanted) -> str:
    vpcs = wanted.get("vpcs", [])
    answer = aws.call(
        "route53",
        "create_hosted_zone",
        Name=wanted.attrs["domain"],
        CallerReference=_route53.caller_reference(wanted, _REFERENCE_LENGTH),
        HostedZoneConfig={"Comment": f"{wanted.app}: {wanted.name}", "PrivateZone": bool(vpcs)},
        VPC=_vpc(aws, vpcs[0]) if vpcs else None,
    )
    zone_id = plain_id(answer["HostedZone"])
    aws.created(zone_id)
    _route53.set_tags(aws, _TYPE, zone_id, wanted.tags)
    for vpc in vpcs[1:]:
        _associate(aws, zone_id, vpc)
    return zone_id


def _vpc(aws: Any, vpc_id: str) -> dict[str, str]:
    return {"VPCRegion": aws.region, "VPCId": vpc_id}


def _associate(aws: Any, zone_id: str, vpc_id: str) -> None:
    aws.call("route53", "associate_vpc_with_hosted_zone", HostedZoneId=zone_id, VPC=_vpc(aws, vpc_id))


def _set_vpcs(aws: Any, found: Found, wanted: Wanted) -> None:
    new, old = wanted.attrs["vpcs"], found.attrs["vpcs"]
    # the new ones first: a private zone keeps at least one
    for vpc in new:
        if vpc not in old:
            _associate(aws, found.id, vpc)
    for vpc in old:
        if vpc not in new:
            aws.call("route53", "disassociate_vpc_from_hosted_zone", HostedZoneId=found.id, VPC=_vpc(aws, vpc))


def delete(aws: Any, found: Found) -> None:
    """AWS refuses while there are records of others in it, and so it should."""
    aws.deleted(found.id)
    _route53.or_none(lambda: aws.call("route53", "delete_hosted_zone", Id=found.id))


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """One public zone for each domain."""
    for other in sight.all("dns_zone"):
        same = other.attrs["domain"] == entry.attrs["domain"] and other.name > entry.name
        if same and not (other.attrs.get("vpcs") or entry.attrs.get("vpcs")):
            yield Problem(
                f"{other.key}.domain", f"{entry.key} is this domain's public zone already.", entry.attrs["domain"],
                "one public zone for each domain",
            )  # fmt: skip


def refuse(found: Found, wanted: Wanted, fields: frozenset[str]) -> Iterator[Problem]:
    """AWS cannot make a public zone private, nor the other way round."""
    if "vpcs" in fields and bool(wanted.get("vpcs")) != bool(found.detail["private"]):
        now = "private" if found.detail["private"] else "public"
        yield Problem(
            f"dns_zone/{wanted.name}.vpcs", f"A {now} zone stays {now}.", f"vpcs: {wanted.get('vpcs', [])}",
            "at least one VPC" if now == "private" else "no VPC", "an entry with another name",
        )  # fmt: skip


def price(_attrs: Mapping[str, Any], _related: Related) -> Iterator[Usage]:
    """Source: https://aws.amazon.com/route53/pricing/"""
    yield Usage("route53/zone", 1)
    yield Usage("route53/queries", 1, "1 million questions; those for aliases of AWS resources are free")


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
    describe=describe,
    create=create,
    delete=delete,
    retag=_route53.retagger(_TYPE),
    changes=(Change(frozenset({"vpcs"}), _set_vpcs),),
    outputs={
        "domain": "The domain.",
        "name_servers": "The servers that the domain's registrar has to be told; none for a private zone.",
    },
    aws_name=aws_name,
    check=check,
    refuse=refuse,
    price=price,
    seconds=5,
    global_=True,
)
