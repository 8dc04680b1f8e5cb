"""Instance refreshes: machines of a group are really replaced, batch after batch, each new one waited for.

A refresh goes on by itself, in each round of the reconciler. Where AWS goes on replacing machines that never become
healthy for an hour before it gives up, this gives up (or rolls back) after ``FAILURES`` of them.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Iterable
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

FAILURES = 2
ACTIVE = ("Pending", "InProgress", "RollbackInProgress", "Cancelling", "Baking")


class RefreshInProgress(AutoscalingClientError):
    code = "InstanceRefreshInProgress"


class NoActiveRefresh(AutoscalingClientError):
    code = "ActiveInstanceRefreshNotFound"


class Irreversible(AutoscalingClientError):
    code = "IrreversibleInstanceRefresh"


def answer_the_api() -> None:
    """The four calls are ours from now on."""
    AutoScalingResponse.start_instance_refresh = _start  # type: ignore[attr-defined]
    AutoScalingResponse.describe_instance_refreshes = _describe  # type: ignore[attr-defined]
    AutoScalingResponse.cancel_instance_refresh = _cancel  # type: ignore[attr-defined]
    AutoScalingResponse.rollback_instance_refresh = _roll_back  # type: ignore[attr-defined]


# -- the API -----------------------------------------------------------------------------------------------------------


def _group(response: Any) -> Any:
    group = response.autoscaling_backend.autoscaling_groups.get(response._get_param("AutoScalingGroupName"))
    if group is None:
        raise AutoscalingClientError("ValidationError", "AutoScalingGroup name not found")
    vars(group).setdefault("stairway_refreshes", [])
    return group


def active(group: Any) -> dict[str, Any] | None:
    """The refresh of a group that is under way."""
    return next((one for one in getattr(group, "stairway_refreshes", []) if one["Status"] in ACTIVE), None)


def _start(self: Any) -> ActionResult:
    group = _group(self)
    if active(group):
        raise RefreshInProgress("An Instance Refresh is already in progress and blocks the execution of this request.")
    preferences = self._get_param("Preferences", {}) or {}
    desired = (self._get_param("DesiredConfiguration", {}) or {}).get("LaunchTemplate")
    before = group.launch_template_version if group.ec2_launch_template else None
    if desired and desired.get("Version"):
        group.launch_template_version = group.provided_launch_template_version = desired["Version"]
    waiting = [one.instance.id for one in group.instance_states if one.lifecycle_state != "Standby"]
    if _yes(preferences.get("SkipMatching")):
        waiting = [one.instance.id for one in group.instance_states if _outdated(group, one)]
    if preferences.get("ScaleInProtectedInstances") == "Ignore":
        kept = {one.instance.id for one in group.instance_states if one.protected_from_scale_in}
        waiting = [one for one in waiting if one not in kept]
    refresh = {
        "InstanceRefreshId": str(uuid.uuid4()),
        "AutoScalingGroupName": group.name,
        "Status": "Pending",
        "StartTime": utcnow(),
        "PercentageComplete": 0,
        "InstancesToUpdate": len(waiting),
        "Preferences": preferences,
        **({"DesiredConfiguration": {"LaunchTemplate": desired}} if desired else {}),
        "waiting": waiting,
        "total": len(waiting),
        "started": {one.instance.id for one in group.instance_states},
        "ill_before": set(getattr(group, "stairway_failed", [])),
        "before": before,
        "pause_until": 0.0,
        "passed": 0,
    }
    group.stairway_refreshes.insert(0, refresh)
    return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})


def _describe(self: Any) -> ActionResult:
    ids = self._get_param("InstanceRefreshIds", [])
    shown = [one for one in _group(self).stairway_refreshes if not ids or one["InstanceRefreshId"] in ids]
    return ActionResult({"InstanceRefreshes": [{k: v for k, v in one.items() if k[0].isupper()} for one in shown]})


def _cancel(self: Any) -> ActionResult:
    refresh = active(_group(self))
    if refresh is None:
        raise NoActiveRefresh("No in progress or pending Instance Refresh found for Auto Scaling group.")
    _end(refresh, "Cancelled", "Cancelled due to user request")
    return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})


def _roll_back(self: Any) -> ActionResult:
    group = _group(self)
    refresh = active(group)
    if refresh is None:
        raise NoActiveRefresh("No in progress or pending Instance Refresh found for Auto Scaling group.")
    if "DesiredConfiguration" not in refresh or str(refresh["before"]).startswith("$"):
        raise Irreversible("The refresh has no desired configuration, or the group's template has no fixed version.")
    _turn_back(group, refresh, "Rollback due to user request")
    return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})


# -- what happens by itself --------------------------------------------------------------------------------------------


def follow(backend: Any, group: Any) -> None:
    """One look at the refresh of a group, if there is one: what can be done now is done."""
    refresh = active(group)
    if refresh is None:
        return
    if refresh["Status"] == "Pending":
        refresh["Status"] = "InProgress"
    standing = {one.instance.id: one for one in group.instance_states}
    refresh["waiting"] = [one for one in refresh["waiting"] if one in standing]
    fresh = [one for key, one in standing.items() if key not in refresh["started"]]
    if _gives_up(backend, group, refresh):
        return
    ready = {one.instance.id for one in standing.values() if _is_ready(backend, group, refresh, one)}
    _show(refresh, fresh, ready)
    surplus = len(standing) - int(group.desired_capacity or 0)
    if surplus > 0 and not refresh["waiting"]:  # started beside others that nobody has to replace any more
        late = sorted(fresh, key=lambda one: one.instance.id in ready)
        _retire(backend, group, [one.instance.id for one in late[:surplus]])
        return
    if not refresh["waiting"] and all(one.instance.id in ready for one in fresh):
        done = "RollbackSuccessful" if refresh["Status"] == "RollbackInProgress" else "Successful"
        refresh["PercentageComplete"], refresh["InstancesToUpdate"] = 100, 0
        _end(refresh, done, "")
    elif refresh["waiting"] and not _pauses(refresh):
        _replace(backend, group, refresh, ready)


def _replace(backend: Any, group: Any, refresh: dict[str, Any], ready: set[str]) -> None:
    size, preferences = int(group.desired_capacity or 0), refresh["Preferences"]
    least = math.ceil(size * _percent(group, preferences, "Min", 90) / 100)
    most = math.floor(size * _percent(group, preferences, "Max", 100) / 100)
    now = len(group.instance_states)
    if least >= size and most > size:  # a new one first
        old = refresh["waiting"][: max(0, len(ready) - size)]
        if old:
            _retire(backend, group, old)
        more = min(most - len(group.instance_states), len(refresh["waiting"]) - len(old) - (now - size))
        if more > 0:
            group.replace_autoscaling_group_instances(more, group.get_propagated_tags())
        return
    spare = len(ready) - min(least, size - 1)
    gone = refresh["waiting"][: max(0, min(spare, most - min(least, size - 1)))]
    if gone:
        backend.ec2_backend.terminate_instances(gone)
        backend.notify_terminate_instances(gone)


def _retire(backend: Any, group: Any, gone: list[str]) -> None:
    """Away with them, and nobody in their place."""
    group.instance_states = [one for one in group.instance_states if one.instance.id not in gone]
    backend.ec2_backend.terminate_instances(gone)


def _percent(group: Any, preferences: dict[str, Any], which: str, usual: int) -> int:
    policy = getattr(group, "instance_maintenance_policy", None) or {}
    found = preferences.get(f"{which}HealthyPercentage", policy.get(f"{which}HealthyPercentage"))
    return usual if found is None or int(found) < 0 else int(found)


def _is_ready(backend: Any, group: Any, refresh: dict[str, Any], one: Any) -> bool:
    """In service, healthy wherever it is registered, and, when it is new, warm."""
    if one.lifecycle_state != "InService" or one.health_status != "Healthy":
        return False
    for arn in group.target_group_arns:
        target_group = backend.elbv2_backend.target_groups.get(arn)
        new = one.instance.id not in refresh["started"]  # an old one may have been taken out by hand
        if target_group is not None and (new or one.instance.id in target_group.targets):
            states = _states(target_group, one.instance.id)
            if "healthy" not in states:
                return False
    if one.instance.id in refresh["started"]:
        return True
    warm = refresh["Preferences"].get("InstanceWarmup")
    if warm is None:
        warm = getattr(group, "default_instance_warmup", None)
    seconds = float(group.health_check_grace_period or 0 if warm is None else warm)
    return time.monotonic() - getattr(one, "stairway_since", 0.0) >= seconds


def _states(target_group: Any, instance: str) -> list[str]:
    health = getattr(target_group, "stairway_health", {})
    return [one["state"] for key, one in health.items() if key.rpartition(":")[0] == instance]


def _gives_up(backend: Any, group: Any, refresh: dict[str, Any]) -> bool:
    alarms = (refresh["Preferences"].get("AlarmSpecification") or {}).get("Alarms") or []
    firing = [one for one in alarms if _fires(backend, one)]
    known = refresh["started"] | refresh["ill_before"]
    failed = [one for one in getattr(group, "stairway_failed", []) if one not in known]
    if refresh["Status"] == "RollbackInProgress" or not (firing or len(failed) >= FAILURES):
        return False
    reason = f"Alarm(s) {firing} in ALARM" if firing else f"Instances failed health checks: {', '.join(failed)}"
    if _yes(refresh["Preferences"].get("AutoRollback")):
        _turn_back(group, refresh, reason)
    else:
        _end(refresh, "Failed", reason)
    return True


def _fires(backend: Any, alarm: str) -> bool:
    from moto.cloudwatch.models import cloudwatch_backends

    found = cloudwatch_backends[backend.account_id][backend.region_name].alarms.get(alarm)
    return found is not None and found.state_value == "ALARM"


def _turn_back(group: Any, refresh: dict[str, Any], reason: str) -> None:
    """Everything that came with this refresh goes again."""
    if refresh["before"] is not None:
        group.launch_template_version = group.provided_launch_template_version = refresh["before"]
    newcomers = [one.instance.id for one in group.instance_states if one.instance.id not in refresh["started"]]
    refresh.update(
        Status="RollbackInProgress",
        StatusReason=reason,
        waiting=newcomers,
        total=len(newcomers),
        started={one.instance.id for one in group.instance_states},
        pause_until=0.0,
    )


def _end(refresh: dict[str, Any], status: str, reason: str) -> None:
    refresh.update(Status=status, EndTime=utcnow())
    if reason:
        refresh["StatusReason"] = reason


def _show(refresh: dict[str, Any], fresh: Iterable[Any], ready: set[str]) -> None:
    late = sum(one.instance.id not in ready for one in fresh)
    left = len(refresh["waiting"]) + late
    refresh["InstancesToUpdate"] = len(refresh["waiting"])
    if refresh["total"]:
        refresh["PercentageComplete"] = max(0, 100 * (refresh["total"] - left) // refresh["total"])


def _pauses(refresh: dict[str, Any]) -> bool:
    """At a checkpoint the refresh waits, then goes on by itself."""
    preferences = refresh["Preferences"]
    points = [int(one) for one in preferences.get("CheckpointPercentages") or []]
    reached = sum(refresh["PercentageComplete"] >= one for one in points if one < 100)
    if reached > refresh["passed"]:
        refresh["passed"] = reached
        refresh["pause_until"] = time.monotonic() + float(preferences.get("CheckpointDelay") or 3600)
    return time.monotonic() < float(refresh["pause_until"])


def _outdated(group: Any, state: Any) -> bool:
    template = group.ec2_launch_template
    return bool(template) and state.version != template.get_version(group.launch_template_version).number


def _yes(value: Any) -> bool:
    return str(value).lower() == "true"
