"""The calls of ``event_rule``.

Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import Found, Scope, Wanted
from . import _tagged
from ._gone import content_if_gone, unless_gone

WORDS = ("topic", "log_group", "automation", "command", "arn")


# -- pure -------------------------------------------------------------------------------------------------------------


def to_found(item: Mapping[str, Any], targets: Iterable[Mapping[str, Any]], tags: Mapping[str, str]) -> Found:
    pattern = item.get("EventPattern")
    return Found(
        kind="event_rule",
        id=item["Name"],
        attrs={
            "pattern": json.loads(pattern) if pattern else None,
            "schedule": item.get("ScheduleExpression") or None,
            "targets": {one["Id"]: target_of(one) for one in targets},
            "enabled": str(item.get("State", "ENABLED")).startswith("ENABLED"),
            "description": item.get("Description") or "",
        },
        tags=tags,
        aws_name=item["Name"],
        outputs={"arn": item["Arn"]},
    )


def word_of(arn: str) -> str:
    """Which key of a target an ARN belongs to."""
    service, resource = arn.split(":")[2], arn.split(":", 5)[5]
    if service == "sns":
        return "topic"
    if service == "logs":
        return "log_group"
    if service == "ssm" and resource.startswith("automation-definition/"):
        return "automation"
    return "command" if service == "ssm" and resource.startswith("document/") else "arn"


def target_of(item: Mapping[str, Any]) -> dict[str, Any]:
    word = word_of(item["Arn"])
    arn = item["Arn"].removesuffix(":*") if word == "log_group" else item["Arn"]
    transformer = item.get("InputTransformer") or {}
    instances = (item.get("RunCommandParameters") or {}).get("RunCommandTargets") or []
    found = {
        word: arn,
        "role": item.get("RoleArn"),
        "input": json.loads(item["Input"]) if item.get("Input") else None,
        "input_paths": transformer.get("InputPathsMap") or {},
        "input_template": transformer.get("InputTemplate"),
        "instances": {one["Key"]: list(one["Values"]) for one in instances},
    }
    return {key: value for key, value in found.items() if value is not None}


def parameters(name: str, target: Mapping[str, Any]) -> dict[str, Any]:
    """The way back."""
    word = next(one for one in WORDS if target.get(one) is not None)
    result: dict[str, Any] = {"Id": name, "Arn": target[word]}
    if target.get("role"):
        result["RoleArn"] = target["role"]
    if target.get("input") is not None:
        result["Input"] = json.dumps(target["input"])
    if target.get("input_template") is not None:
        paths = dict(target.get("input_paths") or {})
        result["InputTransformer"] = {"InputPathsMap": paths, "InputTemplate": target["input_template"]}
    if target.get("instances"):
        instances = [{"Key": key, "Values": list(values)} for key, values in sorted(target["instances"].items())]
        result["RunCommandParameters"] = {"RunCommandTargets": instances}
    return result


# -- calls ------------------------------------------------------------------------------------------------------------


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """Rules come in pages by the start of their name; targets are asked for rule by rule, of this app."""
    known = _tagged.tags_by_arn(aws, scope, "events:rule")
    items = ((item["Arn"], item["Name"], item) for item in _items(aws, scope))
    for item, tags in _tagged.with_tags(aws, scope, known, items, _tags):
        targets = list(aws.pages("events", "list_targets_by_rule", "Targets", Rule=item["Name"]))
        yield to_found(item, targets, tags)


def _items(aws: Any, scope: Scope) -> Iterator[Mapping[str, Any]]:
    prefix = f"{scope.app}-"
    others = sorted(one for one in scope.names | scope.ids if scope.only or not one.startswith(prefix))
    for start in others if scope.only else [prefix, *others]:
        for item in aws.pages("events", "list_rules", "Rules", NamePrefix=start, Limit=100):
            if start == prefix or item["Name"] == start:
                yield item


def _tags(aws: Any, arn: str) -> Mapping[str, str]:
    return as_dict(aws.call("events", "list_tags_for_resource", ResourceARN=arn)["Tags"])


def put(aws: Any, wanted: Wanted, found: Mapping[str, Any]) -> str:
    """Makes the rule or makes it anew: what is not said is forgotten, so what the entry leaves alone is said as AWS has
    it. Tags count when it is made.
    """
    given = {**found, **{key: value for key, value in wanted.attrs.items() if value is not None}}
    pattern = given.get("pattern")
    answer = aws.call(
        "events",
        "put_rule",
        Name=wanted.aws_name,
        EventPattern=json.dumps(pattern, sort_keys=True) if pattern is not None else None,
        ScheduleExpression=given.get("schedule"),
        State="ENABLED" if given["enabled"] else "DISABLED",
        Description=given["description"],
        Tags=None if found else as_list(wanted.tags),
    )
    arn: str = answer["RuleArn"]
    return arn


def create(aws: Any, wanted: Wanted) -> str:
    arn = put(aws, wanted, {})
    aws.created(wanted.aws_name, arn)
    put_targets(aws, wanted, {})
    return wanted.aws_name


def change(aws: Any, found: Found, wanted: Wanted) -> None:
    put(aws, wanted, found.attrs)


def put_targets(aws: Any, wanted: Wanted, there: Mapping[str, Any]) -> None:
    name = wanted.aws_name
    gone = sorted(set(there) - set(wanted.attrs["targets"]))
    if gone:
        _checked(aws, aws.call("events", "remove_targets", Rule=name, Ids=gone), "RemoveTargets")
    targets = [parameters(key, one) for key, one in sorted(wanted.attrs["targets"].items())]
    if targets:
        _checked(aws, aws.call("events", "put_targets", Rule=name, Targets=targets), "PutTargets")


def _checked(aws: Any, answer: Mapping[str, Any], operation: str) -> None:
    # these calls succeed also when they fail for some of the targets
    for failed in answer.get("FailedEntries") or ():
        text = f"{failed.get('TargetId')}: {failed.get('ErrorMessage')}"
        raise AwsError(f"events:{operation}", str(failed.get("ErrorCode")), text, region=aws.region)


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    arn = found.outputs["arn"]
    if add:
        aws.call("events", "tag_resource", ResourceARN=arn, Tags=as_list(add))
    if remove:
        aws.call("events", "untag_resource", ResourceARN=arn, TagKeys=remove)


def delete(aws: Any, found: Found) -> None:
    """Targets first: EventBridge keeps a rule that has some."""
    aws.deleted(found.id, found.outputs["arn"])
    with content_if_gone():
        targets = [one["Id"] for one in aws.pages("events", "list_targets_by_rule", "Targets", Rule=found.id)]
        if targets:
            _checked(aws, aws.call("events", "remove_targets", Rule=found.id, Ids=targets), "RemoveTargets")
    unless_gone(aws, "events", "delete_rule", Name=found.id)
