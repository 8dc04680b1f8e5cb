"""``route_table``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.route_table import to_found
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found
from tests.support.aws.trial import Trial

from .networks import NETWORK, a_subnet, a_vpc, problems


@pytest.fixture
def net(trial: Trial) -> dict[str, Found]:
    vpc = a_vpc(trial)
    subnets = {f"subnet-{zone}": a_subnet(trial, vpc, third, zone) for third, zone in ((1, "a"), (2, "c"))}
    gateway = trial.make("internet_gateway", "main", vpc=vpc.id)
    address = trial.make("elastic_ip", "out")
    nat = trial.make("nat_gateway", "main", subnet=subnets["subnet-a"].id, elastic_ip=address.id)
    return {"vpc": vpc, "gateway": gateway, "nat": nat, **subnets}


def test_whole_life(trial: Trial, net: dict[str, Found]) -> None:
    vpc, a, c = net["vpc"].id, net["subnet-a"].id, net["subnet-c"].id
    out = {"to": "0.0.0.0/0", "internet_gateway": net["gateway"].id}
    table = trial.make("route_table", "public", vpc=vpc, routes=[out], subnets=[a])
    table = trial.alter(table, vpc=vpc, routes=[{"nat_gateway": net["nat"].id}], subnets=[a])
    table = trial.alter(table, vpc=vpc, routes=[{"nat_gateway": net["nat"].id}], subnets=[a, c])
    table = trial.alter(table, vpc=vpc, routes=[{**out, "to": "192.0.2.0/24"}], subnets=[c])
    trial.retag(table)
    table = trial.alter(table, vpc=vpc, routes=[], subnets=[])
    trial.remove(table)
    trial.remove(table)


def test_a_subnet_moves_from_one_table_to_the_other(trial: Trial, net: dict[str, Found]) -> None:
    vpc, a = net["vpc"].id, net["subnet-a"].id
    trial.make("route_table", "public", vpc=vpc, subnets=[a])
    trial.make("route_table", "private", vpc=vpc, subnets=[a])
    tables = {one.name: one.attrs["subnets"] for one in trial.all("route_table")}
    assert tables == {"public": [], "private": [a]}


def test_one_that_was_cut_is_finished(trial: Trial, net: dict[str, Found]) -> None:
    vpc, a = net["vpc"].id, net["subnet-a"].id
    table = trial.make("route_table", "public", vpc=vpc)
    trial.alter(table, vpc=vpc, routes=[{"internet_gateway": net["gateway"].id}], subnets=[a])


def _association(number: int) -> dict[str, str]:
    return {"SubnetId": f"subnet-{number}", "RouteTableAssociationId": f"rtbassoc-{number}"}


def test_routes_of_aws_are_not_ours() -> None:
    item: dict[str, Any] = {
        "RouteTableId": "rtb-1",
        "VpcId": "vpc-1",
        "Associations": [
            {"Main": True, "RouteTableAssociationId": "rtbassoc-0", "AssociationState": {"State": "associated"}},
            {**_association(1), "AssociationState": {"State": "associated"}},
            {**_association(2), "AssociationState": {"State": "disassociated"}},
        ],
        "Routes": [
            {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable"},
            {"DestinationPrefixListId": "pl-78a54011", "GatewayId": "vpce-1", "Origin": "CreateRoute"},
            {"DestinationCidrBlock": "172.16.0.0/12", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation"},
            {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "blackhole"},
            {
                "DestinationCidrBlock": "192.0.2.0/24",
                "InstanceId": "i-1",
                "NetworkInterfaceId": "eni-1",
                "InstanceOwnerId": "123456789012",
                "Origin": "CreateRoute",
                "State": "active",
            },
        ],
    }  # fmt: skip
    found = to_found(item)
    assert found.attrs == {
        "vpc": "vpc-1",
        "routes": [{"to": "0.0.0.0/0", "nat_gateway": "nat-1"}, {"to": "192.0.2.0/24", "nat_instance": "i-1"}],
        "subnets": ["subnet-1"],
    }


@pytest.mark.parametrize(
    ("fields", "where", "message"),
    [
        pytest.param(
            {"routes": [{"internet_gateway": "main"}, {"to": "0.0.0.0/0", "internet_gateway": "main"}]},
            "route_table/t.routes[1]", "This destination is given twice.", id="twice",
        ),
        pytest.param(
            {"routes": [{"internet_gateway": "other"}]},
            "route_table/t.routes[0]", "This gateway is of another VPC.", id="gateway-elsewhere",
        ),
        pytest.param(
            {"routes": [{"to": "0.0.0.0/0"}]}, "route_table/t.routes[0]", "0 of these keys are there.", id="nowhere"
        ),
        pytest.param(
            {"routes": [{"to": "10.0.0.1/8", "internet_gateway": "main"}]},
            "route_table/t.routes[0].to", "This network has bits behind its prefix.", id="bits",
        ),
        pytest.param({"subnets": ["x"]}, "route_table/t.subnets[0]", "This subnet is of another VPC.", id="subnet"),
        pytest.param(
            {"subnets": ["a"]},
            "route_table/t.subnets[0]", "This subnet has the routes of route_table/s already.", id="taken",
        ),
    ],
)  # fmt: skip
def test_bad_ones(fields: dict[str, Any], where: str, message: str) -> None:
    sister = {"route_table": "s", "vpc": "main", "subnets": ["a"]}
    found = problems(*NETWORK, sister, {"route_table": "t", "vpc": "main", **fields})
    assert found == {where: message}
