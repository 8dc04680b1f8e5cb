"""``instance``: one machine.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import Change, Entry, Field, Found, Kind, Related, Scope, Sight, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import Flag, ListOf, MapOf, Ref
from . import _disks, _ec2, _images, _instances, _machine
from ._instances import Seen

SENT_GB = 10  # what a machine of its own sends to users in a month


def to_found(seen: Seen) -> Found:
    item = seen.item
    outputs = {
        "private_ip": item.get("PrivateIpAddress"),
        "public_ip": item.get("PublicIpAddress"),
        "zone": (item.get("Placement") or {}).get("AvailabilityZone"),
    }
    return _instances.found_of("instance", seen, KIND.fields, outputs)


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    for seen in _instances.see(aws, scope, "instance", protection=True):
        yield to_found(seen)


def create(aws: Any, wanted: Wanted) -> str:
    instance_id = _instances.run(aws, wanted, wanted.attrs, wanted.tags)
    new = Found("instance", instance_id, {}, wanted.tags)
    if not _later(wanted):
        return instance_id
    _instances.wait_for(aws, instance_id, "running")
    if wanted.attrs["elastic_ip"]:
        _instances.change_address(aws, new, wanted)
    if wanted.attrs["source_dest_check"] is False:
        _change_source_dest_check(aws, new, wanted)
    if wanted.attrs["running"] is False:
        _instances.change_running(aws, new, wanted)
    return instance_id


def _later(wanted: Wanted) -> bool:
    """Whether there is anything that only a running machine can be told."""
    attrs = wanted.attrs
    return bool(attrs["elastic_ip"]) or attrs["source_dest_check"] is False or attrs["running"] is False


def _change_source_dest_check(aws: Any, found: Found, wanted: Wanted) -> None:
    _instances.set_source_dest_check(aws, found.id, wanted.attrs["source_dest_check"])


def _change_protection(aws: Any, found: Found, wanted: Wanted) -> None:
    value = {"Value": wanted.attrs["termination_protection"]}
    aws.call("ec2", "modify_instance_attribute", InstanceId=found.id, DisableApiTermination=value)


def _change_recovery(aws: Any, found: Found, wanted: Wanted) -> None:
    recovery = "default" if wanted.attrs["auto_recovery"] else "disabled"
    aws.call("ec2", "modify_instance_maintenance_options", InstanceId=found.id, AutoRecovery=recovery)


def _change_monitoring(aws: Any, found: Found, wanted: Wanted) -> None:
    if wanted.attrs["monitoring"]:
        aws.call("ec2", "monitor_instances", InstanceIds=[found.id])
    else:
        aws.call("ec2", "unmonitor_instances", InstanceIds=[found.id])


def _change_metadata(aws: Any, found: Found, wanted: Wanted) -> None:
    options = _machine.metadata({**found.attrs, **{k: v for k, v in wanted.attrs.items() if v is not None}})
    aws.call("ec2", "modify_instance_metadata_options", InstanceId=found.id, **options)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    yield from _machine.check(entry)
    for device, disk in (entry.attrs["volumes"] or {}).items():
        yield from _machine.check_disk(disk, f"{entry.key}.volumes.{device}")
    yield from same_vpc(entry, sight)
    yield from own_address(entry, sight)


def same_vpc(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """EC2 refuses groups of one VPC in a subnet of another."""
    subnet = sight.get("subnet", entry.attrs["subnet"])
    for index, name in enumerate(entry.attrs["security_groups"]):
        group = sight.get("security_group", name)
        if subnet is not None and group is not None and group.attrs["vpc"] != subnet.attrs["vpc"]:
            yield Problem(
                f"{entry.key}.security_groups[{index}]", f"This group is of another VPC than {subnet.key}.",
                f"{name} of {group.attrs['vpc']}", f"a group of {subnet.attrs['vpc']}",
            )  # fmt: skip


def own_address(entry: Entry, sight: Sight) -> Iterator[Problem]:
    address = entry.attrs["elastic_ip"]
    for kind in ("instance", "nat_gateway", "nat_instance"):
        for other in sight.all(kind):
            # of two machines the second one is told so; gateways do not look at machines
            second = other.key < entry.key or kind == "nat_gateway"
            if address is not None and other.attrs["elastic_ip"] == address and second:
                yield Problem(
                    f"{entry.key}.elastic_ip", f"{other.key} has this address.", address, "an address of its own"
                )


def refuse(found: Found, wanted: Wanted, fields: frozenset[str]) -> Iterator[Problem]:
    yield from _disks.refuse(found, wanted)
    if "size" in fields:
        yield from other_processor(found, wanted)


def other_processor(found: Found, wanted: Wanted) -> Iterator[Problem]:
    before, after = _images.architecture(found.attrs["size"]), _images.architecture(wanted.attrs["size"])
    if before != after:
        yield Problem(
            f"{found.kind}/{wanted.name}.size", "What is on its disk does not run on this processor.",
            f"{wanted.attrs['size']} ({after})", f"a size with {before}, as {found.attrs['size']} has",
            "an entry with a new name",
        )  # fmt: skip


def price(attrs: Mapping[str, Any], _related: Related) -> Iterator[Usage]:
    # an Elastic IP has a price of its own
    mine = {**attrs, "public_ip": attrs.get("public_ip") and not attrs.get("elastic_ip")}
    if attrs.get("running") is False:
        yield from (line for line in _machine.price(mine) if line.sku.startswith("ebs/"))
        return
    yield from _machine.price(mine)
    if attrs.get("public_ip") or attrs.get("elastic_ip"):
        yield Usage("transfer/out", SENT_GB, f"{SENT_GB} GB sent to users")


KIND = Kind(
    name="instance",
    doc="One machine. A newer image, another key or other user data does not touch a machine that is there: they count "
    "when it is made. To get a machine anew, give the entry a new name.",
    fields={
        "image": Field(_images.SHAPE, _images.DOC, default="debian-13", write_only=True),
        "size": Field(
            _machine.SIZE,
            "How big it is. A change stops the machine for a minute or two; it keeps its disks and its Elastic IP.",
            required=True,
        ),
        "subnet": Field(Ref("subnet"), "Where it stands.", required=True, change="replace"),
        "security_groups": Field(ListOf(Ref("security_group"), least=1), "Who may speak to it.", required=True),
        "role": Field(_machine.PROFILE, "What it may do in AWS."),
        "key_pair": Field(_machine.KEY, "Who may enter it over SSH at first.", write_only=True),
        "user_data": Field(_machine.USER_DATA, _machine.USER_DATA_DOC, write_only=True),
        "root_volume": Field(_machine.ROOT, _machine.ROOT_DOC),
        "volumes": Field(
            MapOf(_machine.VOLUME, key=_machine.DEVICE, most=11),
            "Further disks, always gp3, by device (/dev/sdf to /dev/sdp). None is ever taken away by a run.",
            fits=_disks.fits,
        ),
        "public_ip": Field(
            Flag(),
            "Whether it gets a public address that changes with every stop. Left out, as its subnet has it.",
            write_only=True,
        ),
        "elastic_ip": Field(Ref("elastic_ip"), "A public address that stays."),
        "source_dest_check": Field(
            Flag(),
            "Whether it only takes packets that are for itself; false for one that passes them on.",
            default=True,
        ),
        "termination_protection": Field(
            Flag(), "Whether EC2 refuses to terminate it. Left out, as `protect` says; else false."
        ),
        "auto_recovery": Field(
            Flag(),
            "Whether EC2 moves it to other hardware when its own fails, with its disks and addresses.",
            default=True,
        ),
        "monitoring": Field(Flag(), _machine.MONITORING_DOC, default=False),
        "imdsv2_only": Field(Flag(), _machine.IMDSV2_DOC, default=True),
        "metadata_hops": Field(_machine.HOPS, _machine.HOPS_DOC, default=2),
        "running": Field(
            Flag(), "Whether it runs. False stops it; then only its disks and addresses cost.", default=True
        ),
    },
    describe=describe,
    create=create,
    delete=_instances.delete,
    retag=_ec2.retag,
    outputs={
        "private_ip": "Its address in the VPC.",
        "public_ip": "Its public address, if it has one.",
        "zone": "The zone that it stands in.",
    },
    changes=(
        Change(frozenset({"size"}), _instances.change_size),
        Change(frozenset({"security_groups"}), _instances.change_groups),
        Change(frozenset({"role"}), _instances.change_role),
        Change(frozenset({"root_volume", "volumes"}), _disks.change),
        Change(frozenset({"elastic_ip"}), _instances.change_address),
        Change(frozenset({"source_dest_check"}), _change_source_dest_check),
        Change(frozenset({"termination_protection"}), _change_protection),
        Change(frozenset({"auto_recovery"}), _change_recovery),
        Change(frozenset({"monitoring"}), _change_monitoring),
        Change(frozenset({"imdsv2_only", "metadata_hops"}), _change_metadata),
        Change(frozenset({"running"}), _instances.change_running),
    ),
    check=check,
    refuse=refuse,
    price=price,
    follows_protect="termination_protection",
    seconds=30,
)
