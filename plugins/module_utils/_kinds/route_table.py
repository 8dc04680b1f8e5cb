"""``route_table``: where the packets of some subnets go.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import specification
from .._resource.kind import Change, Entry, Field, Found, Kind, Sight, Wanted
from .._resource.problems import Problem
from .._resource.types import Cidr, ListOf, Part, Record, Ref
from . import _ec2

# A target's key in the blueprint, and EC2's name of it in a call.
_TARGETS = {"internet_gateway": "GatewayId", "nat_gateway": "NatGatewayId", "nat_instance": "InstanceId"}

_ROUTE = Record(
    {
        "to": Part(Cidr(), "Where the packets want to go.", default="0.0.0.0/0"),
        "internet_gateway": Part(Ref("internet_gateway"), "Through the VPC's door to the internet."),
        "nat_gateway": Part(Ref("nat_gateway"), "Through a NAT gateway."),
        "nat_instance": Part(Ref("nat_instance"), "Through a NAT instance."),
    },
    exactly_one=tuple(_TARGETS),
)


def to_found(item: Mapping[str, Any]) -> Found:
    associated = [
        one
        for one in item.get("Associations", ())
        if one.get("SubnetId") and one.get("AssociationState", {}).get("State") in (None, "associating", "associated")
    ]
    return Found(
        kind="route_table",
        id=item["RouteTableId"],
        attrs={
            "vpc": item["VpcId"],
            "routes": [route for one in item.get("Routes", ()) for route in _route(one)],
            "subnets": [one["SubnetId"] for one in associated],
        },
        tags=_ec2.tags_of(item),
        detail={"associations": {one["SubnetId"]: one["RouteTableAssociationId"] for one in associated}},
    )


def _route(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One of ours; the VPC's own, those of gateway endpoints and those that a VPN tells are AWS's business."""
    gateway = str(item.get("GatewayId") or "")
    if gateway == "local" or gateway.startswith("vpce-") or item.get("Origin") == "EnableVgwRoutePropagation":
        return
    if "DestinationCidrBlock" not in item:
        return
    target = next((key for key, name in _TARGETS.items() if item.get(name)), None)
    yield {"to": item["DestinationCidrBlock"], **({target: item[_TARGETS[target]]} if target else {})}


def create(aws: Any, wanted: Wanted) -> str:
    tags = specification("route-table", wanted.tags)
    answer = aws.call("ec2", "create_route_table", VpcId=wanted.attrs["vpc"], TagSpecifications=tags)
    found = to_found(answer["RouteTable"])
    aws.created(found.id)
    _set_routes(aws, found, wanted)
    _set_subnets(aws, found, wanted)
    return found.id


def _set_routes(aws: Any, found: Found, wanted: Wanted) -> None:
    there = {one["to"]: _target(one) for one in found.attrs["routes"]}
    goal = {one.get("to") or "0.0.0.0/0": _target(one) for one in wanted.get("routes", [])}
    for destination, target in goal.items():
        if destination not in there:
            _put(aws, found, destination, target)
        elif there[destination] != target:
            aws.call("ec2", "replace_route", RouteTableId=found.id, DestinationCidrBlock=destination, **target)
    for destination in there.keys() - goal.keys():
        _ec2.gone_is_fine(aws, "delete_route", RouteTableId=found.id, DestinationCidrBlock=destination)


def _put(aws: Any, found: Found, destination: str, target: Mapping[str, str]) -> None:
    try:
        aws.call("ec2", "create_route", RouteTableId=found.id, DestinationCidrBlock=destination, **target)
    except AwsError as error:
        if error.code != "RouteAlreadyExists":
            raise
        aws.call("ec2", "replace_route", RouteTableId=found.id, DestinationCidrBlock=destination, **target)


def _target(route: Mapping[str, Any]) -> dict[str, str]:
    return {name: route[key] for key, name in _TARGETS.items() if route.get(key)}


def _set_subnets(aws: Any, found: Found, wanted: Wanted) -> None:
    mine = found.detail["associations"]
    goal = wanted.get("subnets", [])
    new = [subnet for subnet in goal if subnet not in mine]
    elsewhere = _associations(aws, new) if new else {}
    for subnet in new:
        if subnet in elsewhere:  # one call moves it, so that it is never without routes
            association = elsewhere[subnet]
            aws.call("ec2", "replace_route_table_association", AssociationId=association, RouteTableId=found.id)
        else:
            aws.call("ec2", "associate_route_table", SubnetId=subnet, RouteTableId=found.id)
    for subnet in mine.keys() - set(goal):
        _ec2.gone_is_fine(aws, "disassociate_route_table", AssociationId=mine[subnet])


def _associations(aws: Any, subnets: list[str]) -> dict[str, str]:
    """The association that each subnet has now, with whatever table."""
    filters = [{"Name": "association.subnet-id", "Values": subnets}]
    result: dict[str, str] = {}
    for item in aws.pages("ec2", "describe_route_tables", "RouteTables", Filters=filters):
        result.update(to_found(item).detail["associations"])
    return {subnet: result[subnet] for subnet in subnets if subnet in result}


def delete(aws: Any, found: Found) -> None:
    for association in found.detail["associations"].values():
        _ec2.gone_is_fine(aws, "disassociate_route_table", AssociationId=association)
    _ec2.gone_is_fine(aws, "delete_route_table", RouteTableId=found.id)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """One way for each destination, one table for each subnet, all of one VPC."""
    seen: set[str] = set()
    for index, route in enumerate(entry.attrs["routes"] or ()):
        where = f"{entry.key}.routes[{index}]"
        destination = route.get("to") or "0.0.0.0/0"
        if destination in seen:
            yield Problem(where, "This destination is given twice.", destination, "one route to each network")
        seen.add(destination)
        gateway = sight.get("internet_gateway", route.get("internet_gateway"))
        if gateway is not None and gateway.attrs["vpc"] != entry.attrs["vpc"]:
            found = f"{gateway.key} of the VPC {gateway.attrs['vpc']}"
            yield Problem(where, "This gateway is of another VPC.", found, f"a gateway of {entry.attrs['vpc']}")
    yield from _subnet_problems(entry, sight)


def _subnet_problems(entry: Entry, sight: Sight) -> Iterator[Problem]:
    for index, name in enumerate(entry.attrs["subnets"] or ()):
        where = f"{entry.key}.subnets[{index}]"
        subnet = sight.get("subnet", name)
        if subnet is not None and subnet.attrs["vpc"] != entry.attrs["vpc"]:
            yield Problem(where, "This subnet is of another VPC.", str(name), f"a subnet of {entry.attrs['vpc']}")
        for other in sight.all("route_table"):
            if other.name < entry.name and name in (other.attrs["subnets"] or ()):
                yield Problem(where, f"This subnet has the routes of {other.key} already.", str(name), "one table each")


KIND = Kind(
    name="route_table",
    doc="Where the packets of some subnets go. A subnet with a route to an internet gateway is public.",
    fields={
        "vpc": Field(Ref("vpc"), "The network that it is for.", required=True, change="replace"),
        "routes": Field(ListOf(_ROUTE), "The ways out of the network. Inside it everything is reached anyway."),
        "subnets": Field(ListOf(Ref("subnet")), "The subnets that follow these routes."),
    },
    describe=_ec2.describer("describe_route_tables", "RouteTables", "route-table-id", to_found),
    create=create,
    delete=delete,
    retag=_ec2.retag,
    changes=(Change(frozenset({"routes"}), _set_routes), Change(frozenset({"subnets"}), _set_subnets)),
    check=check,
    seconds=3,
)
