"""``nat_instance``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.nat_instance import KIND, USER_DATA
from tests.support.aws.trial import Trial

from .networks import NETWORK, PUBLIC, a_group, a_subnet, a_vpc, problems


def test_whole_life(trial: Trial) -> None:
    vpc = a_vpc(trial)
    addresses = [trial.make("elastic_ip", name) for name in ("one", "two")]
    wanted: dict[str, Any] = {"subnet": a_subnet(trial, vpc).id, "security_groups": [a_group(trial, vpc).id]}
    machine = trial.make("nat_instance", "out", **wanted, elastic_ip=addresses[0].id)
    assert machine.attrs["root_volume"]["size_gb"] == 8
    assert machine.outputs["public_ip"] == addresses[0].outputs["ip"]
    assert trial.all("instance") == [], "it is no plain instance"
    machine = trial.alter(machine, **wanted, elastic_ip=addresses[1].id, size="t4g.micro")
    table = trial.make("route_table", "private", vpc=vpc.id, routes=[{"nat_instance": machine.id}])
    assert table.attrs["routes"] == [{"to": "0.0.0.0/0", "nat_instance": machine.id}]
    trial.retag(machine)
    trial.remove(machine)


def test_one_that_was_cut_before_it_forwards_is_finished(trial: Trial) -> None:
    vpc = a_vpc(trial)
    wanted: dict[str, Any] = {"subnet": a_subnet(trial, vpc).id, "security_groups": [a_group(trial, vpc).id]}
    wanted["elastic_ip"] = trial.make("elastic_ip", "out").id
    machine = trial.make("nat_instance", "out", **wanted)
    trial.account.call("ec2", "modify_instance_attribute", InstanceId=machine.id, SourceDestCheck={"Value": True})
    (cut,) = trial.all("nat_instance")
    assert cut.attrs["forwards"] is False
    trial.alter(cut, **wanted)


def test_what_it_does_at_its_first_boot() -> None:
    assert USER_DATA.startswith("#!/bin/sh\n")
    assert "net.ipv4.ip_forward = 1" in USER_DATA
    assert "masquerade" in USER_DATA
    assert len(USER_DATA) < 16384


GOOD: dict[str, Any] = {"nat_instance": "n", "subnet": "a", "security_groups": ["web"], "elastic_ip": "out"}


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        pytest.param({"size": "t4g.pico"}, "size", id="no-such-size"),
        pytest.param({"security_groups": ["far"]}, "security_groups[0]", id="group-of-other-vpc"),
        pytest.param({"elastic_ip": None}, "elastic_ip", id="no-address"),
    ],
)
def test_bad_ones(fields: dict[str, Any], where: str) -> None:
    assert problems(*NETWORK, PUBLIC, GOOD) == {}
    assert set(problems(*NETWORK, PUBLIC, {**GOOD, **fields})) == {f"nat_instance/n.{where}"}


def test_it_stands_in_a_public_subnet() -> None:
    assert set(problems(*NETWORK, GOOD)) == {"nat_instance/n.subnet"}


def test_price() -> None:
    lines = {one.sku: one.quantity for one in KIND.price({"size": "t4g.nano"}, lambda _kind, _name: None)}
    assert lines == {"ec2/instance/t4g.nano": 730, "ebs/gp3": 8}
