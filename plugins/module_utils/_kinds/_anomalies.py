"""The calls of ``anomaly_monitor``. Cost Explorer has one endpoint for the whole account.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_CreateAnomalyMonitor.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import APP_TAG, Found, Scope, Wanted

IMPACT = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"


# -- pure -------------------------------------------------------------------------------------------------------------


def to_found(
    monitor: Mapping[str, Any], subscription: Mapping[str, Any] | None, tags: Mapping[str, str], app: str
) -> Found:
    return Found(
        kind="anomaly_monitor",
        id=monitor["MonitorArn"],
        attrs={"watch": _watched(monitor, app), **(_told(subscription) if subscription else {})},
        tags=tags,
        aws_name=monitor["MonitorName"],
        outputs={"arn": monitor["MonitorArn"]},
        detail={"subscription": (subscription or {}).get("SubscriptionArn")},
    )


def _watched(monitor: Mapping[str, Any], app: str) -> str:
    if monitor["MonitorType"] == "DIMENSIONAL" and monitor.get("MonitorDimension") == "SERVICE":
        return "services"
    tags = (monitor.get("MonitorSpecification") or {}).get("Tags") or {}
    return "app" if (tags.get("Key"), tags.get("Values")) == (APP_TAG, [app]) else "(other words)"


def _told(subscription: Mapping[str, Any]) -> dict[str, Any]:
    threshold = (subscription.get("ThresholdExpression") or {}).get("Dimensions") or {}
    people = subscription.get("Subscribers") or []
    topics = [one["Address"] for one in people if one["Type"] == "SNS"]
    return {
        "least_impact": float(threshold["Values"][0])
        if threshold.get("Key") == IMPACT
        else subscription.get("Threshold"),
        "every": subscription["Frequency"].lower(),
        "emails": [one["Address"] for one in people if one["Type"] == "EMAIL"],
        "topic": topics[0] if topics else None,
    }


def monitor_of(wanted: Wanted) -> dict[str, Any]:
    """What a monitor looks at."""
    name = {"MonitorName": wanted.aws_name}
    if wanted.attrs["watch"] == "services":
        return {**name, "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    return {
        **name,
        "MonitorType": "CUSTOM",
        "MonitorSpecification": {"Tags": {"Key": APP_TAG, "Values": [wanted.app], "MatchOptions": ["EQUALS"]}},
    }


def told(wanted: Wanted) -> dict[str, Any]:
    """Who is told, from when on, how often: a topic at once, people daily or weekly, and never both."""
    at_once = wanted.attrs["every"] == "immediate"
    emails = [{"Type": "EMAIL", "Address": one} for one in wanted.get("emails", []) if not at_once]
    topic = [{"Type": "SNS", "Address": wanted.attrs["topic"]}] if at_once and wanted.get("topic") else []
    threshold = {
        "Key": IMPACT,
        "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
        "Values": [f"{wanted.attrs['least_impact']:g}"],
    }
    return {
        "Frequency": wanted.attrs["every"].upper(),
        "Subscribers": [*emails, *topic],
        "ThresholdExpression": {"Dimensions": threshold},
    }


# -- calls ------------------------------------------------------------------------------------------------------------


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """An account has few monitors; tags and subscriptions are asked for ours only."""
    prefix = f"{scope.app}-"
    for monitor in aws.pages("ce", "get_anomaly_monitors", "AnomalyMonitors"):
        name, arn = monitor["MonitorName"], monitor["MonitorArn"]
        named = name in scope.names or arn in scope.ids
        if not named and (scope.only or not name.startswith(prefix)):
            continue
        tags = as_dict(aws.call("ce", "list_tags_for_resource", ResourceArn=arn).get("ResourceTags"))
        found = to_found(monitor, _subscription(aws, arn), tags, scope.app)
        if scope.wants(found):
            yield found


def _subscription(aws: Any, arn: str) -> Mapping[str, Any] | None:
    listed = list(aws.pages("ce", "get_anomaly_subscriptions", "AnomalySubscriptions", MonitorArn=arn))
    return min(listed, key=lambda one: str(one["SubscriptionArn"])) if listed else None


def create(aws: Any, wanted: Wanted) -> str:
    answer = aws.call(
        "ce", "create_anomaly_monitor", AnomalyMonitor=monitor_of(wanted), ResourceTags=as_list(wanted.tags)
    )
    arn: str = answer["MonitorArn"]
    aws.created(arn)
    _subscribe(aws, arn, wanted)
    return arn


def _subscribe(aws: Any, arn: str, wanted: Wanted) -> None:
    subscription = {"SubscriptionName": wanted.aws_name, "MonitorArnList": [arn], **told(wanted)}
    aws.call("ce", "create_anomaly_subscription", AnomalySubscription=subscription, ResourceTags=as_list(wanted.tags))


def change(aws: Any, found: Found, wanted: Wanted) -> None:
    subscription = found.detail["subscription"]
    if subscription is None:
        _subscribe(aws, found.id, wanted)
    else:
        aws.call("ce", "update_anomaly_subscription", SubscriptionArn=subscription, **told(wanted))


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    if add:
        aws.call("ce", "tag_resource", ResourceArn=found.id, ResourceTags=as_list(add))
    if remove:
        aws.call("ce", "untag_resource", ResourceArn=found.id, ResourceTagKeys=remove)


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    if found.detail["subscription"]:
        with _content_if_unknown():
            aws.call("ce", "delete_anomaly_subscription", SubscriptionArn=found.detail["subscription"])
    with _content_if_unknown():
        aws.call("ce", "delete_anomaly_monitor", MonitorArn=found.id)


@contextmanager
def _content_if_unknown() -> Iterator[None]:
    # Cost Explorer has words of its own for «not found»
    try:
        yield
    except AwsError as error:
        if error.code not in ("UnknownMonitorException", "UnknownSubscriptionException"):
            raise
