"""``instance``, on both emulators."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _sizes
from ansible_collections.stairway.cloud.plugins.module_utils._kinds._instances import Seen
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.instance import KIND, to_found
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Scope, Wanted
from tests.support.aws.trial import APP, Trial

from .networks import NETWORK, PUBLIC, a_group, a_subnet, a_vpc, problems

NOISE = random.Random(1).randbytes(20_000).hex()


def _place(trial: Trial) -> dict[str, Any]:
    vpc = a_vpc(trial)
    return {"subnet": a_subnet(trial, vpc).id, "security_groups": [a_group(trial, vpc).id]}


def test_whole_life(trial: Trial) -> None:
    place = _place(trial)
    machine = trial.make("instance", "web", size="t3.small", **place, root_volume={"size_gb": 20})
    assert machine.outputs["zone"] == "ap-northeast-2a"
    machine = trial.alter(machine, size="t3.medium", **place, root_volume={"size_gb": 30, "iops": 4000})
    trial.retag(machine)
    trial.remove(machine)
    trial.remove(machine)


def test_everything_at_creation(trial: Trial) -> None:
    place = _place(trial)
    address = trial.make("elastic_ip", "web")
    trial.make(
        "instance",
        "web",
        image="ubuntu-24.04",
        size="t4g.small",
        **place,
        user_data="#!/bin/sh\ntrue\n",
        root_volume={"size_gb": 30, "iops": 6000, "throughput": 250, "encrypted": True},
        volumes={"/dev/sdf": {"size_gb": 100}, "/dev/sdg": {"size_gb": 10, "dies_with_machine": True}},
        elastic_ip=address.id,
        source_dest_check=False,
        termination_protection=False,
        auto_recovery=False,
        monitoring=True,
        imdsv2_only=False,
        metadata_hops=3,
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"source_dest_check": False}, id="source_dest_check"),
        pytest.param({"termination_protection": True}, id="termination_protection"),
        pytest.param({"auto_recovery": False}, id="auto_recovery"),
        pytest.param({"monitoring": True}, id="monitoring"),
        pytest.param({"imdsv2_only": False}, id="imdsv2_only"),
        pytest.param({"metadata_hops": 1}, id="metadata_hops"),
        pytest.param({"running": False}, id="running"),
        pytest.param({"volumes": {"/dev/sdf": {"size_gb": 10}}}, id="volumes"),
    ],
)
def test_changes(trial: Trial, change: dict[str, Any]) -> None:
    wanted = {**_place(trial), "size": "t3.small"}
    machine = trial.make("instance", "web", **wanted)
    machine = trial.alter(machine, **wanted, **change)
    if "running" in change:
        trial.alter(machine, **wanted, running=True)


def test_groups_role_and_address(trial: Trial) -> None:
    vpc = a_vpc(trial)
    wanted: dict[str, Any] = {"size": "t3.small", "subnet": a_subnet(trial, vpc).id}
    groups = [a_group(trial, vpc, name).id for name in ("one", "two")]
    profiles = [_a_profile(trial, name) for name in ("one", "two")]
    address = trial.make("elastic_ip", "web")
    machine = trial.make("instance", "web", **wanted, security_groups=groups[:1])
    machine = trial.alter(machine, **wanted, security_groups=groups, role=profiles[0], elastic_ip=address.id)
    assert machine.outputs["public_ip"] == address.outputs["ip"]
    machine = trial.alter(machine, **wanted, security_groups=groups[1:], role=profiles[1], elastic_ip=address.id)
    trial.remove(address)


def test_a_protected_machine_that_was_given_up_goes(trial: Trial) -> None:
    wanted = {**_place(trial), "size": "t3.small"}
    machine = trial.make("instance", "web", **wanted, termination_protection=True)
    trial.remove(machine)


def _a_profile(trial: Trial, name: str) -> str:
    answer = trial.account.call("iam", "create_instance_profile", InstanceProfileName=name)
    return str(answer["InstanceProfile"]["Arn"])


def test_a_disk_whose_run_was_cut_is_found_again(on_moto: Trial) -> None:
    wanted = {**_place(on_moto), "size": "t3.small"}
    machine = on_moto.make("instance", "web", **wanted)
    made = on_moto.account.call(
        "ec2",
        "create_volume",
        AvailabilityZone="ap-northeast-2a",
        Size=10,
        VolumeType="gp3",
        Encrypted=True,
        TagSpecifications=[
            {"ResourceType": "volume", "Tags": [{"Key": "stairway:volume", "Value": f"{machine.id}:/dev/sdf"}]}
        ],
    )
    machine = on_moto.alter(machine, **wanted, volumes={"/dev/sdf": {"size_gb": 10}})
    assert machine.detail["volumes"]["/dev/sdf"] == made["VolumeId"]


def test_machines_of_groups_and_of_other_kinds_are_not_mine(trial: Trial) -> None:
    wanted = {**_place(trial), "size": "t3.small"}
    mine = trial.make("instance", "web", **wanted)
    other = trial.make("instance", "nat", **wanted)
    tags = [{"Key": "stairway:kind", "Value": "nat_instance"}]
    trial.account.call("ec2", "create_tags", Resources=[other.id], Tags=tags)
    assert [one.id for one in trial.all("instance")] == [mine.id]
    by_id = KIND.describe(trial.account, Scope(APP, ids=frozenset({other.id}), only=True))
    assert [one.id for one in by_id] == [other.id]


ITEM: dict[str, Any] = {
    "InstanceId": "i-1",
    "InstanceType": "t3.small",
    "SubnetId": "subnet-1",
    "State": {"Code": 16, "Name": "running"},
    "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "shop-app"}],
    "RootDeviceName": "/dev/xvda",
    "BlockDeviceMappings": [
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-1", "DeleteOnTermination": True, "Status": "attached"}}
    ],
    "Placement": {"AvailabilityZone": "ap-northeast-2a"},
    "Monitoring": {"State": "disabled"},
    "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpPutResponseHopLimit": 2},
    "MaintenanceOptions": {"AutoRecovery": "default"},
    "SourceDestCheck": True,
    "Tags": [{"Key": "stairway:app", "Value": "shop"}, {"Key": "stairway:kind", "Value": "nat_instance"}],
}
VOLUMES = {"vol-1": {"VolumeId": "vol-1", "Size": 20, "Iops": 3000, "Throughput": 125, "Encrypted": True}}


@pytest.mark.parametrize(
    ("name", "state", "running"),
    [
        ("pending", "pending", True),
        ("running", "ready", True),
        ("stopping", "pending", False),
        ("stopped", "ready", False),
        ("shutting-down", "deleting", False),
    ],
)
def test_states(name: str, state: str, running: bool) -> None:
    found = to_found(Seen({**ITEM, "State": {"Name": name}}, VOLUMES))
    assert (found.state, found.attrs["running"]) == (state, running)


def test_the_tag_of_the_kind_is_nobodys_business() -> None:
    assert to_found(Seen(ITEM, VOLUMES)).tags == {"stairway:app": "shop"}


def _refused(fields: set[str], **attrs: Any) -> list[str]:
    found = to_found(Seen(ITEM, VOLUMES))
    whole = {**{name: None for name in KIND.fields}, **attrs}
    wanted = Wanted("instance", "web", APP, whole, {}, "", "")
    return [one.where for one in KIND.refuse(found, wanted, frozenset(fields))]


def test_what_is_refused_as_a_change() -> None:
    assert _refused({"size"}, size="t3.large") == []
    assert _refused({"size"}, size="t4g.small") == ["instance/web.size"]
    assert _refused({"root_volume"}, root_volume={"size_gb": 19}) == ["instance/web.root_volume.size_gb"]
    assert _refused({"root_volume"}, root_volume={"encrypted": False}) == ["instance/web.root_volume.encrypted"]


def test_disks_that_no_entry_names_stay() -> None:
    fits = KIND.fields["volumes"].fits
    assert fits is not None
    disk = {"size_gb": 10, "iops": 3000, "throughput": 125, "encrypted": True, "dies_with_machine": False}
    found = {"volumes": {"/dev/sdf": disk, "/dev/sdg": disk}}
    assert fits({"volumes": {"/dev/sdf": {"size_gb": 10}}}, found)
    assert not fits({"volumes": {"/dev/sdf": {"size_gb": 11}}}, found)
    assert not fits({"volumes": {"/dev/sdh": {"size_gb": 10}}}, found)


GOOD: dict[str, Any] = {"instance": "i", "size": "t3.small", "subnet": "a", "security_groups": ["web"]}


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        pytest.param({"size": "t3.smal"}, "size", id="no-such-size"),
        pytest.param({"size": "t9.small"}, "size", id="no-such-family"),
        pytest.param({"image": "debian-99"}, "image", id="no-such-image"),
        pytest.param({"image": "ami-123"}, "image", id="bad-image-id"),
        pytest.param({"security_groups": ["far"]}, "security_groups[0]", id="group-of-other-vpc"),
        pytest.param({"security_groups": []}, "security_groups", id="no-group"),
        pytest.param({"root_volume": {"size_gb": 4, "iops": 5000}}, "root_volume.iops", id="too-many-iops"),
        pytest.param({"root_volume": {"throughput": 1000}}, "root_volume.throughput", id="too-much-throughput"),
        pytest.param({"volumes": {"/dev/sda": {"size_gb": 4}}}, "volumes./dev/sda", id="device-of-the-system"),
        pytest.param({"user_data": "x" * 131_073}, "user_data", id="user-data-too-long"),
        pytest.param({"user_data": NOISE}, "user_data", id="user-data-too-long-compressed"),
        pytest.param({"subnet": "nowhere"}, "subnet", id="reference-to-nothing"),
    ],
)
def test_bad_ones(fields: dict[str, Any], where: str) -> None:
    assert problems(*NETWORK, GOOD) == {}
    assert set(problems(*NETWORK, {**GOOD, **fields})) == {f"instance/i.{where}"}


def test_an_address_serves_one() -> None:
    first, second = ({**GOOD, "instance": name, "elastic_ip": "out"} for name in ("h", "i"))
    assert problems(*NETWORK, second, first) == {"instance/i.elastic_ip": "instance/h has this address."}
    gateway = {"nat_gateway": "n", "subnet": "a", "elastic_ip": "out"}
    assert problems(*NETWORK, PUBLIC, gateway, first) == {"instance/h.elastic_ip": "nat_gateway/n has this address."}


def test_price() -> None:
    def lines(**attrs: Any) -> dict[str, float]:
        return {one.sku: one.quantity for one in KIND.price({"size": "t3.small", **attrs}, lambda _k, _n: None)}

    assert lines() == {"ec2/instance/t3.small": 730, "ebs/gp3": 20}
    assert lines(running=False) == {"ebs/gp3": 20}
    assert lines(root_volume={"size_gb": 50, "iops": 4000, "throughput": 250}) == {
        "ec2/instance/t3.small": 730,
        "ebs/gp3": 50,
        "ebs/gp3/iops": 1000,
        "ebs/gp3/throughput": 125,
    }
    assert lines(public_ip=True)["ec2/public_ipv4"] == 730
    assert (lines(public_ip=True)["transfer/out"], lines(elastic_ip="web")["transfer/out"]) == (10, 10)
    assert "ec2/public_ipv4" not in lines(public_ip=True, elastic_ip="web")


def test_the_sizes_are_those_of_ec2() -> None:
    session = pytest.importorskip("botocore.session").Session()
    model = session.get_service_model("ec2")
    new = set(model.shape_for("InstanceType").enum) - _sizes.SIZES
    assert not {one for one in new if re.match(r"(t|m|c|r)\d", one)}, "write plugins/module_utils/_kinds/_sizes.py anew"
    assert not _sizes.SIZES - set(model.shape_for("InstanceType").enum)
