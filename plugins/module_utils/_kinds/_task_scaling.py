"""How the number of a service's tasks follows the load: Application Auto Scaling.

Source: https://docs.aws.amazon.com/autoscaling/application/userguide/services-that-can-integrate-ecs.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._gone import unless_gone

SERVICE = "ecs"
DIMENSION = "ecs:service:DesiredCount"
METRICS = {
    "cpu_percent": "ECSServiceAverageCPUUtilization",
    "memory_percent": "ECSServiceAverageMemoryUtilization",
    "requests": "ALBRequestCountPerTarget",
}


# -- pure -------------------------------------------------------------------------------------------------------------


def resource_id(cluster: str, service: str) -> str:
    return f"service/{cluster}/{service}"


def policies(scaling: Mapping[str, Any], service: str) -> dict[str, dict[str, Any]]:
    """Policy name to its configuration."""
    result = {}
    for field, metric in METRICS.items():
        wanted = scaling.get(field)
        if wanted is None:
            continue
        specification = {"PredefinedMetricType": metric}
        if field == "requests":
            specification["ResourceLabel"] = f"{wanted['load_balancer']}/{wanted['target_group']}"
        result[f"{service}-{field.partition('_')[0]}"] = {
            "TargetValue": float(wanted["per_minute"] if field == "requests" else wanted),
            "PredefinedMetricSpecification": specification,
            "ScaleOutCooldown": int(scaling.get("out_seconds", 60)),
            "ScaleInCooldown": int(scaling.get("in_seconds", 300)),
        }
    return result


def words(target: Mapping[str, Any] | None, found: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The way back; {} for a service that does not scale."""
    if target is None:
        return {}
    result: dict[str, Any] = {"least": target["MinCapacity"], "most": target["MaxCapacity"]}
    for policy in found:
        configuration = policy.get("TargetTrackingScalingPolicyConfiguration") or {}
        specification = configuration.get("PredefinedMetricSpecification") or {}
        field = next((k for k, v in METRICS.items() if v == specification.get("PredefinedMetricType")), None)
        if field is None:
            continue
        value: Any = configuration["TargetValue"]
        if field == "requests":
            balancer, _slash, group = specification.get("ResourceLabel", "").partition("/targetgroup/")
            value = {"per_minute": value, "load_balancer": balancer, "target_group": f"targetgroup/{group}"}
        result[field] = value
        result["out_seconds"] = configuration.get("ScaleOutCooldown", 60)
        result["in_seconds"] = configuration.get("ScaleInCooldown", 300)
    return result


# -- calls ------------------------------------------------------------------------------------------------------------


def found_for(aws: Any, resources: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What scales, for services by their resource ids: fifty targets a call, and the policies of those in pages."""
    some = sorted(resources)
    targets: dict[str, Any] = {}
    for start in range(0, len(some), 50):
        pages = aws.pages(
            "application-autoscaling",
            "describe_scalable_targets",
            "ScalableTargets",
            ServiceNamespace=SERVICE,
            ResourceIds=some[start : start + 50],
            ScalableDimension=DIMENSION,
        )
        targets.update({one["ResourceId"]: one for one in pages})
    result = {}
    for resource, target in targets.items():
        listed = aws.pages(
            "application-autoscaling",
            "describe_scaling_policies",
            "ScalingPolicies",
            ServiceNamespace=SERVICE,
            ResourceId=resource,
            ScalableDimension=DIMENSION,
        )
        own = list(listed)
        result[resource] = {"scaling": words(target, own), "policies": [one["PolicyName"] for one in own]}
    return result


def put(aws: Any, resource: str, service: str, scaling: Mapping[str, Any], there: Iterable[str]) -> None:
    """Scales like this from now on; not at all for {}."""
    if not scaling:
        remove(aws, resource)
        return
    about = {"ServiceNamespace": SERVICE, "ResourceId": resource, "ScalableDimension": DIMENSION}
    aws.call(
        "application-autoscaling",
        "register_scalable_target",
        MinCapacity=int(scaling["least"]),
        MaxCapacity=int(scaling["most"]),
        **about,
    )
    wanted = policies(scaling, service)
    for name, configuration in wanted.items():
        aws.call(
            "application-autoscaling",
            "put_scaling_policy",
            PolicyName=name,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=configuration,
            **about,
        )
    for name in sorted(set(there) - set(wanted)):
        unless_gone(aws, "application-autoscaling", "delete_scaling_policy", PolicyName=name, **about)


def remove(aws: Any, resource: str) -> None:
    """The target goes with its policies and their alarms."""
    unless_gone(
        aws,
        "application-autoscaling",
        "deregister_scalable_target",
        ServiceNamespace=SERVICE,
        ResourceId=resource,
        ScalableDimension=DIMENSION,
    )
