"""The calls of ``alarm``.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.tags import as_dict, as_list
from .._resource.kind import Found, Scope, Wanted
from . import _tagged
from ._gone import unless_gone
from ._metrics import as_dimensions, of_dimensions

COMPARISONS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
MISSING_DATA = {"missing": "missing", "good": "notBreaching", "bad": "breaching", "ignore": "ignore"}
PLAIN = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")
RESULT = "result"  # what the formula itself is called among its metrics
# what counts where neither the entry nor AWS says anything else
USUAL: Mapping[str, Any] = {
    "of": {},
    "statistic": "Average",
    "compare": ">",
    "period_seconds": 300,
    "periods": 1,
    "missing_data": "missing",
}
FORMS = ("metric", "expression", "any_of", "all_of")


# -- pure: AWS's words to ours ----------------------------------------------------------------------------------------


def to_found(item: Mapping[str, Any], tags: Mapping[str, str]) -> Found:
    composite = "AlarmRule" in item
    attrs = _of_rule(item["AlarmRule"]) if composite else _of_metric(item)
    return Found(
        kind="alarm",
        id=item["AlarmName"],
        attrs={
            **attrs,
            **_of_actions(item.get("AlarmActions") or []),
            "ok_topics": list(item.get("OKActions") or []),
            "no_data_topics": list(item.get("InsufficientDataActions") or []),
            "enabled": item.get("ActionsEnabled", True),
            "description": item.get("AlarmDescription") or "",
        },
        tags=tags,
        aws_name=item["AlarmName"],
        outputs={"arn": item["AlarmArn"]},
        detail={"composite": composite},
    )


def _of_rule(rule: str) -> dict[str, Any]:
    for word, field in (("OR", "any_of"), ("AND", "all_of")):
        parts = re.split(rf"\s+{word}\s+", rule.strip())
        names = [re.fullmatch(r'ALARM\("?([^"()]+)"?\)', part) for part in parts]
        if all(names):
            return {field: [one.group(1) for one in names if one]}
    return {"any_of": [f"(other words: {rule})"]}


def _of_metric(item: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "compare": next((k for k, v in COMPARISONS.items() if v == item.get("ComparisonOperator")), None),
        "threshold": item.get("Threshold"),
        "periods": item.get("EvaluationPeriods"),
        "periods_over": item.get("DatapointsToAlarm"),
        "missing_data": next((k for k, v in MISSING_DATA.items() if v == item.get("TreatMissingData")), "missing"),
    }
    if item.get("Metrics"):
        return {**found, **_of_formula(item["Metrics"])}
    return {
        **found,
        "namespace": item.get("Namespace"),
        "metric": item.get("MetricName"),
        "of": of_dimensions(item.get("Dimensions")),
        "statistic": item.get("ExtendedStatistic") or item.get("Statistic"),
        "period_seconds": item.get("Period"),
    }


def _of_formula(queries: list[Mapping[str, Any]]) -> dict[str, Any]:
    formula = next((one for one in queries if one.get("ReturnData", True)), {})
    others = {one["Id"]: _of_query(one) for one in queries if one is not formula}
    return {"expression": formula.get("Expression"), "metrics": others}


def _of_query(query: Mapping[str, Any]) -> dict[str, Any]:
    stat = query.get("MetricStat")
    if not stat:
        return {"metric": f"(other words: {query.get('Expression')})"}
    return {
        "namespace": stat["Metric"]["Namespace"],
        "metric": stat["Metric"]["MetricName"],
        "of": of_dimensions(stat["Metric"].get("Dimensions")),
        "statistic": stat["Stat"],
        "period_seconds": stat["Period"],
    }


def _of_actions(arns: list[str]) -> dict[str, Any]:
    instance = [one.rpartition(":")[2] for one in arns if re.search(r":automate:[^:]+:ec2:\w+$", one)]
    return {
        "topics": [one for one in arns if one.split(":")[2] == "sns"],
        "instance_action": instance[0] if instance else "none",
        "actions": [one for one in arns if one.split(":")[2] != "sns" and ":automate:" not in one],
    }


# -- pure: our words to AWS's -----------------------------------------------------------------------------------------


def whole(wanted: Wanted, found: Mapping[str, Any]) -> dict[str, Any]:
    """All that CloudWatch has to be told: it keeps nothing of the alarm that was there. What the entry leaves alone is
    as AWS has it, if it is still the same form of alarm.
    """
    form = next((one for one in FORMS if wanted.attrs.get(one) is not None), None)
    before = found if form is not None and found.get(form) is not None else {}
    given = {key: value for key, value in wanted.attrs.items() if value is not None}
    result = {**USUAL, **{key: value for key, value in before.items() if value is not None}, **given}
    if result.get("periods_over", 0) > result["periods"]:
        result.pop("periods_over")
    return result


def parameters(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """What PutMetricAlarm wants, without name, actions and tags."""
    result = {
        "ComparisonOperator": COMPARISONS[attrs["compare"]],
        "Threshold": float(attrs["threshold"]),
        "EvaluationPeriods": int(attrs["periods"]),
        "DatapointsToAlarm": int(attrs["periods_over"]) if attrs.get("periods_over") else None,
        "TreatMissingData": MISSING_DATA[attrs["missing_data"]],
    }
    if attrs.get("expression") is not None:
        return {**result, "Metrics": _queries(attrs)}
    plain = attrs["statistic"] in PLAIN
    return {
        **result,
        "Namespace": attrs["namespace"],
        "MetricName": attrs["metric"],
        "Dimensions": as_dimensions(attrs["of"]),
        "Statistic": attrs["statistic"] if plain else None,
        "ExtendedStatistic": None if plain else attrs["statistic"],
        "Period": int(attrs["period_seconds"]),
    }


def _queries(attrs: Mapping[str, Any]) -> list[dict[str, Any]]:
    formula = {"Id": RESULT, "Expression": attrs["expression"], "Label": attrs["expression"], "ReturnData": True}
    return [formula, *(_query(name, one) for name, one in sorted(attrs.get("metrics", {}).items()))]


def _query(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    metric = {
        "Namespace": one["namespace"],
        "MetricName": one["metric"],
        "Dimensions": as_dimensions(one.get("of") or {}),
    }
    stat = {
        "Metric": metric,
        "Period": int(one.get("period_seconds") or USUAL["period_seconds"]),
        "Stat": one.get("statistic") or USUAL["statistic"],
    }
    return {"Id": name, "MetricStat": stat, "ReturnData": False}


def rule(attrs: Mapping[str, Any]) -> str:
    """What PutCompositeAlarm calls a rule."""
    word = " OR " if attrs.get("any_of") else " AND "
    return word.join(f'ALARM("{name}")' for name in attrs.get("any_of") or attrs["all_of"])


def actions(attrs: Mapping[str, Any], partition: str, region: str) -> list[str]:
    """ARNs of all that it starts when it rings."""
    instance = attrs["instance_action"]
    own = [] if instance == "none" else [f"arn:{partition}:automate:{region}:ec2:{instance}"]
    return [*attrs["topics"], *own, *attrs["actions"]]


# -- calls ------------------------------------------------------------------------------------------------------------


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    known = _tagged.tags_by_arn(aws, scope, "cloudwatch:alarm")
    items = ((item["AlarmArn"], item["AlarmName"], item) for item in _items(aws, scope))
    for item, tags in _tagged.with_tags(aws, scope, known, items, _tags):
        yield to_found(item, tags)


def _items(aws: Any, scope: Scope) -> Iterator[Mapping[str, Any]]:
    prefix = f"{scope.app}-"
    others = sorted(one for one in scope.names | scope.ids if scope.only or not one.startswith(prefix))
    if not scope.only:
        yield from _pages(aws, AlarmNamePrefix=prefix)
    for start in range(0, len(others), 100):
        yield from _pages(aws, AlarmNames=others[start : start + 100])


def _pages(aws: Any, **which: Any) -> Iterator[Mapping[str, Any]]:
    # one page has both forms under two keys, so the usual paging by one key would ask twice
    token = None
    while True:
        answer = aws.call(
            "cloudwatch",
            "describe_alarms",
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            MaxRecords=100,
            NextToken=token,
            **which,
        )
        yield from answer.get("MetricAlarms", [])
        yield from answer.get("CompositeAlarms", [])
        token = answer.get("NextToken")
        if not token:
            return


def _tags(aws: Any, arn: str) -> Mapping[str, str]:
    return as_dict(aws.call("cloudwatch", "list_tags_for_resource", ResourceARN=arn)["Tags"])


def put(aws: Any, wanted: Wanted, found: Mapping[str, Any]) -> str:
    """Makes it or makes it anew: CloudWatch has one call for both. Tags count when it makes it."""
    attrs = whole(wanted, found)
    name = wanted.aws_name
    common = {
        "AlarmName": name,
        "AlarmDescription": attrs["description"],
        "ActionsEnabled": attrs["enabled"],
        "AlarmActions": actions(attrs, aws.partition, aws.region),
        "OKActions": list(attrs["ok_topics"]),
        "InsufficientDataActions": list(attrs["no_data_topics"]),
        "Tags": None if found else as_list(wanted.tags),
    }
    if attrs.get("any_of") or attrs.get("all_of"):
        aws.call("cloudwatch", "put_composite_alarm", AlarmRule=rule(attrs), **common)
    else:
        aws.call("cloudwatch", "put_metric_alarm", **parameters(attrs), **common)
    return name


def create(aws: Any, wanted: Wanted) -> str:
    name = put(aws, wanted, {})
    aws.created(name, f"arn:{aws.partition}:cloudwatch:{aws.region}:{aws.account_id}:alarm:{name}")
    return name


def change(aws: Any, found: Found, wanted: Wanted) -> None:
    composite = any(wanted.attrs.get(one) is not None for one in ("any_of", "all_of"))
    if composite != found.detail["composite"]:
        # CloudWatch does not turn one into the other; killed between the two, the next run makes it new
        unless_gone(aws, "cloudwatch", "delete_alarms", AlarmNames=[found.id])
        put(aws, wanted, {})
    else:
        put(aws, wanted, found.attrs)


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    arn = found.outputs["arn"]
    if add:
        aws.call("cloudwatch", "tag_resource", ResourceARN=arn, Tags=as_list(add))
    if remove:
        aws.call("cloudwatch", "untag_resource", ResourceARN=arn, TagKeys=remove)


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id, found.outputs["arn"])
    unless_gone(aws, "cloudwatch", "delete_alarms", AlarmNames=[found.id])
