"""Disks of machines: EBS volumes of type gp3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.tags import specification
from .._common.errors import StairwayError
from .._common.wait import until
from .._resource.kind import Found, Wanted
from .._resource.problems import Problem
from . import _machine

# Says for which machine and device a disk was made, while it is not attached yet.
FOR_TAG = "stairway:volume"


def of(item: Mapping[str, Any], volumes: Mapping[str, Mapping[str, Any]]) -> dict[Any, dict[str, Any]]:
    """Device -> the disk, in the words of the blueprint."""
    return {
        one["DeviceName"]: {
            "size_gb": volume["Size"],
            "iops": volume.get("Iops") or 3000,
            "throughput": volume.get("Throughput") or 125,
            "encrypted": volume.get("Encrypted", False),
            "dies_with_machine": one["Ebs"].get("DeleteOnTermination", False),
        }
        for one in item.get("BlockDeviceMappings") or ()
        if (volume := volumes.get(one["Ebs"]["VolumeId"])) is not None
    }


def root_device(aws: Any, image: str) -> str:
    """What an image calls the disk that it boots from."""
    images = aws.call("ec2", "describe_images", ImageIds=[image])["Images"]
    if not images:
        raise StairwayError(
            f"There is no image {image} here.",
            expected=f"an image of the region {aws.region}",
            found="none, or one that was not shared with this account",
            fix="write a short name such as debian-13, which every region has",
        )
    return str(images[0].get("RootDeviceName") or "/dev/xvda")


def mappings(
    aws: Any, image: str, root: Mapping[str, Any] | None, volumes: Mapping[str, Mapping[str, Any]] | None
) -> list[dict[str, Any]]:
    """``BlockDeviceMappings`` of a new machine."""
    first = {"DeviceName": root_device(aws, image), "Ebs": {**_machine.ebs(root or {}), "DeleteOnTermination": True}}
    return [first, *(_mapping(device, disk) for device, disk in sorted((volumes or {}).items()))]


def _mapping(device: str, disk: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "DeviceName": device,
        "Ebs": {**_machine.ebs(disk), "DeleteOnTermination": bool(disk.get("dies_with_machine"))},
    }


def fits(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether all disks that the entry names are as it names them; others stay as they are."""
    there = found.get("volumes") or {}
    shape = _machine.VOLUME
    return all(shape.canonical(there.get(k)) == shape.canonical(v) for k, v in (wanted.get("volumes") or {}).items())


def change(aws: Any, found: Found, wanted: Wanted) -> None:
    """Let disks grow, and make those that are missing."""
    goal = dict(wanted.attrs.get("volumes") or {})
    if wanted.attrs.get("root_volume") is not None:
        goal[found.detail["root_device"]] = wanted.attrs["root_volume"]
    there = {found.detail["root_device"]: found.attrs.get("root_volume"), **(found.attrs.get("volumes") or {})}
    for device, disk in sorted(goal.items()):
        if there.get(device) is None:
            _add(aws, found, wanted, device, disk)
        elif _machine.ebs(disk) != _machine.ebs(there[device]):
            _modify(aws, found.detail["volumes"][device], disk)
        if device in (wanted.attrs.get("volumes") or {}):
            _set_death(aws, found, device, bool(disk.get("dies_with_machine")))


def _modify(aws: Any, volume_id: str, disk: Mapping[str, Any]) -> None:
    ebs = _machine.ebs(disk)
    aws.call(
        "ec2",
        "modify_volume",
        VolumeId=volume_id,
        VolumeType="gp3",
        Size=ebs["VolumeSize"],
        Iops=ebs["Iops"],
        Throughput=ebs["Throughput"],
    )


def _set_death(aws: Any, found: Found, device: str, dies: bool) -> None:
    mapping = {"DeviceName": device, "Ebs": {"DeleteOnTermination": dies}}
    aws.call("ec2", "modify_instance_attribute", InstanceId=found.id, BlockDeviceMappings=[mapping])


def _add(aws: Any, found: Found, wanted: Wanted, device: str, disk: Mapping[str, Any]) -> None:
    """A run that was cut between making and attaching finds its disk again by a tag."""
    mark = f"{found.id}:{device}"
    filters = [{"Name": f"tag:{FOR_TAG}", "Values": [mark]}, {"Name": "status", "Values": ["creating", "available"]}]
    made = next(iter(aws.pages("ec2", "describe_volumes", "Volumes", Filters=filters)), None)
    volume_id = made["VolumeId"] if made else _make(aws, found, {**wanted.tags, FOR_TAG: mark}, disk)
    if until(lambda: _available(aws, volume_id), seconds=300, every=1) is None:
        raise StairwayError(f"The new disk {volume_id} does not become available.", fix="run the same command again")
    aws.call("ec2", "attach_volume", VolumeId=volume_id, InstanceId=found.id, Device=device)


def _make(aws: Any, found: Found, tags: Mapping[str, str], disk: Mapping[str, Any]) -> str:
    ebs = _machine.ebs(disk)
    answer = aws.call(
        "ec2",
        "create_volume",
        AvailabilityZone=found.detail["zone"],
        VolumeType="gp3",
        Size=ebs["VolumeSize"],
        Iops=ebs["Iops"],
        Throughput=ebs["Throughput"],
        Encrypted=ebs["Encrypted"],
        TagSpecifications=specification("volume", tags),
    )
    volume_id: str = answer["VolumeId"]
    aws.created(volume_id)
    return volume_id


def _available(aws: Any, volume_id: str) -> bool | None:
    volumes = aws.call("ec2", "describe_volumes", VolumeIds=[volume_id])["Volumes"]
    return True if volumes and volumes[0]["State"] == "available" else None


def refuse(found: Found, wanted: Wanted) -> Iterator[Problem]:
    """EBS lets no disk shrink, and encrypts none that is there."""
    where = f"{found.kind}/{wanted.name}"
    if wanted.attrs.get("root_volume") is not None and found.attrs.get("root_volume") is not None:
        yield from _refuse(f"{where}.root_volume", found.attrs["root_volume"], wanted.attrs["root_volume"])
    for device, disk in (wanted.attrs.get("volumes") or {}).items():
        there = (found.attrs.get("volumes") or {}).get(device)
        if there is not None:
            yield from _refuse(f"{where}.volumes.{device}", there, disk)


def _refuse(where: str, there: Mapping[str, Any], goal: Mapping[str, Any]) -> Iterator[Problem]:
    before, after = _machine.ebs(there), _machine.ebs(goal)
    if after["VolumeSize"] < before["VolumeSize"]:
        size = before["VolumeSize"]
        yield Problem(
            f"{where}.size_gb", "A disk cannot shrink.", str(after["VolumeSize"]), f"at least {size}", str(size)
        )
    if after["Encrypted"] != before["Encrypted"]:
        has = str(before["Encrypted"]).lower()
        yield Problem(
            f"{where}.encrypted", "This cannot be changed on a disk that is there.", str(after["Encrypted"]).lower(),
            has, f"encrypted: {has}, or an entry with a new name",
        )  # fmt: skip
