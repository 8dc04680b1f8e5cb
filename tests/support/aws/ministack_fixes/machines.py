"""EC2's machines: what MiniStack does not keep of what is asked of one, and calls that it lacks.

Sources: API_RunInstances, API_ModifyInstanceAttribute, API_ModifyInstanceMetadataOptions, API_MonitorInstances,
API_AttachVolume and API_ModifyVolume of https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
"""

from __future__ import annotations

import re
from typing import Any

from ministack.services import ec2  # type: ignore[import-not-found]

from tests.support.aws.images import IMAGES

Params = dict[str, Any]
_ROOTS = {image.id: image.root_device for image in IMAGES}
ec2._STUB_AMIS += [(one.id, one.name, one.name, "", one.root_device, one.owner, None) for one in IMAGES]

_run = ec2._ACTION_MAP["RunInstances"]
_terminate = ec2._ACTION_MAP["TerminateInstances"]
_attach = ec2._ACTION_MAP["AttachVolume"]
_create_volume = ec2._ACTION_MAP["CreateVolume"]
_modify_volume = ec2._ACTION_MAP["ModifyVolume"]
_attribute = ec2._ACTION_MAP["DescribeInstanceAttribute"]
_xml_of = ec2._instance_xml
_volume_xml = ec2._volume_inner_xml
_filtered = ec2._matches_filters


def _true(params: Params, key: str, default: bool = False) -> bool:
    value = ec2._p(params, key)
    return value.lower() == "true" if value else default


# -- a new machine ---------------------------------------------------------------------------------------------------


def _run_instances(params: Params) -> Any:
    interface = "NetworkInterface.1."
    if ec2._p(params, f"{interface}SubnetId"):
        params = {**params, "SubnetId": ec2._p(params, f"{interface}SubnetId")}
        for index, group in enumerate(ec2._parse_member_list(params, f"{interface}SecurityGroupId"), 1):
            params[f"SecurityGroupId.{index}"] = group
    status, headers, body = _run(params)
    for one in re.findall(rb"<instanceId>(i-\w+)</instanceId>", body):
        _complete(ec2._instances[one.decode()], params)
    return status, headers, body


def _complete(machine: dict[str, Any], params: Params) -> None:
    subnet = ec2._subnets.get(machine["SubnetId"], {})
    machine["Placement"] = {**machine["Placement"], "AvailabilityZone": subnet.get("AvailabilityZone", "")}
    machine["Monitoring"] = {"State": "enabled" if _true(params, "Monitoring.Enabled") else "disabled"}
    machine["Protected"] = _true(params, "DisableApiTermination")
    machine["AutoRecovery"] = ec2._p(params, "MaintenanceOptions.AutoRecovery") or "default"
    machine["HttpTokens"] = ec2._p(params, "MetadataOptions.HttpTokens") or "optional"
    machine["HttpPutResponseHopLimit"] = ec2._p(params, "MetadataOptions.HttpPutResponseHopLimit") or "1"
    (root,) = machine["BlockDeviceMappings"]
    root["DeviceName"] = machine["RootDeviceName"] = _ROOTS.get(machine["ImageId"], machine["RootDeviceName"])
    volume = ec2._volumes[root["Ebs"]["VolumeId"]]
    volume["AvailabilityZone"] = machine["Placement"]["AvailabilityZone"]
    index = 1
    while device := ec2._p(params, f"BlockDeviceMapping.{index}.DeviceName"):
        _disk(machine, device, f"BlockDeviceMapping.{index}.Ebs.", params)
        index += 1
    for mapping in machine["BlockDeviceMappings"]:
        ec2._parse_tag_specs(params, "volume", mapping["Ebs"]["VolumeId"])


