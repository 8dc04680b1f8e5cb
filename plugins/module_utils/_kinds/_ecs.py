"""What the kinds of ECS share.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/Welcome.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._aws.tags import as_dict, as_list
from .._resource.kind import Found

SPOT = "FARGATE_SPOT"
ON_DEMAND = "FARGATE"


def tags_of(item: Mapping[str, Any]) -> dict[str, str]:
    """ECS spells tags in small letters."""
    return as_dict(item.get("tags"), "key", "value")


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return as_list(tags, "key", "value")


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    arn = found.outputs["arn"]
    if add:
        aws.call("ecs", "tag_resource", resourceArn=arn, tags=tag_list(add))
    if remove:
        aws.call("ecs", "untag_resource", resourceArn=arn, tagKeys=remove)


def last(arn: str) -> str:
    """The name at the end of an ARN."""
    return arn.rpartition("/")[2]
