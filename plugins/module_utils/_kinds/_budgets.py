"""The calls of ``budget``. The service has one endpoint for the whole account.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._aws.tags import as_dict, as_list
from .._resource.kind import Found, Scope, Wanted
from ._gone import unless_gone

KINDS_OF_COST = {"actual": "ACTUAL", "forecast": "FORECASTED"}
TAG_FILTER = "TagKeyValue"


# -- pure -------------------------------------------------------------------------------------------------------------


def to_found(
    budget: Mapping[str, Any], notifications: Iterable[Mapping[str, Any]], tags: Mapping[str, str], arn: str
) -> Found:
    monthly = budget.get("TimeUnit") == "MONTHLY" and budget.get("BudgetType") == "COST"
    return Found(
        kind="budget",
        id=budget["BudgetName"],
        attrs={
            "monthly_limit": float(budget["BudgetLimit"]["Amount"]) if monthly and budget.get("BudgetLimit") else None,
            "notifications": list(notifications),
            "tags_counted": tags_of_filters(budget.get("CostFilters") or {}),
        },
        tags=tags,
        aws_name=budget["BudgetName"],
        outputs={"arn": arn},
        detail={key: budget[key] for key in ("CostTypes", "TimePeriod") if budget.get(key)},
    )


def tags_of_filters(filters: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """``user:team$blue`` is the tag team with the value blue."""
    found: dict[str, list[str]] = {}
    for one in filters.get(TAG_FILTER, []):
        key, _dollar, value = one.removeprefix("user:").partition("$")
        found.setdefault(key, []).append(value)
    return found


def filters_of_tags(tags: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The way back."""
    pairs = [f"user:{key}${value}" for key in sorted(tags) for value in sorted(tags[key])]
    return {TAG_FILTER: pairs} if pairs else {}


def budget_of(wanted: Wanted, before: Mapping[str, Any]) -> dict[str, Any]:
    """A budget whole, as creating and changing want it; ``before`` is what the blueprint has no words for."""
    return {
        **before,
        "BudgetName": wanted.aws_name,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": f"{wanted.attrs['monthly_limit']:.2f}", "Unit": "USD"},
        "CostFilters": filters_of_tags(wanted.get("tags_counted", {})),
    }


def notification_of(one: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a notification one."""
    return {
        "NotificationType": KINDS_OF_COST[one.get("of") or "actual"],
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": float(one["percent"]),
        "ThresholdType": "PERCENTAGE",
    }


def subscribers_of(one: Mapping[str, Any]) -> list[dict[str, str]]:
    """Who is told."""
    emails = [{"SubscriptionType": "EMAIL", "Address": address} for address in one.get("emails") or []]
    topic = [{"SubscriptionType": "SNS", "Address": one["topic"]}] if one.get("topic") else []
    return [*emails, *topic]


def words_of(notification: Mapping[str, Any], subscribers: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """The way back; one that is not about per cent, or rings below, is in no words of ours."""
    listed = list(subscribers)
    of = next((k for k, v in KINDS_OF_COST.items() if v == notification["NotificationType"]), None)
    ours = notification["ComparisonOperator"] == "GREATER_THAN"
    percent = notification.get("ThresholdType", "PERCENTAGE") == "PERCENTAGE"
    found = {
        "of": of if ours and percent else "(other words)",
        "percent": notification["Threshold"],
        "emails": [one["Address"] for one in listed if one["SubscriptionType"] == "EMAIL"],
    }
    topics = [one["Address"] for one in listed if one["SubscriptionType"] == "SNS"]
    return {**found, "topic": topics[0]} if topics else found


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two notifications are told to the same people at the same point."""

    def whole(each: Mapping[str, Any]) -> tuple[Any, ...]:
        people = sorted((who["SubscriptionType"], who["Address"]) for who in subscribers_of(each))
        return each.get("of") or "actual", float(each["percent"]), people

    return whole(one) == whole(other)


# -- calls ------------------------------------------------------------------------------------------------------------


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """An account has few budgets, in pages of a hundred; tags and notifications are asked for ours only."""
    prefix = f"{scope.app}-"
    account = aws.account_id
    for budget in aws.pages("budgets", "describe_budgets", "Budgets", AccountId=account, MaxResults=100):
        name = budget["BudgetName"]
        named = name in scope.names | scope.ids
        if not named and (scope.only or not name.startswith(prefix)):
            continue
        arn = f"arn:{aws.partition}:budgets::{account}:budget/{name}"
        tags = as_dict(aws.call("budgets", "list_tags_for_resource", ResourceARN=arn).get("ResourceTags"))
        found = to_found(budget, _notifications(aws, name), tags, arn)
        if scope.wants(found):
            yield found


def _notifications(aws: Any, name: str) -> Iterator[dict[str, Any]]:
    about = {"AccountId": aws.account_id, "BudgetName": name}
    for one in aws.pages("budgets", "describe_notifications_for_budget", "Notifications", **about):
        key = {part: one[part] for part in notification_key() if part in one}
        people = aws.pages("budgets", "describe_subscribers_for_notification", "Subscribers", Notification=key, **about)
        yield words_of(one, people)


def notification_key() -> tuple[str, ...]:
    """The answer also says how the notification stands, which no question takes."""
    return ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")


def create(aws: Any, wanted: Wanted) -> str:
    aws.call(
        "budgets",
        "create_budget",
        AccountId=aws.account_id,
        Budget=budget_of(wanted, {}),
        NotificationsWithSubscribers=[
            {"Notification": notification_of(one), "Subscribers": subscribers_of(one)}
            for one in wanted.attrs["notifications"]
        ],
        ResourceTags=as_list(wanted.tags),
    )
    aws.created(wanted.aws_name)
    return wanted.aws_name


def change_budget(aws: Any, found: Found, wanted: Wanted) -> None:
    aws.call("budgets", "update_budget", AccountId=aws.account_id, NewBudget=budget_of(wanted, found.detail))


def change_notifications(aws: Any, found: Found, wanted: Wanted) -> None:
    """One with other people is another one: it goes before the new one comes, as AWS has each point once."""
    about = {"AccountId": aws.account_id, "BudgetName": found.id}
    there, asked = found.attrs["notifications"], wanted.attrs["notifications"]
    for one in there:
        if not any(same(one, other) for other in asked) and one["of"] in KINDS_OF_COST:
            unless_gone(aws, "budgets", "delete_notification", Notification=notification_of(one), **about)
    for one in asked:
        if not any(same(one, other) for other in there if other["of"] in KINDS_OF_COST):
            aws.call(
                "budgets",
                "create_notification",
                Notification=notification_of(one),
                Subscribers=subscribers_of(one),
                **about,
            )


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    arn = found.outputs["arn"]
    if add:
        aws.call("budgets", "tag_resource", ResourceARN=arn, ResourceTags=as_list(add))
    if remove:
        aws.call("budgets", "untag_resource", ResourceARN=arn, ResourceTagKeys=remove)


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    unless_gone(aws, "budgets", "delete_budget", AccountId=aws.account_id, BudgetName=found.id)
