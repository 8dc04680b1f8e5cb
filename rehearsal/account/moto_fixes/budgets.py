"""AWS Budgets: what moto has no call for, from
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Budgets.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget, BudgetsBackend, Notification
from moto.budgets.responses import BudgetsResponse

KEY = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
_create = BudgetsResponse.create_budget
_delete = BudgetsResponse.delete_budget
_init = BudgetsBackend.__init__


def init(self: BudgetsBackend, *arguments: Any, **named: Any) -> None:
    _init(self, *arguments, **named)
    self.tags_of = {}  # type: ignore[attr-defined]


def create_budget(self: BudgetsResponse) -> str:
    result = _create(self)
    budget = self._get_param("Budget")
    tags = {tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags") or []}
    _tags(self)[_arn(self, budget["BudgetName"])] = tags
    return result


def delete_budget(self: BudgetsResponse) -> str:
    result = _delete(self)
    _tags(self).pop(_arn(self, self._get_param("BudgetName")), None)
    return result


def update_budget(self: BudgetsResponse) -> str:
    new = self._get_param("NewBudget")
    _budget(self, new["BudgetName"]).budget.update(new)
    return json.dumps({})


def list_tags_for_resource(self: BudgetsResponse) -> str:
    tags = _tags(self).get(self._get_param("ResourceARN"), {})
    return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()]})


def tag_resource(self: BudgetsResponse) -> str:
    tags = _tags(self).setdefault(self._get_param("ResourceARN"), {})
    tags.update({tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags")})
    return json.dumps({})


def untag_resource(self: BudgetsResponse) -> str:
    tags = _tags(self).setdefault(self._get_param("ResourceARN"), {})
    for key in self._get_param("ResourceTagKeys"):
        tags.pop(key, None)
    return json.dumps({})


def describe_notifications_for_budget(self: BudgetsResponse) -> str:
    found = [
        {"NotificationState": "OK", **one.details} for one in _budget(self, self._get_param("BudgetName")).notifications
    ]
    return json.dumps({"Notifications": found})


def describe_subscribers_for_notification(self: BudgetsResponse) -> str:
    return json.dumps({"Subscribers": _notification(self).subscribers})


def delete_notification(self: BudgetsResponse) -> str:
    gone = _notification(self)
    budget = _budget(self, self._get_param("BudgetName"))
    budget.notifications = [one for one in budget.notifications if one is not gone]
    return json.dumps({})


def _notification(self: BudgetsResponse) -> Notification:
    asked = _key(self._get_param("Notification"))
    for one in _budget(self, self._get_param("BudgetName")).notifications:
        if _key(one.details) == asked:
            return one
    raise NotFoundException("the notification doesn't exist")


def _key(details: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(float(details[part]) if part == "Threshold" else details.get(part, "PERCENTAGE") for part in KEY)


def _budget(self: BudgetsResponse, name: str) -> Budget:
    budgets = self.backend.budgets[self._get_param("AccountId")]
    if name not in budgets:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return budgets[name]


def _tags(self: BudgetsResponse) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = self.backend.tags_of  # type: ignore[attr-defined]
    return found


def _arn(self: BudgetsResponse, name: str) -> str:
    return f"arn:{self.partition}:budgets::{self.current_account}:budget/{name}"


BudgetsBackend.__init__ = init  # type: ignore[method-assign]
for _call in (
    create_budget,
    delete_budget,
    update_budget,
    list_tags_for_resource,
    tag_resource,
    untag_resource,
    describe_notifications_for_budget,
    describe_subscribers_for_notification,
    delete_notification,
):
    setattr(BudgetsResponse, _call.__name__, _call)
