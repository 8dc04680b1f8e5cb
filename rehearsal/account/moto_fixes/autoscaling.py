"""Auto Scaling where moto differs from AWS: what a group keeps, its policies, and where its machines stand."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

# -- what is asked of a group is kept, at creation and as a change -----------------------------------------------------
# API_CreateAutoScalingGroup, API_UpdateAutoScalingGroup

_create_group = AutoScalingResponse.create_auto_scaling_group
_update_group = AutoScalingResponse.update_auto_scaling_group
# what moto forgets -> what it would call it
_FORGOTTEN = {
    "DefaultCooldown": "default_cooldown",
    "DefaultInstanceWarmup": "default_instance_warmup",
    "MaxInstanceLifetime": "max_instance_lifetime",
    "TerminationPolicies": "termination_policies",
    "InstanceMaintenancePolicy": "instance_maintenance_policy",
}


def _group(self: Any) -> Any:
    return self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]


def _remember(self: Any) -> None:
    group = _group(self)
    for theirs, ours in _FORGOTTEN.items():
        value = self._get_param(theirs)
        if value is not None:
            setattr(group, ours, int(value) if isinstance(value, str) and value.isdigit() else value)


def _create(self: Any) -> ActionResult:
    answer = _create_group(self)
    _remember(self)
    for hook in self._get_param("LifecycleHookSpecificationList", []):
        self.autoscaling_backend.create_lifecycle_hook(
            name=hook["LifecycleHookName"],
            as_name=self._get_param("AutoScalingGroupName"),
            transition=hook["LifecycleTransition"],
            timeout=hook.get("HeartbeatTimeout"),
            result=hook.get("DefaultResult"),
        )
    return answer


def _update(self: Any) -> ActionResult:
    answer = _update_group(self)
    _remember(self)
    return answer


for _attribute in ("default_instance_warmup", "max_instance_lifetime", "instance_maintenance_policy"):
    setattr(FakeAutoScalingGroup, _attribute, None)
AutoScalingResponse.create_auto_scaling_group = _create  # type: ignore[method-assign]
AutoScalingResponse.update_auto_scaling_group = _update  # type: ignore[method-assign]

# -- a policy belongs to its group, and putting it answers its PolicyARN (API_PutScalingPolicy) ------------------------

_put_policy = AutoScalingResponse.put_scaling_policy
_add_policy = AutoScalingBackend.put_scaling_policy


def _put(self: Any) -> ActionResult:
    return ActionResult({"PolicyARN": _put_policy(self).result["PolicyArn"]})  # type: ignore[index]


def _add(self: Any, name: str, *arguments: Any, **keywords: Any) -> Any:
    others = {key: one for key, one in self.policies.items() if key != name}
    policy = _add_policy(self, name, *arguments, **keywords)
    self.policies = {**others, f"{policy.auto_scaling_group_name}/{name}": policy}
    return policy


def _delete_policy(self: Any) -> ActionResult:
    key = f"{self._get_param('AutoScalingGroupName')}/{self._get_param('PolicyName')}"
    self.autoscaling_backend.policies.pop(key, None)
    return EmptyResult()


AutoScalingResponse.put_scaling_policy = _put  # type: ignore[method-assign]
AutoScalingBackend.put_scaling_policy = _add  # type: ignore[method-assign]
AutoScalingResponse.delete_policy = _delete_policy  # type: ignore[method-assign]

# -- a schedule belongs to its group; another may have one of that name (API_PutScheduledUpdateGroupAction) ------------

_add_schedule = AutoScalingBackend.put_scheduled_update_group_action


def _schedule(self: Any, *arguments: Any, **keywords: Any) -> Any:
    others = {key: one for key, one in self.scheduled_actions.items() if "/" in key}
    action = _add_schedule(self, *arguments, **keywords)
    self.scheduled_actions = {**others, _schedule_key(action): action}
    return action


def _schedule_key(action: Any) -> str:
    return f"{action.auto_scaling_group_name}/{action.scheduled_action_name}"


def _delete_schedule(self: Any, auto_scaling_group_name: str, scheduled_action_name: str) -> None:
    if self.scheduled_actions.pop(f"{auto_scaling_group_name}/{scheduled_action_name}", None) is None:
        raise ValidationError("Scheduled action name not found")


AutoScalingBackend.put_scheduled_update_group_action = _schedule  # type: ignore[method-assign]
AutoScalingBackend.delete_scheduled_action = _delete_schedule  # type: ignore[method-assign]

# -- with a group go its policies, schedules and hooks (API_DeleteAutoScalingGroup) ------------------------------------

_delete_group = AutoScalingBackend.delete_auto_scaling_group


def _delete(self: Any, group_name: str) -> None:
    _delete_group(self, group_name)
    for several in (self.policies, self.lifecycle_hooks, self.scheduled_actions):
        for key in [key for key, one in several.items() if _owner(one) == group_name]:
            del several[key]


def _owner(one: Any) -> Any:
    return getattr(one, "auto_scaling_group_name", None)


AutoScalingBackend.delete_auto_scaling_group = _delete  # type: ignore[method-assign]

# -- metrics are added to those that are collected, and taken away (API_DisableMetricsCollection) ----------------------


def _enable_metrics(self: Any, metrics: list[str]) -> None:
    self.metrics = [*self.metrics, *(one for one in metrics if one not in self.metrics)]


def _disable_metrics(self: Any) -> ActionResult:
    group, gone = _group(self), self._get_param("Metrics", [])
    group.metrics = [one for one in group.metrics if gone and one not in gone]
    return EmptyResult()


FakeAutoScalingGroup.enable_metrics_collection = _enable_metrics  # type: ignore[method-assign]
AutoScalingResponse.disable_metrics_collection = _disable_metrics  # type: ignore[attr-defined]

# -- machines are spread over the subnets of a group, and keep the version they started from ---------------------------
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html

_start_machines = FakeAutoScalingGroup.replace_autoscaling_group_instances
_new_state = InstanceState.__init__


def _spread(self: Any, count_needed: int, propagated_tags: dict[str, str]) -> None:
    subnets = [one for one in (self.vpc_zone_identifier or "").split(",") if one]
    for _each in range(count_needed):
        used = [state.instance.subnet_id for state in self.instance_states]
        self.vpc_zone_identifier = ",".join(sorted(subnets, key=used.count))
        try:
            _start_machines(self, 1, dict(propagated_tags))
        finally:
            self.vpc_zone_identifier = ",".join(subnets)


def _with_version(self: Any, *arguments: Any, **keywords: Any) -> None:
    _new_state(self, *arguments, **keywords)
    template = self.auto_scaling_group and self.auto_scaling_group.ec2_launch_template
    if template:
        self.version = template.get_version(self.auto_scaling_group.launch_template_version).number


def _template(self: Any) -> dict[str, Any] | None:
    template = self.auto_scaling_group and self.auto_scaling_group.ec2_launch_template
    if not template:
        return None
    return {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "Version": str(self.version)}


FakeAutoScalingGroup.replace_autoscaling_group_instances = _spread  # type: ignore[method-assign]
InstanceState.__init__ = _with_version  # type: ignore[method-assign]
InstanceState.launch_template = property(_template)  # type: ignore[assignment]
