"""Groups grow and shrink by themselves: alarms look at metrics, policies answer them, scheduled actions fall due.

Once a second. Faster than AWS in two things only: tracking acts on the newest minute where AWS waits for three, and
takes machines away after ``CALM_SECONDS`` below the target where AWS waits for fifteen minutes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse
from moto.cloudwatch.models import Alarm, cloudwatch_backends
from moto.core.responses import ActionResult, EmptyResult

from ..account import Account
from ..body import Standing, Watcher
from ..lives import alarms, capacity, policies, schedules
from ..lives.metrics import Gauges, periods, points

EACH_SECONDS = 1.0
CALM_SECONDS = 15.0
FRESH_PERIODS = 3  # how many minutes old a metric may be that tracking follows
_WARMUP = 300  # seconds, where nobody says otherwise


class Growth(Watcher):
    """After every other kind: what it wants is made in the next round."""

    name = "growth"

    def __init__(self) -> None:
        self._looked = datetime.now(timezone.utc)
        AutoScalingResponse.execute_policy = _execute  # type: ignore[method-assign]
        AutoScalingResponse.set_desired_capacity = _set  # type: ignore[method-assign]
        AutoScalingResponse.describe_scaling_activities = _activities  # type: ignore[method-assign]
        _let_alarms_act()

    def state(self, account: Account, bodies: Mapping[str, Standing[None]]) -> None:
        now = datetime.now(timezone.utc)
        if (now - self._looked).total_seconds() < EACH_SECONDS:
            return
        before, self._looked = self._looked, now
        for _region, backend in account.backends("cloudwatch"):
            alarms.look(backend, account.gauges, now)
        for _region, backend in account.backends("autoscaling"):
            for action in list(backend.scheduled_actions.values()):
                if _due(action, before, now):
                    perform(backend, action)
            for group in list(backend.autoscaling_groups.values()):
                if "AlarmNotification" not in group._suspended_processes:
                    _track(backend, group, account.gauges, now)


# -- schedules ---------------------------------------------------------------------------------------------------------


def _due(action: Any, before: datetime, now: datetime) -> bool:
    start, end = schedules.moment(action.start_time), schedules.moment(action.end_time)
    try:
        return schedules.due(before, now, start=start, end=end, recurrence=action.recurrence, zone=action.time_zone)
    except (KeyError, ValueError):  # AWS would not have taken it
        return False


def perform(backend: Any, action: Any) -> None:
    """What a scheduled action says; one without a recurrence is over then."""
    group = backend.autoscaling_groups.get(action.auto_scaling_group_name)
    name = action.scheduled_action_name
    if not action.recurrence:
        backend.delete_scheduled_action(action.auto_scaling_group_name, name)
    if group is None or "ScheduledActions" in group._suspended_processes:
        return
    for bound in ("min_size", "max_size"):
        value = getattr(action, bound)
        if value is not None:
            setattr(group, bound, int(value))
    wanted = action.desired_capacity if action.desired_capacity is not None else group.desired_capacity
    capacity.change(backend, group, int(wanted or 0), f"the scheduled action {name} fell due")


# -- tracking ----------------------------------------------------------------------------------------------------------


def _track(backend: Any, group: Any, gauges: Gauges, now: datetime) -> None:
    """The most that any policy asks for; less only when all that have something to say ask for less."""
    serving = sum(one.lifecycle_state == "InService" for one in group.instance_states)
    asked: dict[str, int] = {}
    for policy in backend.describe_policies(group.name, policy_types=["TargetTrackingScaling"]):
        configuration = vars(policy.target_tracking_configuration)
        found = _measured(backend, group, configuration, gauges, now)
        if found is not None:
            wanted = policies.tracked(serving, found, float(configuration["TargetValue"]))
            keeps = wanted is None or (
                str(configuration.get("DisableScaleIn")).lower() == "true" and wanted < int(group.desired_capacity or 0)
            )
            asked[policy.name] = int(group.desired_capacity or 0) if keeps or wanted is None else wanted
    if not asked or not serving:
        group.stairway_low_since = None
        return
    name = max(asked, key=lambda one: asked[one])
    wanted = capacity.bounded(group, asked[name])
    cause = f"the policy {name} followed its metric"
    if wanted >= int(group.desired_capacity or 0):
        group.stairway_low_since = None
        capacity.change(backend, group, wanted, cause)
    elif getattr(group, "stairway_low_since", None) is None:
        group.stairway_low_since = time.monotonic()
    elif time.monotonic() - group.stairway_low_since >= CALM_SECONDS:
        group.stairway_low_since = None
        capacity.change(backend, group, wanted, cause)


def _measured(backend: Any, group: Any, configuration: dict[str, Any], gauges: Gauges, now: datetime) -> float | None:
    about = policies.watched(group.name, configuration)
    if about is None:
        return None
    metric, statistic = about
    if metric in gauges:
        return gauges[metric]
    known = points(cloudwatch_backends[backend.account_id][backend.region_name], metric)
    return next((one for one in periods(known, statistic, 60, FRESH_PERIODS, now) if one is not None), None)


# -- policies that somebody, or an alarm, carries out ------------------------------------------------------------------


def _let_alarms_act() -> None:
    change = Alarm.update_state

    def update_state(self: Any, reason: str, reason_data: str, state_value: str) -> None:
        news = state_value != self.state_value
        change(self, reason, reason_data, state_value)
        actions = {"ALARM": self.alarm_actions, "OK": self.ok_actions}.get(state_value, self.insufficient_data_actions)
        for arn in (actions or []) if news and self.actions_enabled else []:
            if ":scalingPolicy:" in arn:
                _answer(arn, self)

    Alarm.update_state = update_state  # type: ignore[method-assign]


def _answer(arn: str, alarm: Any) -> None:
    from moto.autoscaling.models import autoscaling_backends

    region, number = arn.split(":")[3:5]
    backend = autoscaling_backends[number][region]
    policy = next((one for one in backend.policies.values() if one.arn == arn), None)
    group = backend.autoscaling_groups.get(policy.auto_scaling_group_name) if policy else None
    if policy is None or group is None or "AlarmNotification" in group._suspended_processes:
        return
    value = getattr(alarm, "stairway_value", None)
    excess = (alarm.threshold if value is None else value) - alarm.threshold
    carry_out(backend, group, policy, float(excess), f"the alarm {alarm.name} was in {alarm.state_value}")


def carry_out(backend: Any, group: Any, policy: Any, excess: float, cause: str, *, patient: bool = True) -> bool:
    """One adjustment by a policy, unless the one before still cools down; whether it changed anything."""
    if policy.policy_type == "StepScaling":
        amount, pause = policies.step(policy.step_adjustments, excess), policy.estimated_instance_warmup
    else:
        amount, pause = policy.scaling_adjustment, policy.cooldown
    last = getattr(group, "stairway_scaled_at", None)
    calm = float(getattr(group, "default_instance_warmup", None) or _WARMUP) if pause in (None, "") else float(pause)
    if amount is None or (patient and last is not None and time.monotonic() - last < calm):
        return False
    least = int(policy.min_adjustment_magnitude) if policy.min_adjustment_magnitude else None
    wanted = policies.adjusted(int(group.desired_capacity or 0), policy.adjustment_type, int(amount), least)
    changed = capacity.change(backend, group, wanted, f"{cause}, which triggered the policy {policy.name}")
    if changed:
        group.stairway_scaled_at = time.monotonic()
    return changed


# -- the API -----------------------------------------------------------------------------------------------------------


def _group(response: Any) -> Any:
    backend: AutoScalingBackend = response.autoscaling_backend
    found = backend.autoscaling_groups.get(response._get_param("AutoScalingGroupName"))
    if found is None:
        raise AutoscalingClientError("ValidationError", "AutoScalingGroup name not found")
    return found


def _set(self: Any) -> EmptyResult:
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetDesiredCapacity.html"""
    group, wanted = _group(self), int(self._get_param("DesiredCapacity"))
    for bound, crossed in (("min", wanted < int(group.min_size)), ("max", wanted > int(group.max_size))):
        if crossed:
            word = {"min": "below", "max": "above"}[bound]
            size = getattr(group, f"{bound}_size")
            text = f"New SetDesiredCapacity value {wanted} is {word} {bound} value {size} for the AutoScalingGroup."
            raise ValidationError(text)
    capacity.change(self.autoscaling_backend, group, wanted, "a user request set the desired capacity")
    return EmptyResult()


def _execute(self: Any) -> EmptyResult:
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExecutePolicy.html"""
    backend, asked = self.autoscaling_backend, self._get_param("PolicyName")
    named = self._get_param("AutoScalingGroupName")
    policy = next(
        (
            one
            for one in backend.policies.values()
            if asked in (one.name, one.arn) and named in (None, one.auto_scaling_group_name)
        ),
        None,
    )
    if policy is None or policy.policy_type not in ("SimpleScaling", "StepScaling"):
        raise ValidationError(f"No policy {asked} of a kind that can be executed")
    excess = float(self._get_param("MetricValue", 0) or 0) - float(self._get_param("BreachThreshold", 0) or 0)
    patient = str(self._get_param("HonorCooldown")).lower() == "true"
    group = backend.autoscaling_groups[policy.auto_scaling_group_name]
    carry_out(backend, group, policy, excess, "a user request came", patient=patient)
    return EmptyResult()


def _activities(self: Any) -> ActionResult:
    named = self._get_param("AutoScalingGroupName")
    groups = [_group(self)] if named else list(self.autoscaling_backend.autoscaling_groups.values())
    return ActionResult({"Activities": [one for group in groups for one in getattr(group, "stairway_activities", [])]})
