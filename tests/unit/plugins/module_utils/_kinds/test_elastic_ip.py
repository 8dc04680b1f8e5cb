"""``elastic_ip``, on both emulators."""

from __future__ import annotations

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.elastic_ip import KIND, to_found
from tests.support.aws.trial import Trial


def test_whole_life(trial: Trial) -> None:
    address = trial.make("elastic_ip", "web")
    assert address.outputs["ip"].count(".") == 3
    trial.retag(address)
    trial.remove(address)
    trial.remove(address)


def test_an_address_of_a_nat_gateway_is_left_to_it() -> None:
    item = {"AllocationId": "eipalloc-1", "PublicIp": "1.2.3.4", "AssociationId": "eipassoc-1"}
    assert to_found(item).detail == {"association": None}
    assert to_found({**item, "InstanceId": "i-1"}).detail == {"association": "eipassoc-1"}


def test_price() -> None:
    assert [(one.sku, one.quantity) for one in KIND.price({}, lambda _kind, _name: None)] == [("ec2/public_ipv4", 730)]
