"""Tags of many resources at once, for services whose lists carry none.

Source: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .._aws.tags import as_dict
from .._resource.kind import APP_TAG, Scope

TagsOf = Callable[[Any, str], Mapping[str, str]]


def tags_by_arn(aws: Any, scope: Scope, resource_type: str) -> dict[str, dict[str, str]]:
    """ARN to tags of everything of one type (``cloudwatch:alarm``) that is the app's: a hundred a page."""
    if scope.only:
        return {}
    pages = aws.pages(
        "resourcegroupstaggingapi",
        "get_resources",
        "ResourceTagMappingList",
        ResourceTypeFilters=[resource_type],
        TagFilters=[{"Key": APP_TAG, "Values": [scope.app]}],
        ResourcesPerPage=100,
    )
    return {item["ResourceARN"].removesuffix(":*"): as_dict(item["Tags"]) for item in pages}


def with_tags(
    aws: Any,
    scope: Scope,
    known: Mapping[str, Mapping[str, str]],
    items: Iterable[tuple[str, str, Any]],
    ask: TagsOf,
) -> Iterator[tuple[Any, Mapping[str, str]]]:
    """Each of ``items`` (ARN, AWS name, anything) that is in the scope, with its tags.

    ``known`` is what ``tags_by_arn`` found. That index follows what was just made a moment later, so whatever is in the
    scope by name or id and not in the index is asked for its tags by itself: ``ask(aws, arn)``.
    """
    for arn, name, item in items:
        if arn in known:
            yield item, known[arn]
        elif name in scope.names or {name, arn} & scope.ids:
            yield item, ask(aws, arn)
