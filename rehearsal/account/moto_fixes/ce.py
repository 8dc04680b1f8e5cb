"""Cost Explorer: anomaly monitors and subscriptions, which moto does not have. From
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Cost_Explorer_Service.html
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.ce.models import CostExplorerBackend
from moto.ce.responses import CostExplorerResponse
from moto.core.exceptions import JsonRESTError

_init = CostExplorerBackend.__init__


class Unknown(JsonRESTError):
    code = 400


def init(self: CostExplorerBackend, *arguments: Any, **named: Any) -> None:
    _init(self, *arguments, **named)
    self.monitors = {}  # type: ignore[attr-defined]
    self.subscriptions = {}  # type: ignore[attr-defined]


def create_anomaly_monitor(self: CostExplorerResponse) -> str:
    given = json.loads(self.body)
    monitor = given["AnomalyMonitor"]
    services = [one for one in _monitors(self).values() if one["MonitorType"] == "DIMENSIONAL"]
    if monitor["MonitorType"] == "DIMENSIONAL" and services:
        raise Unknown("LimitExceededException", "Limit exceeded on dimensional spend monitor creation")
    arn = _arn(self, "anomalymonitor")
    _monitors(self)[arn] = {**monitor, "MonitorArn": arn}
    self.ce_backend.tag_resource(arn, given.get("ResourceTags", []))
    return json.dumps({"MonitorArn": arn})


def get_anomaly_monitors(self: CostExplorerResponse) -> str:
    arns = json.loads(self.body).get("MonitorArnList")
    found = [one for arn, one in _monitors(self).items() if not arns or arn in arns]
    return json.dumps({"AnomalyMonitors": found})


def delete_anomaly_monitor(self: CostExplorerResponse) -> str:
    arn = json.loads(self.body)["MonitorArn"]
    if _monitors(self).pop(arn, None) is None:
        raise Unknown("UnknownMonitorException", f"Unknown monitor {arn}")
    return json.dumps({})


def create_anomaly_subscription(self: CostExplorerResponse) -> str:
    given = json.loads(self.body)
    arn = _arn(self, "anomalysubscription")
    _checked(given["AnomalySubscription"])
    _subscriptions(self)[arn] = {**given["AnomalySubscription"], "SubscriptionArn": arn}
    self.ce_backend.tag_resource(arn, given.get("ResourceTags", []))
    return json.dumps({"SubscriptionArn": arn})


def update_anomaly_subscription(self: CostExplorerResponse) -> str:
    given = json.loads(self.body)
    arn = given["SubscriptionArn"]
    if arn not in _subscriptions(self):
        raise Unknown("UnknownSubscriptionException", f"Unknown subscription {arn}")
    _checked(given)
    _subscriptions(self)[arn].update(given)
    return json.dumps({"SubscriptionArn": arn})


def get_anomaly_subscriptions(self: CostExplorerResponse) -> str:
    monitor = json.loads(self.body).get("MonitorArn")
    found = [one for one in _subscriptions(self).values() if monitor is None or monitor in one["MonitorArnList"]]
    return json.dumps({"AnomalySubscriptions": found})


def delete_anomaly_subscription(self: CostExplorerResponse) -> str:
    arn = json.loads(self.body)["SubscriptionArn"]
    if _subscriptions(self).pop(arn, None) is None:
        raise Unknown("UnknownSubscriptionException", f"Unknown subscription {arn}")
    return json.dumps({})


def _checked(subscription: dict[str, Any]) -> None:
    """«DAILY and WEEKLY for e-mail, IMMEDIATE for SNS.»"""
    kinds = {one["Type"] for one in subscription["Subscribers"]}
    if not kinds or kinds != ({"SNS"} if subscription["Frequency"] == "IMMEDIATE" else {"EMAIL"}):
        raise Unknown("ValidationException", f"{subscription['Frequency']} does not go with {sorted(kinds)}")


def _arn(self: CostExplorerResponse, kind: str) -> str:
    return f"arn:{self.partition}:ce::{self.current_account}:{kind}/{uuid.uuid4()}"


def _monitors(self: CostExplorerResponse) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = self.ce_backend.monitors  # type: ignore[attr-defined]
    return found


def _subscriptions(self: CostExplorerResponse) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = self.ce_backend.subscriptions  # type: ignore[attr-defined]
    return found


CostExplorerBackend.__init__ = init  # type: ignore[method-assign]
for _call in (
    create_anomaly_monitor,
    get_anomaly_monitors,
    delete_anomaly_monitor,
    create_anomaly_subscription,
    update_anomaly_subscription,
    get_anomaly_subscriptions,
    delete_anomaly_subscription,
):
    setattr(CostExplorerResponse, _call.__name__, _call)
