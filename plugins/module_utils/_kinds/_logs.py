"""The calls of ``log_group``.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._aws.tags import as_dict
from .._resource.kind import Found, Scope, Wanted
from . import _tagged
from ._gone import unless_gone
from ._policy import VERSION, loaded, several

# Who writes, by the service's principals. EventBridge hands over to the delivery service:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
WRITERS = {
    "events": ("events.amazonaws.com", "delivery.logs.amazonaws.com"),
    "delivery": ("delivery.logs.amazonaws.com",),
    "route53": ("route53.amazonaws.com",),
    "opensearch": ("es.amazonaws.com",),
}


# -- pure -------------------------------------------------------------------------------------------------------------


def aws_name(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    return str(attrs.get("log_name") or f"/{app}/{name}")


def to_found(
    item: Mapping[str, Any], tags: Mapping[str, str], filters: Iterable[Mapping[str, Any]], policy: Any
) -> Found:
    arn = arn_of(item)
    return Found(
        kind="log_group",
        id=item["logGroupName"],
        attrs={
            "log_name": item["logGroupName"],
            "keep_days": item.get("retentionInDays") or 0,
            "metrics": {one["filterName"]: metric_of(one) for one in filters},
            "writers": writers_of(policy),
            "kms_key": item.get("kmsKeyId") or "",
            "class": (item.get("logGroupClass") or "STANDARD").lower(),
        },
        tags=tags,
        aws_name=item["logGroupName"],
        outputs={"arn": arn},
    )


def arn_of(item: Mapping[str, Any]) -> str:
    """Without the streams, which older answers append as ``:*``."""
    return str(item.get("logGroupArn") or item["arn"]).removesuffix(":*")


def metric_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """One metric filter; AWS allows one transformation each."""
    transformation = item["metricTransformations"][0]
    found = {
        "pattern": item.get("filterPattern") or "",
        "namespace": transformation["metricNamespace"],
        "metric": transformation["metricName"],
        "value": str(transformation["metricValue"]),
        "unit": transformation.get("unit") or "None",
    }
    default = transformation.get("defaultValue")
    return found if default is None else {**found, "default_value": default}


def transformation(metric: Mapping[str, Any]) -> dict[str, Any]:
    """The way back."""
    wanted = {
        "metricNamespace": metric["namespace"],
        "metricName": metric["metric"],
        "metricValue": metric.get("value") or "1",
        "unit": metric.get("unit") or "None",
    }
    default = metric.get("default_value")
    return wanted if default is None else {**wanted, "defaultValue": default}


def policy_name(group: str) -> str:
    return "stairway" + group.replace("/", "-") if group.startswith("/") else f"stairway-{group}"


def policy_of(writers: Iterable[str], arn: str) -> str:
    """The policy that lets services write to one group."""
    statements = [
        {
            "Sid": writer,
            "Effect": "Allow",
            "Principal": {"Service": list(WRITERS[writer])},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{arn}:*",
        }
        for writer in sorted(writers)
    ]
    return json.dumps({"Version": VERSION, "Statement": statements})


def writers_of(policy: Any) -> list[str]:
    """The way back."""
    found = several(loaded(policy).get("Statement")) if policy else []
    return [str(one.get("Sid")) for one in found if sorted(several(one.get("Principal", {}).get("Service")))
            == sorted(WRITERS.get(str(one.get("Sid")), ()))]  # fmt: skip


# -- describe ---------------------------------------------------------------------------------------------------------


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """The app's own groups stand under one prefix; those with a name that AWS dictates are asked for one by one."""
    policies: dict[str, Any] | None = None
    known = _tagged.tags_by_arn(aws, scope, "logs:log-group")
    for item, tags in _tagged.with_tags(aws, scope, known, _items(aws, _prefixes(scope, known)), _tags):
        if policies is None:
            found = aws.pages("logs", "describe_resource_policies", "resourcePolicies")
            policies = {one["policyName"]: one["policyDocument"] for one in found}
        filters: list[Any] = []
        if item.get("metricFilterCount"):
            filters = list(
                aws.pages("logs", "describe_metric_filters", "metricFilters", logGroupName=item["logGroupName"])
            )
        yield to_found(item, tags, filters, policies.get(policy_name(item["logGroupName"])))


