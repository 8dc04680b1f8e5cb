"""Auto Scaling where machines take time: groups wait for them, replace those that fail, and let them drain.

It has no bodies of its own: its machines are ``instances``. What is registered is registered once, so that a rollout
may take a machine out of its target group and put it back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.instances import Instance, InstanceBackend
from moto.ec2.responses.instances import InstanceResponse

from ..account import Account
from ..body import Standing, Watcher
from ..lives import capacity
from . import refresh

LOST_SECONDS = 10  # a zone is dead that long when its machines fail EC2's own checks; AWS takes some minutes
AGAIN_SECONDS = 10  # between two tries to start a machine that cannot be started
_now = threading.local()  # .version: the template's, while a group starts machines; .abrupt: who ends one is no group


class Scaling(Watcher):
    """Looks after every group in each round."""

    name = "scaling"

    def __init__(self, account: Account) -> None:
        self._dead: dict[str, float] = {}
        _start_as_templates_say(account)
        _keep_pending_apart()
        _end_gently()
        refresh.answer_the_api()

    def state(self, account: Account, bodies: Mapping[str, Standing[None]]) -> None:
        now = time.monotonic()
        self._dead = {zone: self._dead.get(zone, now) for zone in account.dead_zones}
        lost = {zone for zone, since in self._dead.items() if now - since >= LOST_SECONDS}
        for _region, backend in account.backends("autoscaling"):
            for group in list(backend.autoscaling_groups.values()):
                _follow(backend, group, lost)
        for _region, backend in account.backends("elbv2"):
            for group in list(backend.target_groups.values()):
                gone = [one for one in list(group.targets) if _is_gone(backend.ec2_backend.get_instance_by_id(one))]
                group.deregister_terminated_instances(gone)


def _is_gone(instance: Any) -> bool:
    return instance is not None and instance.state in ("shutting-down", "terminated")


def _follow(backend: Any, group: Any, lost: set[str]) -> None:
    failed = []
    for one in list(group.instance_states):
        if one.lifecycle_state == "Pending" and one.instance.state == "running":
            one.lifecycle_state, one.stairway_since = "InService", time.monotonic()
        if one.lifecycle_state in ("Pending", "InService") and _failed(backend, group, one, lost):
            one.health_status = "Unhealthy"
            failed.append(one.instance.id)
    refresh.follow(backend, group)
    if failed and "ReplaceUnhealthy" not in group._suspended_processes:
        vars(group).setdefault("stairway_failed", []).extend(failed)
        for instance in failed:
            capacity.note(group, f"Terminating EC2 instance: {instance}", "an instance was taken out of service")
            if not _is_gone(backend.ec2_backend.get_instance(instance)):
                backend.ec2_backend.terminate_instances([instance])
        group.instance_states = [one for one in group.instance_states if one.instance.id not in failed]
    _fill_up(group)
    backend.update_attached_target_groups(group.name)


def _fill_up(group: Any) -> None:
    """As many machines as are wanted; where one cannot be started, the group says why and tries again later."""
    missing = int(group.desired_capacity or 0) - len(group.active_instances())
    if missing < 0 and refresh.active(group) is None:  # a refresh that was cancelled leaves more than are wanted
        group.set_desired_capacity(int(group.desired_capacity))
    late = time.monotonic() < getattr(group, "stairway_again_at", 0.0)
    if missing <= 0 or late or "Launch" in group._suspended_processes:
        return
    try:
        group.replace_autoscaling_group_instances(missing, group.get_propagated_tags())
    except Exception as error:  # whatever moto says to a template that is wrong
        group.stairway_again_at = time.monotonic() + AGAIN_SECONDS
        cause = "an instance was started in response to a difference between desired and actual capacity"
        capacity.note(group, "Launching a new EC2 instance", cause, "Failed", f"{getattr(error, 'message', error)}")


def _failed(backend: Any, group: Any, one: Any, lost: set[str]) -> bool:
    """Stopped, terminated, said to be unhealthy, out of reach, or failing the balancer's checks after the grace."""
    if one.instance.state in ("stopping", "stopped", "shutting-down", "terminated"):
        return True
    if one.health_status == "Unhealthy" or one.instance.placement.zone in lost:
        return True
    grace = float(group.health_check_grace_period or 0)
    if group.health_check_type != "ELB" or time.monotonic() - getattr(one, "stairway_since", 1e18) < grace:
        return False
    return any(
        health["state"] == "unhealthy" and key.rpartition(":")[0] == one.instance.id
        for arn in group.target_group_arns
        for key, health in _health(backend, arn).items()
    )


