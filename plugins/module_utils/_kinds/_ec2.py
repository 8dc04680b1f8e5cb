"""What the kinds of EC2 share: how its resources are found, tagged and named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import APP_TAG, Found, Scope

Describer = Callable[[Any, Scope], Iterator[Found]]


def describer(operation: str, key: str, id_filter: str, to_found: Callable[[Mapping[str, Any]], Found]) -> Describer:
    """A ``describe`` for everything that EC2 filters by tag: one paged call for the app's own, one for ids.

    ``id_filter`` is EC2's name of the filter for ids (``vpc-id``). A filter answers nothing for an id that does not
    exist, where the parameter of ids would fail.
    """

    def describe(aws: Any, scope: Scope) -> Iterator[Found]:
        seen: set[str] = set()
        for filters in filters_of(scope, id_filter):
            for item in aws.pages("ec2", operation, key, Filters=filters):
                found = to_found(item)
                if found.id not in seen:
                    seen.add(found.id)
                    yield found

    return describe


def filters_of(scope: Scope, id_filter: str, name_filter: str | None = None) -> Iterator[list[dict[str, Any]]]:
    """EC2's filters, one list for each call: the app's own, those with an id of the scope, those with a name of it.
    ``name_filter`` is for what EC2 names (``key-name``).
    """
    if not scope.only:
        yield [{"Name": f"tag:{APP_TAG}", "Values": [scope.app]}]
    if scope.ids:
        yield [{"Name": id_filter, "Values": sorted(scope.ids)}]
    if scope.names and name_filter and not (scope.only and scope.ids):
        yield [{"Name": name_filter, "Values": sorted(scope.names)}]


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    """Tags of whatever has an EC2 id."""
    if add:
        aws.call("ec2", "create_tags", Resources=[found.id], Tags=as_list(add))
    if remove:
        aws.call("ec2", "delete_tags", Resources=[found.id], Tags=[{"Key": key} for key in remove])


def tags_of(item: Mapping[str, Any]) -> dict[str, str]:
    return as_dict(item.get("Tags"))


def gone_is_fine(aws: Any, operation: str, **parameters: Any) -> None:
    """A deletion that is content when there is nothing left to delete: the run before got that far."""
    try:
        aws.call("ec2", operation, **parameters)
    except AwsError as error:
        if not error.missing:
            raise


def raise_unsuccessful(aws: Any, call: str, unsuccessful: Iterable[Mapping[str, Any]] | None) -> None:
    """The error of an operation on several that answers 200 and tells its failures one by one."""
    for item in unsuccessful or ():
        error = item.get("Error") or {}
        refused = AwsError(call, str(error.get("Code", "")), str(error.get("Message", "")), region=aws.region)
        if not refused.missing:
            raise refused
