"""What the kinds of Elastic Load Balancing share. Their id is the ARN; tags are asked for twenty resources at a time.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import Found, Scope

NAME_LENGTH = 32
_PER_CALL = 20

Item = Mapping[str, Any]
Tags = Mapping[str, str]


def tags_of(aws: Any, arns: Sequence[str]) -> dict[str, dict[str, str]]:
    """ARN to tags."""
    result: dict[str, dict[str, str]] = {}
    for start in range(0, len(arns), _PER_CALL):
        batch = list(arns[start : start + _PER_CALL])
        for one in aws.call("elbv2", "describe_tags", ResourceArns=batch)["TagDescriptions"]:
            result[one["ResourceArn"]] = as_dict(one["Tags"])
    return result


def named(scope: Scope, items: Iterable[Item], arn: str, name: str) -> list[Item]:
    """Those of a list that may be in the scope, before their tags are asked for: our names start with the app."""
    start = beginning(scope.app)
    return [
        item
        for item in items
        if item[arn] in scope.ids or item[name] in scope.names or (not scope.only and item[name].startswith(start))
    ]


def beginning(app: str) -> tuple[str, ...]:
    """What the names of all of an app's resources start with, shortened ones too."""
    return f"{app}-"[:12], f"lb-{app}-"[:12]


def with_tags(
    aws: Any, scope: Scope, items: Sequence[Item], arn: str, to_found: Callable[[Item, Tags], Found]
) -> Iterator[Found]:
    """Those of ``items`` that are in the scope."""
    tags = tags_of(aws, [item[arn] for item in items])
    return (found for item in items if scope.wants(found := to_found(item, tags.get(item[arn], {}))))


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    if add:
        aws.call("elbv2", "add_tags", ResourceArns=[found.id], Tags=as_list(add))
    if remove:
        aws.call("elbv2", "remove_tags", ResourceArns=[found.id], TagKeys=remove)


def attributes(answer: Mapping[str, Any]) -> dict[str, str]:
    """Key to value, as AWS answers attributes of load balancers and target groups."""
    return as_dict(answer["Attributes"])


def none_if_missing(ask: Callable[[], list[Item]]) -> list[Item]:
    """What ``ask`` answers; nothing where AWS says that it does not know one."""
    try:
        return ask()
    except AwsError as error:
        if error.missing:
            return []
        raise
