"""``vpc``: a network of one's own.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.tags import specification
from .._resource.kind import Change, Entry, Field, Found, Kind, Sight, Wanted
from .._resource.problems import Problem
from .._resource.types import Cidr, Flag
from . import _ec2


def to_found(item: Mapping[str, Any]) -> Found:
    return Found(
        kind="vpc",
        id=item["VpcId"],
        attrs={"cidr": item["CidrBlock"]},
        tags=_ec2.tags_of(item),
        state="ready" if item["State"] == "available" else "pending",
    )


_list = _ec2.describer("describe_vpcs", "Vpcs", "vpc-id", to_found)


def describe(aws: Any, scope: Any) -> Iterator[Found]:
    for found in _list(aws, scope):
        yield _with_dns(aws, found)


def _with_dns(aws: Any, found: Found) -> Found:
    # the two attributes are in no list, and AWS answers one of them at a time
    dns = {
        field: aws.call("ec2", "describe_vpc_attribute", VpcId=found.id, Attribute=name)[name[0].upper() + name[1:]]
        for field, name in (("dns_support", "enableDnsSupport"), ("dns_hostnames", "enableDnsHostnames"))
    }
    attrs = {**found.attrs, **{field: answer["Value"] for field, answer in dns.items()}}
    return Found(found.kind, found.id, attrs, found.tags, state=found.state)


def create(aws: Any, wanted: Wanted) -> str:
    answer = aws.call(
        "ec2", "create_vpc", CidrBlock=wanted.attrs["cidr"], TagSpecifications=specification("vpc", wanted.tags)
    )
    vpc_id: str = answer["Vpc"]["VpcId"]
    aws.created(vpc_id)
    _set_dns(aws, vpc_id, wanted)
    return vpc_id


def _set_dns(aws: Any, vpc_id: str, wanted: Wanted) -> None:
    # one attribute a call: AWS refuses both at once; host names need the support, so that goes first
    for field, name in (("dns_support", "EnableDnsSupport"), ("dns_hostnames", "EnableDnsHostnames")):
        if wanted.get(field) is not None:
            aws.call("ec2", "modify_vpc_attribute", VpcId=vpc_id, **{name: {"Value": wanted.attrs[field]}})


def delete(aws: Any, found: Found) -> None:
    _ec2.gone_is_fine(aws, "delete_vpc", VpcId=found.id)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """Two networks of one app must not overlap, or they can never be peered or reached by one VPN."""
    mine = ipaddress.ip_network(entry.attrs["cidr"])
    for other in sight.all("vpc"):
        if other.name > entry.name and mine.overlaps(ipaddress.ip_network(other.attrs["cidr"])):
            yield Problem(
                f"{other.key}.cidr",
                f"This network overlaps that of {entry.key}.",
                other.attrs["cidr"],
                f"a network outside {mine}",
            )


KIND = Kind(
    name="vpc",
    doc="A network of one's own, in which everything else stands.",
    fields={
        "cidr": Field(Cidr(longest=28, shortest=16), "Its addresses.", required=True, change="replace"),
        "dns_support": Field(Flag(), "Whether AWS's own resolver answers in it.", default=True),
        "dns_hostnames": Field(Flag(), "Whether instances with a public address get a public name.", default=True),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=_ec2.retag,
    changes=(
        Change(frozenset({"dns_support", "dns_hostnames"}), lambda aws, found, wanted: _set_dns(aws, found.id, wanted)),
    ),
    check=check,
    stays_in_use=True,
    seconds=2,
)