def _health(backend: Any, arn: str) -> dict[str, Any]:
    group = backend.elbv2_backend.target_groups.get(arn)
    found: dict[str, Any] = getattr(group, "stairway_health", {})
    return found


# -- starting ----------------------------------------------------------------------------------------------------------


def _start_as_templates_say(account: Account) -> None:
    start, run = FakeAutoScalingGroup.replace_autoscaling_group_instances, InstanceBackend.run_instances

    def replace(self: Any, count_needed: int, propagated_tags: dict[str, str]) -> None:
        whole = self.vpc_zone_identifier
        if whole and account.dead_zones:
            alive = [one for one in whole.split(",") if account.subnet(one).availability_zone not in account.dead_zones]
            self.vpc_zone_identifier = ",".join(alive) or whole
        _now.version = self.launch_template_version if self.ec2_launch_template else None
        before = {one.instance.id for one in self.instance_states}
        try:
            start(self, count_needed, propagated_tags)
            for new in [one.instance.id for one in self.instance_states if one.instance.id not in before]:
                capacity.note(self, f"Launching a new EC2 instance: {new}", "more capacity was wanted")
        finally:
            _now.version = None
            self.vpc_zone_identifier = whole

    def run_instances(self: Any, image_id: str, count: int, *arguments: Any, **keywords: Any) -> Any:
        data = _fill(self, keywords)
        reservation = run(self, image_id, count, *arguments, **keywords)
        for instance in reservation.instances:
            profile = data.get("IamInstanceProfile")
            if profile and not instance.iam_instance_profile and not keywords.get("iam_instance_profile_name"):
                self.associate_iam_instance_profile(
                    instance_id=instance.id,
                    iam_instance_profile_name=profile.get("Name"),
                    iam_instance_profile_arn=profile.get("Arn"),
                )
            if not instance.security_groups:  # those of the interface are the machine's
                instance.security_groups = list(instance.nics[0]._group_set)
        return reservation

    FakeAutoScalingGroup.replace_autoscaling_group_instances = replace  # type: ignore[method-assign]
    InstanceBackend.run_instances = run_instances  # type: ignore[method-assign]
    _groups_are_the_interfaces()


def _fill(backend: Any, keywords: dict[str, Any]) -> dict[str, Any]:
    """What moto leaves of a template unused: interfaces, metadata options, profile, and the group's version of it."""
    asked = keywords.get("launch_template")
    if not asked:
        return {}
    version = getattr(_now, "version", None)
    if version:
        keywords["launch_template"] = asked = {**asked, "Version": version}
    data: dict[str, Any] = backend._get_template_from_args(asked).data
    nics = [_typed(one) for one in data.get("NetworkInterfaces", [])]
    if nics and not keywords.get("nics"):
        keywords["nics"] = nics
    if data.get("MetadataOptions") and not keywords.get("metadata_options"):
        keywords["metadata_options"] = data["MetadataOptions"]
    return data


def _typed(nic: dict[str, Any]) -> dict[str, Any]:
    """A template keeps texts; and a group's subnet is stronger than the template's."""
    public = nic.get("AssociatePublicIpAddress")
    groups = nic.get("Groups") or nic.get("SecurityGroupId") or []
    return {
        **{key: value for key, value in nic.items() if key != "AssociatePublicIpAddress"},
        "DeviceIndex": int(nic.get("DeviceIndex") or 0),
        "Groups": list(groups),
        "DeleteOnTermination": True,
        **({} if public is None else {"AssociatePublicIpAddress": str(public).lower() == "true"}),
    }


def _groups_are_the_interfaces() -> None:
    """A machine's groups and those of its first interface are the same list, whichever is changed."""
    of_machine, of_interface = (
        InstanceBackend.modify_instance_security_groups,
        NetworkInterfaceBackend.modify_network_interface_attribute,
    )

    def modify_machine(self: Any, instance_id: str, *arguments: Any, **keywords: Any) -> Any:
        answer = of_machine(self, instance_id, *arguments, **keywords)
        instance = self.get_instance(instance_id)
        instance.nics[0]._group_set = list(instance.security_groups)
        return answer

    def modify_interface(self: Any, eni_id: str, *arguments: Any, **keywords: Any) -> None:
        of_interface(self, eni_id, *arguments, **keywords)
        eni = self.get_network_interface(eni_id)
        if eni.instance is not None and eni.device_index == 0:
            eni.instance.security_groups = list(eni._group_set)

    InstanceBackend.modify_instance_security_groups = modify_machine  # type: ignore[method-assign]
    NetworkInterfaceBackend.modify_network_interface_attribute = modify_interface  # type: ignore[method-assign]


