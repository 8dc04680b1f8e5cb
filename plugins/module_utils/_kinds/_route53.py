"""What the kinds of Route 53 share.

Zones and health checks cannot be tagged in the call that makes them. What shows whose they are until the tags are
there, and also when the run is cut before, is the caller reference, which every list answers:
``stairway/<app>/<name>/<run>``.

Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListTagsForResources.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import APP_TAG, NAME_TAG, Found, Wanted
from . import _names

_PER_CALL = 10
_RUN = 8
_PREFIX = "stairway/"


def caller_reference(wanted: Wanted, most: int) -> str:
    """Differs from run to run: Route 53 remembers those of deleted health checks."""
    run = hashlib.sha256(wanted.token.encode()).hexdigest()[:_RUN]
    whole = _names.joined(wanted.app, wanted.name, most - len(_PREFIX) - _RUN - 1, "/")
    return f"{_PREFIX}{whole}/{run}"


def tags_by_reference(reference: str) -> dict[str, str]:
    """The two tags of identity that a caller reference of ours stands for; none for one of somebody else."""
    parts = reference.split("/")
    if not reference.startswith(_PREFIX) or len(parts) != 4:
        return {}
    return {APP_TAG: parts[1], NAME_TAG: parts[2]}


def tags_of(aws: Any, resource_type: str, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Id to tags of those that are there. ``resource_type`` is ``hostedzone`` or ``healthcheck``."""
    result: dict[str, dict[str, str]] = {}
    for start in range(0, len(ids), _PER_CALL):
        batch = list(ids[start : start + _PER_CALL])
        answer = or_none(_ask, aws, resource_type, batch)
        # AWS answers nothing at all when one of them has just gone
        answers = [answer] if answer else [or_none(_ask, aws, resource_type, [one]) for one in batch]
        for one in answers:
            result.update(
                (item["ResourceId"], as_dict(item["Tags"])) for item in (one or {}).get("ResourceTagSets", ())
            )
    return result


def _ask(aws: Any, resource_type: str, ids: list[str]) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = aws.call(
        "route53", "list_tags_for_resources", ResourceType=resource_type, ResourceIds=ids
    )
    return answer


def set_tags(aws: Any, resource_type: str, resource_id: str, tags: Mapping[str, str]) -> None:
    aws.call(
        "route53",
        "change_tags_for_resource",
        ResourceType=resource_type,
        ResourceId=resource_id,
        AddTags=as_list(tags),
    )


def retagger(resource_type: str) -> Callable[[Any, Found, Mapping[str, str], list[str]], None]:
    """A ``retag``, which also sets the tags of identity: those of ``found`` may come from its caller reference."""

    def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
        identity = {key: found.tags[key] for key in (APP_TAG, NAME_TAG) if key in found.tags}
        if add:
            set_tags(aws, resource_type, found.id, {**identity, **add})
        if remove:
            aws.call(
                "route53",
                "change_tags_for_resource",
                ResourceType=resource_type,
                ResourceId=found.id,
                RemoveTagKeys=remove,
            )

    return retag


def or_none(ask: Callable[..., Any], *arguments: Any) -> Any:
    """What ``ask`` answers; None where AWS says that there is no such thing."""
    try:
        return ask(*arguments)
    except AwsError as error:
        if error.missing:
            return None
        raise
