"""Instance refreshes, which moto lacks: a batch of machines is replaced each time somebody asks how it goes.

Sources: API_StartInstanceRefresh, API_InstanceRefresh, and
https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
"""

from __future__ import annotations

import uuid
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

_RUNNING = ("Pending", "InProgress", "RollbackInProgress")


class RefreshInProgress(AutoscalingClientError):
    code = "InstanceRefreshInProgress"


class NoActiveRefresh(AutoscalingClientError):
    code = "ActiveInstanceRefreshNotFound"


def _group(self: Any) -> Any:
    group = self.autoscaling_backend.autoscaling_groups.get(self._get_param("AutoScalingGroupName"))
    if group is None:
        raise AutoscalingClientError("AutoScalingGroup name not found", code="ValidationError")
    if "refreshes" not in vars(group):
        group.refreshes = []
    return group


def _active(group: Any) -> dict[str, Any] | None:
    return next((one for one in group.refreshes if one["Status"] in _RUNNING), None)


def _start(self: Any) -> ActionResult:
    group = _group(self)
    if _active(group):
        raise RefreshInProgress("An Instance Refresh is already in progress and blocks the execution of this request.")
    preferences = self._get_param("Preferences", {}) or {}
    waiting = [state.instance.id for state in group.instance_states]
    if str(preferences.get("SkipMatching", "")).lower() == "true":
        waiting = [state.instance.id for state in group.instance_states if _outdated(group, state)]
    refresh = {
        "InstanceRefreshId": str(uuid.uuid4()),
        "AutoScalingGroupName": group.name,
        "Status": "Pending",
        "StartTime": utcnow(),
        "PercentageComplete": 0,
        "InstancesToUpdate": len(waiting),
        "Preferences": preferences,
        "waiting": waiting,
        "all": len(waiting),
    }
    group.refreshes.insert(0, refresh)
    return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})


def _outdated(group: Any, state: Any) -> bool:
    template = group.ec2_launch_template
    return bool(template) and state.version != template.get_version(group.launch_template_version).number


def _describe(self: Any) -> ActionResult:
    group, ids = _group(self), self._get_param("InstanceRefreshIds", [])
    refresh = _active(group)
    if refresh:
        _step(self.autoscaling_backend, group, refresh)
    shown = [one for one in group.refreshes if not ids or one["InstanceRefreshId"] in ids]
    return ActionResult({"InstanceRefreshes": [{k: v for k, v in one.items() if k[0].isupper()} for one in shown]})


def _step(backend: Any, group: FakeAutoScalingGroup, refresh: dict[str, Any]) -> None:
    if refresh["Status"] == "Pending":
        refresh["Status"] = "InProgress"
        return
    healthy = int(refresh["Preferences"].get("MinHealthyPercentage") or 90)
    batch = max(1, len(group.instance_states) * (100 - healthy) // 100)
    gone, refresh["waiting"] = refresh["waiting"][:batch], refresh["waiting"][batch:]
    if gone:
        backend.ec2_backend.terminate_instances(gone)
        backend.notify_terminate_instances(gone)
    refresh["InstancesToUpdate"] = left = len(refresh["waiting"])
    refresh["PercentageComplete"] = 100 - (left * 100 // refresh["all"] if left else 0)
    if not left:
        refresh.update(
            Status="Successful" if refresh["Status"] == "InProgress" else "RollbackSuccessful", EndTime=utcnow()
        )


def _stop(status: str) -> Any:
    def stop(self: Any) -> ActionResult:
        refresh = _active(_group(self))
        if refresh is None:
            raise NoActiveRefresh("No in progress or pending Instance Refresh found for Auto Scaling group.")
        refresh["Status"] = status
        return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})

    return stop


AutoScalingResponse.start_instance_refresh = _start  # type: ignore[attr-defined]
AutoScalingResponse.describe_instance_refreshes = _describe  # type: ignore[attr-defined]
AutoScalingResponse.cancel_instance_refresh = _stop("Cancelled")  # type: ignore[attr-defined]
AutoScalingResponse.rollback_instance_refresh = _stop("RollbackInProgress")  # type: ignore[attr-defined]
