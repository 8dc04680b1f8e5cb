"""``vpc_endpoint``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.vpc_endpoint import KIND, to_found
from tests.support.aws.trial import Trial

from .networks import NETWORK, a_group, a_subnet, a_vpc, problems

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [STATEMENT]}


def test_gateway(trial: Trial) -> None:
    vpc = a_vpc(trial)
    tables = [trial.make("route_table", name, vpc=vpc.id).id for name in ("one", "two")]
    endpoint = trial.make("vpc_endpoint", "s3", vpc=vpc.id, service="s3", route_tables=tables[:1], policy=POLICY)
    assert endpoint.attrs["type"] == "gateway"
    endpoint = trial.alter(endpoint, vpc=vpc.id, service="s3", route_tables=tables)
    other = {**POLICY, "Statement": [{**STATEMENT, "Action": "s3:GetObject"}]}
    endpoint = trial.alter(endpoint, vpc=vpc.id, service="s3", route_tables=tables[1:], policy=other)
    trial.retag(endpoint)
    assert [route for table in trial.all("route_table") for route in table.attrs["routes"]] == []
    trial.remove(endpoint)
    trial.remove(endpoint)


def test_interface(trial: Trial) -> None:
    vpc = a_vpc(trial)
    subnets = [a_subnet(trial, vpc, third, zone).id for third, zone in ((1, "a"), (2, "c"))]
    groups = [a_group(trial, vpc, name).id for name in ("one", "two")]
    place: dict[str, Any] = {"vpc": vpc.id, "service": "ecr.api"}
    endpoint = trial.make("vpc_endpoint", "ecr", **place, subnets=subnets[:1], security_groups=groups[:1])
    assert (endpoint.attrs["type"], endpoint.attrs["private_dns"]) == ("interface", True)
    endpoint = trial.alter(endpoint, **place, subnets=subnets, security_groups=groups[1:], private_dns=False)
    trial.remove(endpoint)


def test_whose_service_it_is() -> None:
    item = {"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "State": "Available", "VpcEndpointType": "Interface"}
    names = {
        "com.amazonaws.ap-northeast-2.ecr.api": "ecr.api",
        "com.amazonaws.vpce.ap-northeast-2.vpce-svc-0123": "com.amazonaws.vpce.ap-northeast-2.vpce-svc-0123",
    }
    assert {name: to_found({**item, "ServiceName": name}).attrs["service"] for name in names} == names


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        pytest.param({"service": "ecr.api", "type": "gateway", "route_tables": ["t"]}, "type", id="no-such-gateway"),
        pytest.param({"service": "s3", "route_tables": ["t"], "subnets": ["a"]}, "subnets", id="gateway-with-subnets"),
        pytest.param({"service": "s3"}, "route_tables", id="gateway-without-tables"),
        pytest.param({"service": "ecr.api"}, "subnets", id="interface-without-subnets"),
        pytest.param(
            {"service": "ecr.api", "subnets": ["a"], "route_tables": ["t"]}, "route_tables", id="interface-with-tables"
        ),
    ],
)
def test_bad_ones(fields: dict[str, Any], where: str) -> None:
    table = {"route_table": "t", "vpc": "main"}
    assert set(problems(*NETWORK, table, {"vpc_endpoint": "e", "vpc": "main", **fields})) == {f"vpc_endpoint/e.{where}"}


@pytest.mark.parametrize(
    ("attrs", "hours"),
    [
        ({"service": "s3", "type": None, "subnets": None}, 0),
        ({"service": "ecr.api", "type": None, "subnets": ["a", "c"]}, 1460),
    ],
    ids=["gateway", "interface"],
)
def test_price(attrs: dict[str, Any], hours: float) -> None:
    assert sum(line.quantity for line in KIND.price(attrs, lambda _kind, _name: None) if not line.traffic) == hours
