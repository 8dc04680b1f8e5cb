"""``ecs_cluster``: where containers run without servers of one's own.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._resource.kind import Change, Field, Found, Kind, Scope, State, Wanted
from .._resource.types import Choice, Flag
from . import _ecs
from ._names import namer

INSIGHTS = "containerInsights"
_STATES: Mapping[str, State] = {
    "ACTIVE": "ready",
    "PROVISIONING": "pending",
    "DEPROVISIONING": "deleting",
    "FAILED": "failed",
}


def to_found(item: Mapping[str, Any]) -> Found:
    settings = {one["name"]: one["value"] for one in item.get("settings") or []}
    return Found(
        kind="ecs_cluster",
        id=item["clusterName"],
        attrs={
            "insights": settings.get(INSIGHTS, "disabled"),
            "spot": _ecs.SPOT in (item.get("capacityProviders") or []),
        },
        tags=_ecs.tags_of(item),
        aws_name=item["clusterName"],
        state=_STATES.get(item["status"], "ready"),
        outputs={"arn": item["clusterArn"]},
    )


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """A list of names, and a hundred of them at a time with everything."""
    names = set(scope.names | scope.ids)
    if not scope.only:
        arns = aws.pages("ecs", "list_clusters", "clusterArns", maxResults=100)
        listed = {_ecs.last(arn) for arn in arns}
        names = {one for one in listed if one in names or one.startswith(f"{scope.app}-")}
    some = sorted(names)
    for start in range(0, len(some), 100):
        answer = aws.call("ecs", "describe_clusters", clusters=some[start : start + 100], include=["TAGS", "SETTINGS"])
        for item in answer["clusters"]:
            # a deleted one is described for a while longer
            if item["status"] != "INACTIVE" and scope.wants(found := to_found(item)):
                yield found


def _settings(wanted: Wanted) -> list[dict[str, str]]:
    return [{"name": INSIGHTS, "value": wanted.attrs["insights"]}]


def _providers(wanted: Wanted) -> list[str]:
    return [_ecs.ON_DEMAND, _ecs.SPOT] if wanted.attrs["spot"] else [_ecs.ON_DEMAND]


def create(aws: Any, wanted: Wanted) -> str:
    answer = aws.call(
        "ecs",
        "create_cluster",
        clusterName=wanted.aws_name,
        settings=_settings(wanted),
        capacityProviders=_providers(wanted),
        tags=_ecs.tag_list(wanted.tags),
    )
    aws.created(wanted.aws_name, answer["cluster"]["clusterArn"])
    return wanted.aws_name


def change_insights(aws: Any, found: Found, wanted: Wanted) -> None:
    aws.call("ecs", "update_cluster", cluster=found.id, settings=_settings(wanted))


def change_spot(aws: Any, found: Found, wanted: Wanted) -> None:
    aws.call(
        "ecs",
        "put_cluster_capacity_providers",
        cluster=found.id,
        capacityProviders=_providers(wanted),
        defaultCapacityProviderStrategy=[],
    )


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id, found.outputs["arn"])
    try:
        aws.call("ecs", "delete_cluster", cluster=found.id)
    except AwsError as error:
        if not error.missing:
            raise


KIND = Kind(
    name="ecs_cluster",
    doc="Where containers run without servers of one's own (ECS on Fargate).",
    fields={
        "insights": Field(
            Choice(("disabled", "enabled", "enhanced")),
            "Container Insights: more metrics, for a price.",
            default="disabled",
        ),
        "spot": Field(Flag(), "Whether its services may use Fargate Spot.", default=True),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=_ecs.retag,
    changes=(Change(frozenset({"insights"}), change_insights), Change(frozenset({"spot"}), change_spot)),
    outputs={"arn": "Its ARN."},
    aws_name=namer(255),
    seconds=5,
)
