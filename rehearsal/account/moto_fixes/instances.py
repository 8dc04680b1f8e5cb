"""EC2's machines where moto differs from AWS."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.iam_instance_profile import IamInstanceProfileAssociationBackend
from moto.ec2.models.instances import Instance
from moto.ec2.responses.instances import InstanceResponse
from moto.ec2.responses.monitoring import Monitoring

# -- what is asked of a new machine and its disks is kept (API_RunInstances) -------------------------------------------

_run_instances = InstanceResponse.run_instances


def _run(self: Any) -> ActionResult:
    answer = _run_instances(self)
    asked = {one["DeviceName"]: one.get("Ebs", {}) for one in self._get_param("BlockDeviceMappings", [])}
    for instance in answer.result.instances:  # type: ignore[attr-defined]
        instance.maintenance_options = {"AutoRecovery": self._get_param("MaintenanceOptions.AutoRecovery") or "default"}
        instance.disable_api_termination = bool(self._get_param("DisableApiTermination"))
        for device, ebs in asked.items():
            volume = self.ec2_backend.volumes[instance.block_device_mapping[device].volume_id]
            volume.iops = int(ebs["Iops"]) if "Iops" in ebs else volume.iops
            volume.throughput = int(ebs["Throughput"]) if "Throughput" in ebs else volume.throughput
    return answer


InstanceResponse.run_instances = _run  # type: ignore[method-assign]

# -- calls that moto lacks ---------------------------------------------------------------------------------------------


def _modify_maintenance_options(self: Any) -> ActionResult:
    """API_ModifyInstanceMaintenanceOptions."""
    instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
    instance.maintenance_options = {"AutoRecovery": self._get_param("AutoRecovery")}
    return ActionResult({"InstanceId": instance.id, **instance.maintenance_options})


def _monitoring(state: str) -> Any:
    """API_MonitorInstances, API_UnmonitorInstances."""

    def monitor(self: Any) -> ActionResult:
        answer = []
        for instance in self.ec2_backend.get_multi_instances_by_id(self._get_param("InstanceIds", [])):
            instance.monitoring_state = state
            answer.append({"InstanceId": instance.id, "Monitoring": {"State": state}})
        return ActionResult({"InstanceMonitorings": answer})

    return monitor


Instance.maintenance_options = {"AutoRecovery": "default"}  # type: ignore[attr-defined]
InstanceResponse.modify_instance_maintenance_options = _modify_maintenance_options  # type: ignore[attr-defined]
Monitoring.monitor_instances = _monitoring("enabled")  # type: ignore[method-assign]
Monitoring.unmonitor_instances = _monitoring("disabled")  # type: ignore[method-assign]

# -- a replaced profile is the machine's from then on (API_ReplaceIamInstanceProfileAssociation) -----------------------

_replace_profile = IamInstanceProfileAssociationBackend.replace_iam_instance_profile_association


def _replace(self: Any, *arguments: Any, **keywords: Any) -> Any:
    association = _replace_profile(self, *arguments, **keywords)
    profile = {"Arn": association.iam_instance_profile.arn, "Id": association.association_id}
    association.instance.iam_instance_profile = profile
    return association


IamInstanceProfileAssociationBackend.replace_iam_instance_profile_association = _replace  # type: ignore[method-assign]
