"""Machines as EC2 describes them, and what is done with one: shared by ``instance`` and ``nat_instance``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import specification
from .._common.errors import StairwayError
from .._common.wait import until
from .._resource.kind import NAME_TAG, Found, Scope, State, Wanted
from . import _disks, _ec2, _images, _machine

# Tells the kinds apart that are EC2 instances; a plain instance has none.
KIND_TAG = "stairway:kind"
_GROUP_TAG = "aws:autoscaling:groupName"
_STATES: dict[str, State] = {
    "pending": "pending",
    "running": "ready",
    "stopping": "pending",
    "stopped": "ready",
    "shutting-down": "deleting",
}
_WAIT_SECONDS = 600


@dataclass(frozen=True)
class Seen:
    """One instance and what other calls tell of it."""

    item: Mapping[str, Any]
    volumes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by id
    allocation: str | None = None
    protected: bool | None = None


def see(aws: Any, scope: Scope, kind: str, *, protection: bool = False) -> Iterator[Seen]:
    """The machines of ``kind`` in the scope. Those of Auto Scaling groups belong to their group."""
    items = list(_items(aws, scope, kind))
    if not items:
        return
    ids = [item["InstanceId"] for item in items]
    volumes = {
        one["VolumeId"]: one for one in _in_batches(aws, "describe_volumes", "Volumes", "attachment.instance-id", ids)
    }
    addresses = {
        one["InstanceId"]: one.get("AllocationId")
        for one in _in_batches(aws, "describe_addresses", "Addresses", "instance-id", ids)
    }
    for item in items:
        one = item["InstanceId"]
        yield Seen(item, volumes, addresses.get(one), _protected(aws, one) if protection else None)


def _items(aws: Any, scope: Scope, kind: str) -> Iterator[Mapping[str, Any]]:
    alive = {"Name": "instance-state-name", "Values": sorted(_STATES)}
    seen: set[str] = set()
    for filters in _ec2.filters_of(scope, "instance-id"):
        by_id = filters[0]["Name"] == "instance-id"
        for reservation in aws.pages("ec2", "describe_instances", "Reservations", Filters=[*filters, alive]):
            for item in reservation["Instances"]:
                if item["InstanceId"] not in seen and (by_id or _is(item, kind)):
                    seen.add(item["InstanceId"])
                    yield item


def _is(item: Mapping[str, Any], kind: str) -> bool:
    tags = {one["Key"]: one["Value"] for one in item.get("Tags") or ()}
    return NAME_TAG in tags and _GROUP_TAG not in tags and tags.get(KIND_TAG, "instance") == kind


def _in_batches(aws: Any, operation: str, key: str, name: str, ids: list[str]) -> Iterator[Mapping[str, Any]]:
    for start in range(0, len(ids), 200):  # EC2 takes 200 values in a filter
        filters = [{"Name": name, "Values": ids[start : start + 200]}]
        yield from aws.pages("ec2", operation, key, Filters=filters)


def _protected(aws: Any, instance_id: str) -> bool:
    # in no list, and one instance a call
    name = "disableApiTermination"
    try:
        answer = aws.call("ec2", "describe_instance_attribute", InstanceId=instance_id, Attribute=name)
    except AwsError as error:
        if error.missing:  # ended since it was listed
            return False
        raise
    return bool(answer["DisableApiTermination"]["Value"])


def attrs_of(seen: Seen) -> dict[str, Any]:
    """In the words of ``instance``."""
    item = seen.item
    metadata = item.get("MetadataOptions") or {}
    disks = _disks.of(item, seen.volumes)
    return {
        "size": item["InstanceType"],
        "subnet": item.get("SubnetId"),
        "security_groups": [one["GroupId"] for one in item.get("SecurityGroups") or ()],
        "role": (item.get("IamInstanceProfile") or {}).get("Arn"),
        "root_volume": disks.pop(item.get("RootDeviceName"), None),
        "volumes": disks,
        "elastic_ip": seen.allocation,
        "source_dest_check": item.get("SourceDestCheck", True),
        "termination_protection": seen.protected,
        "auto_recovery": (item.get("MaintenanceOptions") or {}).get("AutoRecovery") != "disabled",
        "monitoring": (item.get("Monitoring") or {}).get("State") in ("enabled", "pending"),
        "imdsv2_only": metadata.get("HttpTokens") == "required",
        "metadata_hops": metadata.get("HttpPutResponseHopLimit", 1),
        "running": item["State"]["Name"] in ("pending", "running"),
    }


def found_of(kind: str, seen: Seen, fields: Iterable[str], outputs: Mapping[str, Any]) -> Found:
    item = seen.item
    attrs = attrs_of(seen)
    tags = _ec2.tags_of(item)
    tags.pop(KIND_TAG, None)
    return Found(
        kind=kind,
        id=item["InstanceId"],
        attrs={name: attrs[name] for name in fields if name in attrs},
        tags=tags,
        state=_STATES.get(item["State"]["Name"], "pending"),
        outputs=outputs,
        detail={
            "volumes": {one["DeviceName"]: one["Ebs"]["VolumeId"] for one in item.get("BlockDeviceMappings") or ()},
            "root_device": item.get("RootDeviceName"),
            "zone": (item.get("Placement") or {}).get("AvailabilityZone"),
        },
    )


# -- what is done with one --------------------------------------------------------------------------------------------


def run(aws: Any, wanted: Wanted, attrs: Mapping[str, Any], tags: Mapping[str, str]) -> str:
    """Start one with all that can be said in the first call."""
    image = _images.resolve(aws, attrs["image"], attrs["size"])
    answer = aws.call(
        "ec2",
        "run_instances",
        MinCount=1,
        MaxCount=1,
        ClientToken=wanted.token,
        ImageId=image,
        InstanceType=attrs["size"],
        KeyName=attrs.get("key_pair"),
        UserData=_machine.user_data(attrs["user_data"]) if attrs.get("user_data") else None,
        IamInstanceProfile={"Arn": attrs["role"]} if attrs.get("role") else None,
        BlockDeviceMappings=_disks.mappings(aws, image, attrs.get("root_volume"), attrs.get("volumes")),
        Monitoring={"Enabled": bool(attrs.get("monitoring"))},
        DisableApiTermination=attrs.get("termination_protection"),
        MetadataOptions=_machine.metadata(attrs),
        MaintenanceOptions={"AutoRecovery": "disabled" if attrs.get("auto_recovery") is False else "default"},
        TagSpecifications=specification("instance", tags) + specification("volume", tags),
        **_place(attrs),
    )
    instance_id: str = answer["Instances"][0]["InstanceId"]
    aws.created(instance_id)
    return instance_id


def _place(attrs: Mapping[str, Any]) -> dict[str, Any]:
    if attrs.get("public_ip") is None:
        return {"SubnetId": attrs["subnet"], "SecurityGroupIds": attrs["security_groups"]}
    interface = {
        "DeviceIndex": 0,
        "SubnetId": attrs["subnet"],
        "Groups": attrs["security_groups"],
        "AssociatePublicIpAddress": attrs["public_ip"],
    }
    return {"NetworkInterfaces": [interface]}


def wait_for(aws: Any, instance_id: str, state: str) -> None:
    """:raises StairwayError: when it does not get there."""

    def ask() -> bool | None:
        answer = aws.call("ec2", "describe_instances", InstanceIds=[instance_id])
        return True if answer["Reservations"][0]["Instances"][0]["State"]["Name"] == state else None

    if until(ask, seconds=_WAIT_SECONDS, every=2) is None:
        raise StairwayError(
            f"{instance_id} does not become {state}.",
            expected=f"{state} within {_WAIT_SECONDS} seconds",
            fix=f"aws ec2 describe-instances --instance-ids {instance_id}; then run the same command again: it goes on",
        )


def change_size(aws: Any, found: Found, wanted: Wanted) -> None:
    """AWS changes it only while the machine stands. Cut in between, the next run finds a machine that does not run."""
    aws.call("ec2", "stop_instances", InstanceIds=[found.id])
    wait_for(aws, found.id, "stopped")
    aws.call("ec2", "modify_instance_attribute", InstanceId=found.id, InstanceType={"Value": wanted.attrs["size"]})
    if wanted.attrs["running"] is not False:
        aws.call("ec2", "start_instances", InstanceIds=[found.id])
        wait_for(aws, found.id, "running")


def change_running(aws: Any, found: Found, wanted: Wanted) -> None:
    if wanted.attrs["running"]:
        aws.call("ec2", "start_instances", InstanceIds=[found.id])
    else:
        aws.call("ec2", "stop_instances", InstanceIds=[found.id])


def change_groups(aws: Any, found: Found, wanted: Wanted) -> None:
    groups = wanted.attrs["security_groups"]
    aws.call("ec2", "modify_instance_attribute", InstanceId=found.id, Groups=groups)


def change_role(aws: Any, found: Found, wanted: Wanted) -> None:
    profile = {"Arn": wanted.attrs["role"]}
    filters = [{"Name": "instance-id", "Values": [found.id]}]
    key = "IamInstanceProfileAssociations"
    for one in aws.pages("ec2", "describe_iam_instance_profile_associations", key, Filters=filters):
        if one["State"] in ("associating", "associated"):
            association = one["AssociationId"]
            aws.call(
                "ec2", "replace_iam_instance_profile_association", AssociationId=association, IamInstanceProfile=profile
            )
            return
    aws.call("ec2", "associate_iam_instance_profile", InstanceId=found.id, IamInstanceProfile=profile)


def change_address(aws: Any, found: Found, wanted: Wanted) -> None:
    """Takes the address from whatever has it: an entry says whose it is."""
    aws.call(
        "ec2",
        "associate_address",
        InstanceId=found.id,
        AllocationId=wanted.attrs["elastic_ip"],
        AllowReassociation=True,
    )


def set_source_dest_check(aws: Any, instance_id: str, value: bool) -> None:
    aws.call("ec2", "modify_instance_attribute", InstanceId=instance_id, SourceDestCheck={"Value": value})


def delete(aws: Any, found: Found) -> None:
    """A protected one is only deleted when the run gives it up by name; then AWS need not protect it any more."""
    try:
        if found.attrs.get("termination_protection"):
            aws.call("ec2", "modify_instance_attribute", InstanceId=found.id, DisableApiTermination={"Value": False})
        aws.call("ec2", "terminate_instances", InstanceIds=[found.id])
    except AwsError as error:
        if error.code == "OperationNotPermitted":
            hint = "set termination_protection: false (or protect: false) on the entry, run, and then take it out"
            raise AwsError(error.call, error.code, error.text, region=aws.region, fix=hint) from error
        if not error.missing:
            raise
