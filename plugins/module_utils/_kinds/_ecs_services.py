"""The calls of ``ecs_service``.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._resource.kind import Found, Scope, State, Wanted
from . import _ecs, _task_scaling
from ._gone import unless_gone

_STATES: Mapping[str, State] = {"ACTIVE": "ready", "DRAINING": "deleting"}


# -- pure -------------------------------------------------------------------------------------------------------------


def to_found(item: Mapping[str, Any], scaling: Mapping[str, Any] | None) -> Found:
    network = (item.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    deployment = item.get("deploymentConfiguration") or {}
    breaker = deployment.get("deploymentCircuitBreaker") or {}
    strategy = [one["capacityProvider"] for one in item.get("capacityProviderStrategy") or []]
    return Found(
        kind="ecs_service",
        id=item["serviceArn"],
        attrs={
            "cluster": _ecs.last(item["clusterArn"]),
            "task_definition": item["taskDefinition"],
            "count": item["desiredCount"],
            "subnets": list(network.get("subnets") or []),
            "security_groups": list(network.get("securityGroups") or []),
            "public_ips": network.get("assignPublicIp") == "ENABLED",
            "targets": [
                {"target_group": one["targetGroupArn"], "container": one["containerName"], "port": one["containerPort"]}
                for one in item.get("loadBalancers") or []
            ],
            "circuit_breaker": bool(breaker.get("enable") and breaker.get("rollback")),
            "minimum_healthy_percent": deployment.get("minimumHealthyPercent", 100),
            "maximum_percent": deployment.get("maximumPercent", 200),
            # without a load balancer it means nothing, whatever it was before
            "grace_seconds": (item.get("healthCheckGracePeriodSeconds") or 0) if item.get("loadBalancers") else 0,
            "spot": _ecs.SPOT in strategy,
            "exec": bool(item.get("enableExecuteCommand")),
            "scaling": (scaling or {}).get("scaling") or {},
        },
        tags=_ecs.tags_of(item),
        aws_name=item["serviceName"],
        state=_STATES.get(item["status"], "ready"),
        outputs={"arn": item["serviceArn"]},
        detail={"policies": (scaling or {}).get("policies") or [], "scales": scaling is not None},
    )


def count_fits(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """With scaling the number of tasks is the load's business, within the limits."""
    scaling: Any = found.get("scaling") if wanted.get("scaling") is None else wanted["scaling"]
    return bool(scaling) and scaling["least"] <= found["count"] <= scaling["most"]


def settings(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """What creating and changing a service have in common."""
    breaker = bool(attrs["circuit_breaker"])
    provider = _ecs.SPOT if attrs["spot"] else _ecs.ON_DEMAND
    return {
        "taskDefinition": attrs["task_definition"],
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": list(attrs["subnets"]),
                "securityGroups": list(attrs["security_groups"]),
                "assignPublicIp": "ENABLED" if attrs["public_ips"] else "DISABLED",
            }
        },
        "loadBalancers": [
            {
                "targetGroupArn": one["target_group"],
                "containerName": one["container"],
                "containerPort": int(one["port"]),
            }
            for one in attrs["targets"]
        ],
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": breaker, "rollback": breaker},
            "minimumHealthyPercent": int(attrs["minimum_healthy_percent"]),
            "maximumPercent": int(attrs["maximum_percent"]),
        },
        # ECS refuses it for a service without a load balancer
        "healthCheckGracePeriodSeconds": int(attrs["grace_seconds"]) if attrs["targets"] else None,
        "capacityProviderStrategy": [{"capacityProvider": provider, "weight": 1}],
        "enableExecuteCommand": bool(attrs["exec"]),
    }


# -- describe ---------------------------------------------------------------------------------------------------------


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """Services are listed cluster by cluster, and come ten at a time with everything; the app has few clusters."""
    items = list(_items(aws, scope))
    resources = [_resource(item) for item in items]
    scaling = _task_scaling.found_for(aws, resources) if items else {}
    for item, resource in zip(items, resources, strict=True):
        yield to_found(item, scaling.get(resource))


