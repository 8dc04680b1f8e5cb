"""The calls behind parameters (Parameter Store)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.tags import as_dict, as_list
from .._resource.kind import APP_TAG, Change, Found, Scope, Wanted
from . import _ssm
from ._gone import content_if_gone
from ._tagged import tags_by_arn, with_tags

NAMES_IN_A_FILTER = 50
VALUES_IN_A_CALL = 10


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    items = {item["Name"]: item for item in _items(aws, scope)}
    known = tags_by_arn(aws, scope, "ssm:parameter")
    tagged = with_tags(aws, scope, known, ((_arn(aws, name), name, item) for name, item in items.items()), _tags)
    wanted = {item["Name"]: tags for item, tags in tagged}
    values = _values(aws, list(wanted))
    for name, tags in wanted.items():
        found = _ssm.to_found(items[name], _arn(aws, name), values.get(name), tags)
        if scope.wants(found):
            yield found


def _items(aws: Any, scope: Scope) -> Iterator[Mapping[str, Any]]:
    filters = [] if scope.only else [{"Key": f"tag:{APP_TAG}", "Option": "Equals", "Values": [scope.app]}]
    named = sorted(scope.names | scope.ids)
    for start in range(0, len(named), NAMES_IN_A_FILTER):
        filters.append({"Key": "Name", "Option": "Equals", "Values": named[start : start + NAMES_IN_A_FILTER]})
    for one in filters:
        yield from aws.pages("ssm", "describe_parameters", "Parameters", ParameterFilters=[one], MaxResults=50)


def _values(aws: Any, names: list[str]) -> dict[str, str]:
    held: dict[str, str] = {}
    for start in range(0, len(names), VALUES_IN_A_CALL):
        some = names[start : start + VALUES_IN_A_CALL]
        answer = aws.call("ssm", "get_parameters", Names=some, WithDecryption=True)
        held.update({one["Name"]: one["Value"] for one in answer["Parameters"]})
    return held


def _arn(aws: Any, name: str) -> str:
    return f"arn:{aws.partition}:ssm:{aws.region}:{aws.account_id}:parameter/{name.lstrip('/')}"


def _tags(aws: Any, arn: str) -> Mapping[str, str]:
    name = _ssm.name_of(arn)
    answer = aws.call("ssm", "list_tags_for_resource", ResourceType="Parameter", ResourceId=name)
    return as_dict(answer["TagList"])


def create(aws: Any, wanted: Wanted) -> str:
    aws.call(
        "ssm",
        "put_parameter",
        Name=wanted.aws_name,
        Value=_ssm.value(wanted),
        Type=_ssm.TYPES[wanted.get("type", "text")],
        Tier=_ssm.TIERS[wanted.get("tier", "standard")],
        Description=wanted.get("description") or None,
        KeyId=wanted.get("kms_key"),
        Tags=as_list(wanted.tags),
        Overwrite=False,
    )
    aws.created(wanted.aws_name)
    return wanted.aws_name


def _overwrite(aws: Any, found: Found, wanted: Wanted) -> None:
    # AWS keeps nothing of what was there: all of it goes with every change
    aws.call(
        "ssm",
        "put_parameter",
        Name=found.id,
        Value=_ssm.value(wanted),
        Type=_ssm.TYPES[found.attrs["type"]],
        Tier=_ssm.TIERS[wanted.get("tier", found.attrs["tier"])],
        Description=wanted.get("description", found.attrs["description"]),
        KeyId=wanted.get("kms_key", found.attrs["kms_key"]),
        Overwrite=True,
    )


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    with content_if_gone():
        aws.call("ssm", "delete_parameter", Name=found.id)


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    if add:
        aws.call("ssm", "add_tags_to_resource", ResourceType="Parameter", ResourceId=found.id, Tags=as_list(add))
    if remove:
        aws.call("ssm", "remove_tags_from_resource", ResourceType="Parameter", ResourceId=found.id, TagKeys=remove)


CHANGES = (Change(frozenset({"value", "secret_value", "value_of", "tier", "description", "kms_key"}), _overwrite),)
