"""``nat_gateway``: the way out of private subnets, run by AWS.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.tags import specification
from .._resource.kind import HOURS, Entry, Field, Found, Kind, Related, Scope, Sight, State, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import Ref
from . import _ec2, _subnets

_STATES: dict[str, State] = {"pending": "pending", "available": "ready", "failed": "failed", "deleting": "deleting"}
TRAFFIC_GB = 170  # what one small shop sends and fetches through it in a month


def to_found(item: Mapping[str, Any]) -> Found:
    addresses = item.get("NatGatewayAddresses") or [{}]
    return Found(
        kind="nat_gateway",
        id=item["NatGatewayId"],
        attrs={"subnet": item["SubnetId"], "elastic_ip": addresses[0].get("AllocationId")},
        tags=_ec2.tags_of(item),
        state=_STATES[item["State"]],
        why=item.get("FailureMessage", ""),
        outputs={"ip": addresses[0].get("PublicIp")},
    )


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    seen: set[str] = set()
    for filters in _ec2.filters_of(scope, "nat-gateway-id"):
        # AWS goes on answering deleted ones for an hour
        alive = [*filters, {"Name": "state", "Values": sorted(_STATES)}]
        for item in aws.pages("ec2", "describe_nat_gateways", "NatGateways", Filter=alive):
            if item["NatGatewayId"] not in seen:
                seen.add(item["NatGatewayId"])
                yield to_found(item)


def create(aws: Any, wanted: Wanted) -> str:
    answer = aws.call(
        "ec2",
        "create_nat_gateway",
        SubnetId=wanted.attrs["subnet"],
        AllocationId=wanted.attrs["elastic_ip"],
        ClientToken=wanted.token,
        TagSpecifications=specification("natgateway", wanted.tags),
    )
    gateway_id: str = answer["NatGateway"]["NatGatewayId"]
    aws.created(gateway_id)
    return gateway_id


def delete(aws: Any, found: Found) -> None:
    _ec2.gone_is_fine(aws, "delete_nat_gateway", NatGatewayId=found.id)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    yield from _subnets.private_ones(
        sight, f"{entry.key}.subnet", [entry.attrs["subnet"]], "A NAT gateway stands in a public subnet."
    )
    for other in sight.all("nat_gateway"):
        if other.name > entry.name and other.attrs["elastic_ip"] == entry.attrs["elastic_ip"]:
            yield Problem(
                f"{other.key}.elastic_ip", f"{entry.key} uses this address already.", other.attrs["elastic_ip"],
                "an address of its own",
            )  # fmt: skip


def price(_attrs: Mapping[str, Any], _related: Related) -> Iterator[Usage]:
    yield Usage("ec2/nat_gateway", HOURS)
    yield Usage("ec2/nat_gateway/gb", TRAFFIC_GB, f"{TRAFFIC_GB} GB a month pass through it")


KIND = Kind(
    name="nat_gateway",
    doc="The way out to the internet for machines without a public address, run by AWS. "
    "A `nat_instance` does the same for a tenth of the price, and has to be looked after.",
    fields={
        "subnet": Field(Ref("subnet"), "A public subnet to stand in.", required=True, change="replace"),
        "elastic_ip": Field(Ref("elastic_ip"), "The address that the internet sees.", required=True, change="replace"),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=_ec2.retag,
    outputs={"ip": "The address that the internet sees."},
    check=check,
    price=price,
    waits_for=("internet_gateway",),
    seconds=120,
)
