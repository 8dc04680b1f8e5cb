"""``internet_gateway``: the door of a VPC to the internet.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import specification
from .._resource.kind import Change, Entry, Field, Found, Kind, Sight, Wanted
from .._resource.problems import Problem
from .._resource.types import Ref
from . import _ec2


def to_found(item: Mapping[str, Any]) -> Found:
    attached = [one for one in item.get("Attachments", ()) if one.get("State") not in ("detaching", "detached")]
    return Found(
        kind="internet_gateway",
        id=item["InternetGatewayId"],
        attrs={"vpc": attached[0]["VpcId"] if attached else None},
        tags=_ec2.tags_of(item),
    )


def create(aws: Any, wanted: Wanted) -> str:
    tags = specification("internet-gateway", wanted.tags)
    answer = aws.call("ec2", "create_internet_gateway", TagSpecifications=tags)
    gateway_id: str = answer["InternetGateway"]["InternetGatewayId"]
    aws.created(gateway_id)
    aws.call("ec2", "attach_internet_gateway", InternetGatewayId=gateway_id, VpcId=wanted.attrs["vpc"])
    return gateway_id


def _move(aws: Any, found: Found, wanted: Wanted) -> None:
    _detach(aws, found)
    aws.call("ec2", "attach_internet_gateway", InternetGatewayId=found.id, VpcId=wanted.attrs["vpc"])


def _detach(aws: Any, found: Found) -> None:
    if found.attrs["vpc"] is None:
        return
    try:
        aws.call("ec2", "detach_internet_gateway", InternetGatewayId=found.id, VpcId=found.attrs["vpc"])
    except AwsError as error:
        if not error.missing and error.code != "Gateway.NotAttached":
            raise


def delete(aws: Any, found: Found) -> None:
    _detach(aws, found)
    _ec2.gone_is_fine(aws, "delete_internet_gateway", InternetGatewayId=found.id)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    for other in sight.all("internet_gateway"):
        if other.name > entry.name and other.attrs["vpc"] == entry.attrs["vpc"]:
            yield Problem(
                f"{other.key}.vpc", f"{entry.key} is the door of this VPC already.", other.attrs["vpc"],
                "one internet gateway for each VPC",
            )  # fmt: skip


KIND = Kind(
    name="internet_gateway",
    doc="The door of a VPC to the internet. It costs nothing by itself.",
    fields={"vpc": Field(Ref("vpc"), "The network that it opens.", required=True)},
    describe=_ec2.describer("describe_internet_gateways", "InternetGateways", "internet-gateway-id", to_found),
    create=create,
    delete=delete,
    retag=_ec2.retag,
    changes=(Change(frozenset({"vpc"}), _move),),
    check=check,
    seconds=2,
)
