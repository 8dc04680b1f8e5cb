"""``nat_gateway``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.nat_gateway import KIND, to_found
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Scope
from tests.support.aws.trial import APP, Trial

from .networks import NETWORK, PUBLIC, a_subnet, a_vpc, problems


def test_whole_life(trial: Trial) -> None:
    subnet = a_subnet(trial, a_vpc(trial))
    address = trial.make("elastic_ip", "out")
    gateway = trial.make("nat_gateway", "main", subnet=subnet.id, elastic_ip=address.id)
    assert gateway.outputs == {"ip": address.outputs["ip"]}
    trial.retag(gateway)
    again = list(KIND.describe(trial.account, Scope(APP, ids=frozenset({gateway.id}))))
    assert [one.id for one in again] == [gateway.id], "found by its tag and by its id, told once"
    trial.remove(gateway)
    trial.remove(gateway)
    trial.remove(address)


ITEM: dict[str, Any] = {
    "NatGatewayId": "nat-1",
    "SubnetId": "subnet-1",
    "State": "failed",
    "FailureMessage": "Elastic IP address eipalloc-1 is already associated",
    "NatGatewayAddresses": [],
}


@pytest.mark.parametrize(
    ("state", "ours"),
    [("pending", "pending"), ("available", "ready"), ("deleting", "deleting"), ("failed", "failed")],
)
def test_states(state: str, ours: str) -> None:
    found = to_found({**ITEM, "State": state})
    assert found.state == ours
    assert found.why == ITEM["FailureMessage"]


def test_an_address_serves_one_gateway() -> None:
    one = {"nat_gateway": "a", "subnet": "a", "elastic_ip": "out"}
    assert problems(*NETWORK, PUBLIC, one) == {}
    assert problems(*NETWORK, PUBLIC, one, {**one, "nat_gateway": "b", "subnet": "c"}) == {
        "nat_gateway/b.elastic_ip": "nat_gateway/a uses this address already."
    }


def test_it_stands_in_a_public_subnet() -> None:
    one = {"nat_gateway": "a", "subnet": "a", "elastic_ip": "out"}
    assert set(problems(*NETWORK, one)) == {"nat_gateway/a.subnet"}


def test_price() -> None:
    lines = list(KIND.price({}, lambda _kind, _name: None))
    assert [line.sku for line in lines] == ["ec2/nat_gateway", "ec2/nat_gateway/gb"]
    assert [bool(line.traffic) for line in lines] == [False, True]