# -- waiting -----------------------------------------------------------------------------------------------------------


def _keep_pending_apart() -> None:
    """A machine is in service when it runs; until then it counts, so that no second one is started in its place."""
    begin = InstanceState.__init__

    def new(self: Any, instance: Any, *arguments: Any, **keywords: Any) -> None:
        begin(self, instance, *arguments, **keywords)
        if instance.state == "pending":
            self.lifecycle_state = "Pending"

    def active(self: Any) -> list[Any]:
        return [one for one in self.instance_states if one.lifecycle_state in ("Pending", "InService")]

    def register(self: Any, group_name: str) -> None:
        group = self.autoscaling_groups[group_name]
        for arn in list(group.target_group_arns):
            target_group = self.elbv2_backend.target_groups.get(arn)
            if target_group is None:
                continue
            known = vars(group).setdefault("stairway_registered", set())
            ids = [one.instance.id for one in group.instance_states if one.instance.state in ("pending", "running")]
            new_ones = [one for one in ids if (arn, one) not in known]
            if new_ones:
                target_group.register([{"Id": one, "Port": target_group.port} for one in new_ones])
            known.update((arn, one) for one in new_ones)

    InstanceState.__init__ = new  # type: ignore[method-assign]
    FakeAutoScalingGroup.active_instances = active  # type: ignore[method-assign]
    AutoScalingBackend.update_attached_target_groups = register  # type: ignore[method-assign]


# -- ending ------------------------------------------------------------------------------------------------------------


def _end_gently() -> None:
    """What a group ends drains first; what somebody terminates is gone at once. Addresses are free when it is gone."""
    end, asked, delete = Instance.terminate, InstanceResponse.terminate_instances, NetworkInterface.delete
    want = FakeAutoScalingGroup.set_desired_capacity

    def terminate(self: Any) -> Any:
        self.stairway_abrupt = getattr(_now, "abrupt", False)
        return end(self)

    def terminate_instances(self: Any) -> Any:
        _now.abrupt = True
        try:
            return asked(self)
        finally:
            _now.abrupt = False

    def delete_interface(self: Any) -> None:
        if self.instance is None:
            delete(self)
        else:
            self.ec2_backend.delete_network_interface(eni_id=self.id)

    def set_desired_capacity(self: Any, new_capacity: int | None) -> None:
        wanted = int(self.min_size if new_capacity is None else new_capacity)
        known = self.name in self.autoscaling_backend.autoscaling_groups
        # more than wanted are there in a refresh, on purpose: who wants as many as before ends none of them
        if known and not (refresh.active(self) and wanted == int(self.desired_capacity or 0)):
            gone = [one.instance.id for one in leaving(self.active_instances(), len(self.active_instances()) - wanted)]
            self.instance_states = [one for one in self.instance_states if one.instance.id not in gone]
            for instance in gone:
                capacity.note(self, f"Terminating EC2 instance: {instance}", "less capacity was wanted")
            if gone:
                self.autoscaling_backend.ec2_backend.terminate_instances(gone)
        elif known:
            self.desired_capacity = wanted
            return
        want(self, new_capacity)

    FakeAutoScalingGroup.set_desired_capacity = set_desired_capacity  # type: ignore[method-assign]
    Instance.terminate = terminate  # type: ignore[method-assign]
    InstanceResponse.terminate_instances = terminate_instances  # type: ignore[method-assign]
    NetworkInterface.delete = delete_interface  # type: ignore[method-assign]


def leaving(states: list[Any], count: int) -> list[Any]:
    """Whom a group ends first: where most stand, of the oldest template, the oldest. None that is protected. Pure.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
    """
    left, gone = [one for one in states if not one.protected_from_scale_in], []
    standing = [one.instance.placement.zone for one in states]
    for _each in range(min(count, len(left))):
        chosen = min(
            left,
            key=lambda one: (
                -standing.count(one.instance.placement.zone),
                int(getattr(one, "version", None) or 0),
                str(one.instance.launch_time),
            ),
        )
        left.remove(chosen)
        gone.append(chosen)
        standing.remove(chosen.instance.placement.zone)
    return gone


def drains(account: Account, instance: str) -> Iterator[str]:
    """The target groups in which a machine still answers requests."""
    for _region, backend in account.backends("elbv2"):
        for group in list(backend.target_groups.values()):
            if any(key.rpartition(":")[0] == instance for key in group.stairway_health):
                yield group.name