def _items(aws: Any, scope: Scope) -> Iterator[Mapping[str, Any]]:
    for cluster, names in sorted(_asked(aws, scope).items()):
        some = sorted(names)
        for start in range(0, len(some), 10):
            answer = _described(aws, cluster, some[start : start + 10])
            for item in answer.get("services", []):
                # a deleted one is described for a while longer
                if item["status"] != "INACTIVE" and scope.wants(to_found(item, None)):
                    yield item


def _asked(aws: Any, scope: Scope) -> dict[str, set[str]]:
    """Cluster to names of services."""
    asked: dict[str, set[str]] = {}
    for arn in scope.ids:
        if arn.startswith("arn:"):
            _start, cluster, name = arn.rsplit("/", 2)
            asked.setdefault(cluster, set()).add(name)
    clusters = {one.id for one in scope.parents.get("ecs_cluster", ())}
    for cluster in clusters:
        if scope.only:
            asked.setdefault(cluster, set()).update(scope.names)
        else:
            asked.setdefault(cluster, set()).update(_listed(aws, cluster))
    return asked


def _listed(aws: Any, cluster: str) -> set[str]:
    try:
        return {
            _ecs.last(arn) for arn in aws.pages("ecs", "list_services", "serviceArns", cluster=cluster, maxResults=100)
        }
    except AwsError as error:
        if error.missing:
            return set()
        raise


def _described(aws: Any, cluster: str, names: list[str]) -> Mapping[str, Any]:
    try:
        answer: Mapping[str, Any] = aws.call(
            "ecs", "describe_services", cluster=cluster, services=names, include=["TAGS"]
        )
    except AwsError as error:
        if error.missing:
            return {}
        raise
    return answer


def _resource(item: Mapping[str, Any]) -> str:
    return _task_scaling.resource_id(_ecs.last(item["clusterArn"]), item["serviceName"])


# -- create, change, delete -------------------------------------------------------------------------------------------


def create(aws: Any, wanted: Wanted) -> str:
    cluster = wanted.attrs["cluster"]
    answer = aws.call(
        "ecs",
        "create_service",
        cluster=cluster,
        serviceName=wanted.aws_name,
        desiredCount=int(wanted.attrs["count"]),
        clientToken=hashlib.sha256(wanted.token.encode()).hexdigest()[:32],
        propagateTags="SERVICE",
        enableECSManagedTags=True,
        tags=_ecs.tag_list(wanted.tags),
        **settings(wanted.attrs),
    )
    arn: str = answer["service"]["serviceArn"]
    resource = _task_scaling.resource_id(_ecs.last(cluster), wanted.aws_name)
    aws.created(arn, wanted.aws_name, resource)
    if wanted.get("scaling"):
        _task_scaling.put(aws, resource, wanted.aws_name, wanted.attrs["scaling"], [])
    return arn


def change(aws: Any, found: Found, wanted: Wanted) -> None:
    given = {key: value for key, value in wanted.attrs.items() if value is not None}
    attrs = {**found.attrs, **given}
    moved = attrs["spot"] != found.attrs["spot"]
    aws.call(
        "ecs",
        "update_service",
        cluster=found.attrs["cluster"],
        service=found.aws_name,
        # what runs moves to the other provider only with a new deployment
        forceNewDeployment=True if moved else None,
        **settings(attrs),
    )


def change_count(aws: Any, found: Found, wanted: Wanted) -> None:
    count = int(wanted.attrs["count"])
    aws.call("ecs", "update_service", cluster=found.attrs["cluster"], service=found.aws_name, desiredCount=count)


def change_scaling(aws: Any, found: Found, wanted: Wanted) -> None:
    resource = _task_scaling.resource_id(found.attrs["cluster"], str(found.aws_name))
    _task_scaling.put(aws, resource, str(found.aws_name), wanted.attrs["scaling"], found.detail["policies"])


def delete(aws: Any, found: Found) -> None:
    """Scaling first, as it would start tasks again; the service goes with its tasks."""
    cluster, name = found.attrs["cluster"], str(found.aws_name)
    resource = _task_scaling.resource_id(cluster, name)
    named = {"cluster": cluster, "service": name}
    aws.deleted(found.id, name, resource)
    if found.detail["scales"]:
        _task_scaling.remove(aws, resource)
    try:
        unless_gone(aws, "ecs", "delete_service", **named, force=True)
    except AwsError as error:
        if error.code != "ServiceNotActiveException":
            raise