def _disk(machine: dict[str, Any], device: str, prefix: str, params: Params) -> None:
    mapping = next((one for one in machine["BlockDeviceMappings"] if one["DeviceName"] == device), None)
    if mapping is None:
        first = machine["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        volume = {**ec2._volumes[first], "VolumeId": ec2._new_volume_id(), "Attachments": []}
        ec2._volumes[volume["VolumeId"]] = volume
        mapping = {"DeviceName": device, "Ebs": {"VolumeId": volume["VolumeId"], "Status": "attached"}}
        machine["BlockDeviceMappings"].append(mapping)
    volume = ec2._volumes[mapping["Ebs"]["VolumeId"]]
    volume["Size"] = int(ec2._p(params, f"{prefix}VolumeSize") or volume["Size"])
    volume["Iops"] = int(ec2._p(params, f"{prefix}Iops") or 3000)
    volume["Throughput"] = int(ec2._p(params, f"{prefix}Throughput") or 125)
    volume["Encrypted"] = _true(params, f"{prefix}Encrypted")
    dies = _true(params, f"{prefix}DeleteOnTermination", True)
    mapping["Ebs"]["DeleteOnTermination"] = dies
    attachment = {
        "InstanceId": machine["InstanceId"],
        "Device": device,
        "State": "attached",
        "AttachTime": machine["LaunchTime"],
    }
    volume["Attachments"] = [{**attachment, "VolumeId": volume["VolumeId"], "DeleteOnTermination": dies}]


def _instance_xml(machine: dict[str, Any]) -> str:
    more = (
        f"<metadataOptions><state>applied</state><httpTokens>{machine.get('HttpTokens', 'optional')}</httpTokens>"
        f"<httpPutResponseHopLimit>{machine.get('HttpPutResponseHopLimit', '1')}</httpPutResponseHopLimit>"
        f"</metadataOptions><maintenanceOptions><autoRecovery>{machine.get('AutoRecovery', 'default')}</autoRecovery>"
        f"</maintenanceOptions></item>"
    )
    return str(_xml_of(machine)).rstrip().removesuffix("</item>") + more


def _matches(machine: dict[str, Any], filters: dict[str, list[str]]) -> bool:
    ids = filters.get("instance-id")
    return bool(_filtered(machine, filters)) and (ids is None or machine["InstanceId"] in ids)


def _terminate_instances(params: Params) -> Any:
    for one in ec2._parse_member_list(params, "InstanceId"):
        if ec2._instances.get(one, {}).get("Protected"):
            return ec2._error("OperationNotPermitted", f"The instance '{one}' may not be terminated.", 400)
        for address in ec2._addresses.values():
            if address["InstanceId"] == one:
                address.update(InstanceId=None, AssociationId=None)
    return _terminate(params)


ec2._instance_xml = _instance_xml
ec2._matches_filters = _matches
ec2._ACTION_MAP.update(RunInstances=_run_instances, TerminateInstances=_terminate_instances)

# -- changes ---------------------------------------------------------------------------------------------------------


def _modify_attribute(params: Params) -> Any:
    machine = ec2._instances[ec2._p(params, "InstanceId")]
    if ec2._p(params, "InstanceType.Value"):
        machine["InstanceType"] = ec2._p(params, "InstanceType.Value")
    machine["SourceDestCheck"] = _true(params, "SourceDestCheck.Value", machine.get("SourceDestCheck", True))
    machine["Protected"] = _true(params, "DisableApiTermination.Value", machine.get("Protected", False))
    groups = ec2._parse_member_list(params, "GroupId")
    if groups:
        machine["SecurityGroups"] = [{"GroupId": one, "GroupName": one} for one in groups]
    for mapping in machine["BlockDeviceMappings"]:
        if mapping["DeviceName"] == ec2._p(params, "BlockDeviceMapping.1.DeviceName"):
            mapping["Ebs"]["DeleteOnTermination"] = _true(params, "BlockDeviceMapping.1.Ebs.DeleteOnTermination")
    return ec2._xml(200, "ModifyInstanceAttributeResponse", "<return>true</return>")


def _describe_attribute(params: Params) -> Any:
    machine = ec2._instances.get(ec2._p(params, "InstanceId"))
    if machine is None or ec2._p(params, "Attribute") != "disableApiTermination":
        return _attribute(params)
    value = str(machine.get("Protected", False)).lower()
    inner = f"<instanceId>{machine['InstanceId']}</instanceId>"
    inner += f"<disableApiTermination><value>{value}</value></disableApiTermination>"
    return ec2._xml(200, "DescribeInstanceAttributeResponse", inner)


def _keep(action: str, *names: str) -> Any:
    def modify(params: Params) -> Any:
        machine = ec2._instances[ec2._p(params, "InstanceId")]
        machine.update({name: ec2._p(params, name) for name in names if ec2._p(params, name)})
        return ec2._xml(200, f"{action}Response", f"<instanceId>{machine['InstanceId']}</instanceId>")

    return modify


def _monitor(action: str, state: str) -> Any:
    def monitor(params: Params) -> Any:
        for one in ec2._parse_member_list(params, "InstanceId"):
            ec2._instances[one]["Monitoring"] = {"State": state}
        return ec2._xml(200, f"{action}Response", "<instancesSet/>")

    return monitor


ec2._ACTION_MAP.update(
    ModifyInstanceAttribute=_modify_attribute,
    DescribeInstanceAttribute=_describe_attribute,
    ModifyInstanceMetadataOptions=_keep("ModifyInstanceMetadataOptions", "HttpTokens", "HttpPutResponseHopLimit"),
    ModifyInstanceMaintenanceOptions=_keep("ModifyInstanceMaintenanceOptions", "AutoRecovery"),
    MonitorInstances=_monitor("MonitorInstances", "enabled"),
    UnmonitorInstances=_monitor("UnmonitorInstances", "disabled"),
)

# -- disks -----------------------------------------------------------------------------------------------------------


def _volume_inner_xml(volume: dict[str, Any]) -> str:
    return f"{_volume_xml(volume)}<throughput>{volume.get('Throughput') or 125}</throughput>"


def _changed_volume(params: Params) -> Any:
    answer = _modify_volume(params)
    if ec2._p(params, "Throughput"):
        ec2._volumes[ec2._p(params, "VolumeId")]["Throughput"] = int(ec2._p(params, "Throughput"))
    return answer


def _new_volume(params: Params) -> Any:
    before = set(ec2._volumes)
    answer = _create_volume(params)
    for one in set(ec2._volumes) - before:
        ec2._volumes[one]["Throughput"] = int(ec2._p(params, "Throughput") or 125)
    return answer


def _attach_volume(params: Params) -> Any:
    answer = _attach(params)
    machine = ec2._instances.get(ec2._p(params, "InstanceId"))
    if machine is not None and answer[0] == 200:
        ebs = {"VolumeId": ec2._p(params, "VolumeId"), "Status": "attached", "DeleteOnTermination": False}
        machine["BlockDeviceMappings"].append({"DeviceName": ec2._p(params, "Device"), "Ebs": ebs})
    return answer


ec2._volume_inner_xml = _volume_inner_xml
ec2._ACTION_MAP.update(ModifyVolume=_changed_volume, CreateVolume=_new_volume, AttachVolume=_attach_volume)
