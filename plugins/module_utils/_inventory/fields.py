"""What is known of an instance: EC2's names of filters as paths into its variables, and our own short variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# As the blueprint writes them (``_resource/kind.py``, which this package does not know; a test compares).
APP_TAG = "stairway:app"
NAME_TAG = "stairway:name"
STAGE_TAG = "stairway:stage"
SERVICE_TAG = "stairway:service"
GROUP_TAG = "aws:autoscaling:groupName"

# Variables of ours that are tags, and those that stand deeper in what EC2 answers.
FROM_TAGS = {
    "stairway_app": APP_TAG,
    "stairway_name": NAME_TAG,
    "stairway_stage": STAGE_TAG,
    "stairway_service": SERVICE_TAG,
    "autoscaling_group": GROUP_TAG,
}
FROM_DEEPER = {
    "availability_zone": ("placement", "availability_zone"),
    "region": ("placement", "region"),
    "instance_state": ("state", "name"),
}
AS_THEY_ARE = ("instance_id", "instance_type", "private_ip_address", "public_ip_address", "ipv6_address")
LEAN = (*AS_THEY_ARE, *FROM_DEEPER, *FROM_TAGS)
# What has to be read from an answer for them.
LEAN_FIELDS = frozenset(AS_THEY_ARE) | {path[0] for path in FROM_DEEPER.values()}

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html, «Filters». Those below
# ``network-interface`` and ``block-device-mapping`` have one value for each, so they answer a list.
FILTERS: dict[str, tuple[str, ...]] = {
    "affinity": ("placement", "affinity"),
    "architecture": ("architecture",),
    "availability-zone": ("placement", "availability_zone"),
    "block-device-mapping.attach-time": ("block_device_mappings", "ebs", "attach_time"),
    "block-device-mapping.delete-on-termination": ("block_device_mappings", "ebs", "delete_on_termination"),
    "block-device-mapping.device-name": ("block_device_mappings", "device_name"),
    "block-device-mapping.status": ("block_device_mappings", "ebs", "status"),
    "block-device-mapping.volume-id": ("block_device_mappings", "ebs", "volume_id"),
    "client-token": ("client_token",),
    "dns-name": ("public_dns_name",),
    "host-id": ("placement", "host_id"),
    "hypervisor": ("hypervisor",),
    "iam-instance-profile.arn": ("iam_instance_profile", "arn"),
    "image-id": ("image_id",),
    "instance-id": ("instance_id",),
    "instance-lifecycle": ("instance_lifecycle",),
    "instance-state-code": ("state", "code"),
    "instance-state-name": ("state", "name"),
    "instance-type": ("instance_type",),
    "instance.group-id": ("security_groups", "group_id"),
    "instance.group-name": ("security_groups", "group_name"),
    "ip-address": ("public_ip_address",),
    "ipv6-address": ("ipv6_address",),
    "kernel-id": ("kernel_id",),
    "key-name": ("key_name",),
    "launch-index": ("ami_launch_index",),
    "launch-time": ("launch_time",),
    "monitoring-state": ("monitoring", "state"),
    "network-interface.addresses.association.ip-owner-id": (
        "network_interfaces",
        "private_ip_addresses",
        "association",
        "ip_owner_id",
    ),
    "network-interface.addresses.association.public-ip": (
        "network_interfaces",
        "private_ip_addresses",
        "association",
        "public_ip",
    ),
    "network-interface.addresses.primary": ("network_interfaces", "private_ip_addresses", "primary"),
    "network-interface.addresses.private-ip-address": ("network_interfaces", "private_ip_address"),
    "network-interface.association.ip-owner-id": ("network_interfaces", "association", "ip_owner_id"),
    "network-interface.association.public-ip": ("network_interfaces", "association", "public_ip"),
    "network-interface.attachment.attach-time": ("network_interfaces", "attachment", "attach_time"),
    "network-interface.attachment.attachment-id": ("network_interfaces", "attachment", "attachment_id"),
    "network-interface.attachment.delete-on-termination": (
        "network_interfaces",
        "attachment",
        "delete_on_termination",
    ),
    "network-interface.attachment.device-index": ("network_interfaces", "attachment", "device_index"),
    "network-interface.attachment.instance-id": ("instance_id",),
    "network-interface.attachment.instance-owner-id": ("owner_id",),
    "network-interface.attachment.status": ("network_interfaces", "attachment", "status"),
    "network-interface.availability-zone": ("network_interfaces", "availability_zone"),
    "network-interface.description": ("network_interfaces", "description"),
    "network-interface.group-id": ("network_interfaces", "groups", "group_id"),
    "network-interface.group-name": ("network_interfaces", "groups", "group_name"),
    "network-interface.ipv6-addresses.ipv6-address": ("network_interfaces", "ipv6_addresses", "ipv6_address"),
    "network-interface.mac-address": ("network_interfaces", "mac_address"),
    "network-interface.network-interface-id": ("network_interfaces", "network_interface_id"),
    "network-interface.owner-id": ("network_interfaces", "owner_id"),
    "network-interface.private-dns-name": ("network_interfaces", "private_dns_name"),
    "network-interface.requester-managed": ("network_interfaces", "requester_managed"),
    "network-interface.source-dest-check": ("network_interfaces", "source_dest_check"),
    "network-interface.status": ("network_interfaces", "status"),
    "network-interface.subnet-id": ("network_interfaces", "subnet_id"),
    "network-interface.vpc-id": ("network_interfaces", "vpc_id"),
    "owner-id": ("owner_id",),
    "placement-group-name": ("placement", "group_name"),
    "platform": ("platform",),
    "private-dns-name": ("private_dns_name",),
    "private-ip-address": ("private_ip_address",),
    "product-code": ("product_codes", "product_code_id"),
    "product-code.type": ("product_codes", "product_code_type"),
    "ramdisk-id": ("ramdisk_id",),
    "reason": ("state_transition_reason",),
    "requester-id": ("requester_id",),
    "reservation-id": ("reservation_id",),
    "root-device-name": ("root_device_name",),
    "root-device-type": ("root_device_type",),
    "source-dest-check": ("source_dest_check",),
    "spot-instance-request-id": ("spot_instance_request_id",),
    "state-reason-code": ("state_reason", "code"),
    "state-reason-message": ("state_reason", "message"),
    "subnet-id": ("subnet_id",),
    "tenancy": ("placement", "tenancy"),
    "virtualization-type": ("virtualization_type",),
    "vpc-id": ("vpc_id",),
}


def complete(instance: dict[str, Any], region: str) -> dict[str, Any]:
    """Add to an instance, in place, what EC2 does not say at the top: our own variables and the region."""
    instance.setdefault("placement", {})["region"] = region
    tags = instance["tags"]
    for name, path in FROM_DEEPER.items():
        value = (instance.get(path[0]) or {}).get(path[1])
        if value is not None:
            instance[name] = value
    for name, tag in FROM_TAGS.items():
        if tag in tags:
            instance[name] = tags[tag]
    return instance


def lean(instance: Mapping[str, Any]) -> dict[str, Any]:
    """What the playbooks need: flat, and only what is known."""
    return {name: instance[name] for name in LEAN if name in instance}


def value_of(filter_name: str, instance: Mapping[str, Any]) -> Any:
    """The value that a filter's name stands for; a list where there are several, nothing where there is none."""
    found: Any = instance
    for step in FILTERS[filter_name]:
        found = _each(found, step)
    return found


def _each(found: Any, step: str) -> Any:
    """One step; through a list it goes in each item, and a list of one is that one."""
    if found is None:
        return None
    if isinstance(found, list):
        values = [value for value in (_each(one, step) for one in found) if value]
    else:
        values = found.get(step)
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def needed(filter_names: Iterable[str]) -> set[str]:
    """The variables that have to be read for these filters' values."""
    return {FILTERS[name][0] for name in filter_names if name in FILTERS}