def _items(aws: Any, prefixes: Iterable[str]) -> Iterator[tuple[str, str, Any]]:
    seen: set[str] = set()
    for prefix in prefixes:
        for item in aws.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix):
            name = item["logGroupName"]
            # a prefix also finds what only starts alike
            if name not in seen and (prefix.endswith("/") or name == prefix):
                seen.add(name)
                yield arn_of(item), name, item


def _prefixes(scope: Scope, known: Iterable[str]) -> list[str]:
    names = set(scope.names | scope.ids)
    if scope.only:
        return sorted(names)
    names |= {arn.split(":log-group:", 1)[1] for arn in known}
    own = f"/{scope.app}/"
    return [own, *sorted(name for name in names if not name.startswith(own))]


def _tags(aws: Any, arn: str) -> Mapping[str, str]:
    found: dict[str, str] = aws.call("logs", "list_tags_for_resource", resourceArn=arn).get("tags") or {}
    return as_dict({"Key": key, "Value": value} for key, value in found.items())


# -- create, change, delete -------------------------------------------------------------------------------------------


def create(aws: Any, wanted: Wanted) -> str:
    name = wanted.aws_name
    aws.call(
        "logs",
        "create_log_group",
        logGroupName=name,
        kmsKeyId=wanted.get("kms_key") or None,
        logGroupClass=wanted.attrs["class"].upper(),
        tags=dict(wanted.tags),
    )
    arn = f"arn:{aws.partition}:logs:{aws.region}:{aws.account_id}:log-group:{name}"
    aws.created(name, arn)
    set_retention(aws, name, wanted)
    set_metrics(aws, name, wanted, {})
    if wanted.get("writers"):
        set_writers(aws, arn, wanted)
    return name


def set_retention(aws: Any, name: str, wanted: Wanted) -> None:
    days = int(wanted.attrs["keep_days"])
    if days:
        aws.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=days)
    else:
        aws.call("logs", "delete_retention_policy", logGroupName=name)


def set_metrics(aws: Any, name: str, wanted: Wanted, there: Mapping[str, Any]) -> None:
    for filter_name, metric in wanted.get("metrics", {}).items():
        aws.call(
            "logs",
            "put_metric_filter",
            logGroupName=name,
            filterName=filter_name,
            filterPattern=metric["pattern"],
            metricTransformations=[transformation(metric)],
        )
    for filter_name in sorted(set(there) - set(wanted.get("metrics", {}))):
        unless_gone(aws, "logs", "delete_metric_filter", logGroupName=name, filterName=filter_name)


def set_writers(aws: Any, arn: str, wanted: Wanted) -> None:
    policy = policy_name(wanted.aws_name)
    if wanted.attrs["writers"]:
        document = policy_of(wanted.attrs["writers"], arn)
        aws.call("logs", "put_resource_policy", policyName=policy, policyDocument=document)
    else:
        unless_gone(aws, "logs", "delete_resource_policy", policyName=policy)


def set_key(aws: Any, found: Found, wanted: Wanted) -> None:
    if wanted.attrs["kms_key"]:
        aws.call("logs", "associate_kms_key", logGroupName=found.id, kmsKeyId=wanted.attrs["kms_key"])
    else:
        aws.call("logs", "disassociate_kms_key", logGroupName=found.id)


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    arn = found.outputs["arn"]
    if add:
        aws.call("logs", "tag_resource", resourceArn=arn, tags=dict(add))
    if remove:
        aws.call("logs", "untag_resource", resourceArn=arn, tagKeys=remove)


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id, found.outputs["arn"])
    if found.attrs["writers"]:
        unless_gone(aws, "logs", "delete_resource_policy", policyName=policy_name(found.id))
    unless_gone(aws, "logs", "delete_log_group", logGroupName=found.id)
