"""``vpc_endpoint``: a way from a VPC to a service of AWS that does not pass the internet.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.tags import specification
from .._resource.kind import HOURS, Change, Entry, Field, Found, Kind, Related, Sight, State, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import Choice, Document, Flag, ListOf, Ref, Text
from . import _ec2

# AWS PrivateLink guide, «Gateway endpoints»: these two, and they cost nothing.
GATEWAYS = ("s3", "dynamodb")
_STATES: dict[str, State] = {
    "pendingacceptance": "pending",
    "pending": "pending",
    "available": "ready",
    "deleting": "deleting",
    "rejected": "failed",
    "failed": "failed",
    "expired": "failed",
    "partial": "pending",
}
# Our lists, what AWS calls them, and what it calls their members' changes.
_LISTS = {
    "route_tables": ("RouteTableIds", "AddRouteTableIds", "RemoveRouteTableIds"),
    "subnets": ("SubnetIds", "AddSubnetIds", "RemoveSubnetIds"),
    "security_groups": ("SecurityGroupIds", "AddSecurityGroupIds", "RemoveSecurityGroupIds"),
}


def to_found(item: Mapping[str, Any]) -> Found:
    kind = item.get("VpcEndpointType", "Gateway").lower()
    policy = item.get("PolicyDocument")
    return Found(
        kind="vpc_endpoint",
        id=item["VpcEndpointId"],
        attrs={
            "vpc": item["VpcId"],
            "service": re.sub(r"^com\.amazonaws\.(?!vpce\.)[a-z0-9-]+\.", "", item["ServiceName"]),
            "type": kind,
            "route_tables": item.get("RouteTableIds") or [],
            "subnets": item.get("SubnetIds") or [],
            "security_groups": [one["GroupId"] for one in item.get("Groups") or ()],
            "private_dns": item.get("PrivateDnsEnabled", False),
            "policy": json.loads(policy) if policy else None,
        },
        tags=_ec2.tags_of(item),
        state=_STATES.get(item["State"].lower(), "pending"),
        why=(item.get("LastError") or {}).get("Message", ""),
    )


def type_of(attrs: Mapping[str, Any]) -> str:
    """What it is where the entry leaves that out."""
    return str(attrs.get("type") or ("gateway" if attrs.get("service") in GATEWAYS else "interface"))


def create(aws: Any, wanted: Wanted) -> str:
    service = wanted.attrs["service"]
    interface = type_of(wanted.attrs) == "interface"
    private_dns = wanted.attrs["private_dns"]
    lists = {theirs: wanted.attrs[ours] or None for ours, (theirs, _add, _remove) in _LISTS.items()}
    answer = aws.call(
        "ec2",
        "create_vpc_endpoint",
        VpcId=wanted.attrs["vpc"],
        ServiceName=service if service.startswith("com.") else f"com.amazonaws.{aws.region}.{service}",
        VpcEndpointType="Interface" if interface else "Gateway",
        PrivateDnsEnabled=(True if private_dns is None else private_dns) if interface else None,
        PolicyDocument=json.dumps(wanted.attrs["policy"]) if wanted.attrs["policy"] else None,
        ClientToken=wanted.token,
        TagSpecifications=specification("vpc-endpoint", wanted.tags),
        **lists,
    )
    endpoint_id: str = answer["VpcEndpoint"]["VpcEndpointId"]
    aws.created(endpoint_id)
    return endpoint_id


def _modify(aws: Any, found: Found, wanted: Wanted) -> None:
    parameters: dict[str, Any] = {}
    for ours, (_theirs, add, remove) in _LISTS.items():
        if wanted.attrs[ours] is not None:
            there, goal = set(found.attrs[ours]), set(wanted.attrs[ours])
            parameters[add] = sorted(goal - there) or None
            parameters[remove] = sorted(there - goal) or None
    if wanted.attrs["private_dns"] not in (None, found.attrs["private_dns"]):
        parameters["PrivateDnsEnabled"] = wanted.attrs["private_dns"]
    if wanted.attrs["policy"] is not None:
        parameters["PolicyDocument"] = json.dumps(wanted.attrs["policy"])
    aws.call("ec2", "modify_vpc_endpoint", VpcEndpointId=found.id, **parameters)


def delete(aws: Any, found: Found) -> None:
    answer = aws.call("ec2", "delete_vpc_endpoints", VpcEndpointIds=[found.id])
    _ec2.raise_unsuccessful(aws, "ec2:DeleteVpcEndpoints", answer.get("Unsuccessful"))


def check(entry: Entry, _sight: Sight) -> Iterator[Problem]:
    """Gateways hang on route tables, interfaces stand in subnets."""
    attrs, kind = entry.attrs, type_of(entry.attrs)
    if kind == "gateway" and attrs["service"] not in GATEWAYS:
        yield Problem(
            f"{entry.key}.type", "There is no gateway to this service.", attrs["service"], "s3 or dynamodb", "interface"
        )
    wrong = ("subnets", "security_groups", "private_dns") if kind == "gateway" else ("route_tables",)
    for name in wrong:
        if attrs[name]:
            yield Problem(
                f"{entry.key}.{name}", f"Endpoints of type {kind} have none.", str(attrs[name]), "nothing here"
            )
    needed = "route_tables" if kind == "gateway" else "subnets"
    if not attrs[needed]:
        yield Problem(f"{entry.key}.{needed}", f"Nothing reaches a {kind} endpoint without.", "nothing", "at least one")


def price(attrs: Mapping[str, Any], _related: Related) -> Iterator[Usage]:
    if type_of(attrs) == "interface":
        yield Usage("vpc/endpoint/interface", HOURS * len(attrs.get("subnets") or [0]))


KIND = Kind(
    name="vpc_endpoint",
    doc="A way from a VPC to a service of AWS that does not pass the internet, and so no NAT gateway.",
    fields={
        "vpc": Field(Ref("vpc"), "The network that it is for.", required=True, change="replace"),
        "service": Field(
            Text(r"[a-z0-9.-]+", "a service such as s3, ecr.api, ecr.dkr, ssm, logs", most=200),
            "The service that it leads to.",
            required=True,
            change="replace",
        ),
        "type": Field(
            Choice(("gateway", "interface")),
            "A gateway (free; a route to S3 or DynamoDB) or an interface (an address in each subnet, paid by the "
            "hour). Left out, a gateway for `s3` and `dynamodb` and an interface for all others.",
            change="replace",
        ),
        "route_tables": Field(ListOf(Ref("route_table")), "For a gateway: the tables that get the route."),
        "subnets": Field(ListOf(Ref("subnet")), "For an interface: where it has an address, one subnet a zone."),
        "security_groups": Field(ListOf(Ref("security_group")), "For an interface: who may speak to it, on port 443."),
        "private_dns": Field(
            Flag(),
            "For an interface: whether the service's usual name leads here. Left out, true when it is made.",
        ),
        "policy": Field(Document(), "What may be done through it. Left out, everything."),
    },
    describe=_ec2.describer("describe_vpc_endpoints", "VpcEndpoints", "vpc-endpoint-id", to_found),
    create=create,
    delete=delete,
    retag=_ec2.retag,
    changes=(Change(frozenset({*_LISTS, "private_dns", "policy"}), _modify),),
    check=check,
    price=price,
    seconds=60,
)
