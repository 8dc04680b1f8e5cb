"""``subnet``: a part of a VPC in one zone.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.tags import specification
from .._resource.kind import Change, Entry, Field, Found, Kind, Sight, Wanted
from .._resource.problems import Problem
from .._resource.types import Cidr, Flag, Ref, Text
from . import _ec2


def to_found(item: Mapping[str, Any]) -> Found:
    return Found(
        kind="subnet",
        id=item["SubnetId"],
        attrs={
            "vpc": item["VpcId"],
            "cidr": item["CidrBlock"],
            "zone": item["AvailabilityZone"],
            "public_ips": item.get("MapPublicIpOnLaunch", False),
        },
        tags=_ec2.tags_of(item),
        state="ready" if item["State"] == "available" else "pending",
        outputs={"zone": item["AvailabilityZone"]},
    )


def create(aws: Any, wanted: Wanted) -> str:
    answer = aws.call(
        "ec2",
        "create_subnet",
        VpcId=wanted.attrs["vpc"],
        CidrBlock=wanted.attrs["cidr"],
        AvailabilityZone=wanted.attrs["zone"],
        TagSpecifications=specification("subnet", wanted.tags),
    )
    subnet_id: str = answer["Subnet"]["SubnetId"]
    aws.created(subnet_id)
    if wanted.get("public_ips"):
        _set_public_ips(aws, subnet_id, wanted)
    return subnet_id


def _set_public_ips(aws: Any, subnet_id: str, wanted: Wanted) -> None:
    aws.call(
        "ec2", "modify_subnet_attribute", SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": wanted.attrs["public_ips"]}
    )


def delete(aws: Any, found: Found) -> None:
    _ec2.gone_is_fine(aws, "delete_subnet", SubnetId=found.id)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """Inside its VPC, beside its sisters, and in the region of the run."""
    mine = ipaddress.ip_network(entry.attrs["cidr"])
    vpc = sight.get("vpc", entry.attrs["vpc"])
    if vpc is not None and not mine.subnet_of(ipaddress.ip_network(vpc.attrs["cidr"])):  # type: ignore[arg-type]
        yield Problem(
            f"{entry.key}.cidr", f"This network is not inside {vpc.key}.", str(mine), f"a part of {vpc.attrs['cidr']}"
        )
    for other in sight.all("subnet"):
        same = other.attrs["vpc"] == entry.attrs["vpc"] and other.name > entry.name
        if same and mine.overlaps(ipaddress.ip_network(other.attrs["cidr"])):
            yield Problem(
                f"{other.key}.cidr", f"This network overlaps that of {entry.key}.", other.attrs["cidr"],
                f"a network outside {mine}",
            )  # fmt: skip
    if not entry.attrs["zone"].startswith(sight.region):
        yield Problem(
            f"{entry.key}.zone",
            "This zone is in another region.",
            entry.attrs["zone"],
            f"a zone of {sight.region}",
            f"{sight.region}a",
        )


KIND = Kind(
    name="subnet",
    doc="A part of a VPC in one zone.",
    fields={
        "vpc": Field(Ref("vpc"), "The network that it is a part of.", required=True, change="replace"),
        "cidr": Field(Cidr(longest=28, shortest=16), "Its addresses.", required=True, change="replace"),
        "zone": Field(
            Text(r"[a-z]{2}(-[a-z]+)+-\d[a-z]", "a zone such as ap-northeast-2a"),
            "Where it stands.",
            required=True,
            change="replace",
        ),
        "public_ips": Field(Flag(), "Whether what starts in it gets a public address.", default=False),
    },
    describe=_ec2.describer("describe_subnets", "Subnets", "subnet-id", to_found),
    create=create,
    delete=delete,
    retag=_ec2.retag,
    changes=(Change(frozenset({"public_ips"}), lambda aws, found, wanted: _set_public_ips(aws, found.id, wanted)),),
    outputs={"zone": "The zone that it stands in."},
    check=check,
    stays_in_use=True,
    seconds=2,
)
