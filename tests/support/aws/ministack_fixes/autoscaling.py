"""Auto Scaling: what MiniStack does not keep of a group, and calls that it lacks.

Sources: API_CreateAutoScalingGroup, API_UpdateAutoScalingGroup, API_AttachLoadBalancerTargetGroups and
API_EnableMetricsCollection of https://docs.aws.amazon.com/autoscaling/ec2/APIReference/
"""

from __future__ import annotations

import re
from typing import Any

from ministack.services import autoscaling as asg  # type: ignore[import-not-found]

Params = dict[str, Any]
_create = asg._ACTION_MAP["CreateAutoScalingGroup"]
_update = asg._ACTION_MAP["UpdateAutoScalingGroup"]
_describe = asg._ACTION_MAP["DescribeAutoScalingGroups"]
_delete = asg._ACTION_MAP["DeleteAutoScalingGroup"]
_put_policy = asg._ACTION_MAP["PutScalingPolicy"]
_NUMBERS = ("DefaultInstanceWarmup", "MaxInstanceLifetime")
_POLICY = ("MinHealthyPercentage", "MaxHealthyPercentage")


def _remember(params: Params) -> None:
    group = asg._asgs.get(asg._p(params, "AutoScalingGroupName"))
    if group is None:
        return
    for name in _NUMBERS:
        if asg._p(params, name):
            group[name] = int(asg._p(params, name))
    for name in _POLICY:
        if asg._p(params, f"InstanceMaintenancePolicy.{name}"):
            group.setdefault("Maintenance", {})[name] = asg._p(params, f"InstanceMaintenancePolicy.{name}")
    group["HealthCheckGracePeriod"] = int(asg._p(params, "HealthCheckGracePeriod") or group["HealthCheckGracePeriod"])
    policies = asg._parse_member_list(params, "TerminationPolicies")
    group["TerminationPolicies"] = policies or group["TerminationPolicies"]
    if asg._p(params, "NewInstancesProtectedFromScaleIn"):
        group["NewInstancesProtectedFromScaleIn"] = asg._p(params, "NewInstancesProtectedFromScaleIn") == "true"
    if asg._p(params, "LaunchTemplate.LaunchTemplateId"):
        version = asg._p(params, "LaunchTemplate.Version") or "$Default"
        template = asg._p(params, "LaunchTemplate.LaunchTemplateId")
        group["LaunchTemplate"] = {"LaunchTemplateId": template, "LaunchTemplateName": template, "Version": version}


def _create_group(params: Params) -> Any:
    answer = _create(params)
    if answer[0] != 200:
        return answer
    _remember(params)
    group = asg._asgs[asg._p(params, "AutoScalingGroupName")]
    group["TargetGroupARNs"] = asg._parse_member_list(params, "TargetGroupARNs")
    index = 1
    while name := asg._p(params, f"LifecycleHookSpecificationList.member.{index}.LifecycleHookName"):
        prefix = f"LifecycleHookSpecificationList.member.{index}."
        fields = {key.removeprefix(prefix): asg._p(params, key) for key in params if key.startswith(prefix)}
        key = f"{group['AutoScalingGroupName']}/{name}"
        asg._hooks[key] = asg._hook_record(group["AutoScalingGroupName"], name, fields)
        index += 1
    return answer


def _update_group(params: Params) -> Any:
    group = asg._asgs.get(asg._p(params, "AutoScalingGroupName"), {})
    low = asg._p(params, "MinSize")
    if low and not asg._p(params, "DesiredCapacity"):
        high = int(asg._p(params, "MaxSize") or group["MaxSize"])
        params = {**params, "DesiredCapacity": str(min(max(int(low), group["DesiredCapacity"]), high))}
    answer = _update(params)
    _remember(params)
    return answer


def _delete_group(params: Params) -> Any:
    name = asg._p(params, "AutoScalingGroupName")
    for key in [key for key, one in asg._scheduled_actions.items() if one["AutoScalingGroupName"] == name]:
        asg._scheduled_actions.pop(key, None)
    return _delete(params)


def _put(params: Params) -> Any:
    """A policy that is put again as another type keeps nothing of the old one."""
    key = f"{asg._p(params, 'AutoScalingGroupName')}/{asg._p(params, 'PolicyName')}"
    asg._delete_policy_alarms(asg._policies.get(key))
    return _put_policy(params)


# -- describing ------------------------------------------------------------------------------------------------------

_GROUP = re.compile(r"<member><AutoScalingGroupName>([^<]+)</AutoScalingGroupName><AutoScalingGroupARN>")


def _describe_groups(params: Params) -> Any:
    names = [name for name, group in asg._asgs.items() if _wanted(group, params)]
    if not names:
        empty = "<DescribeAutoScalingGroupsResult><AutoScalingGroups/></DescribeAutoScalingGroupsResult>"
        return asg._xml(200, "DescribeAutoScalingGroupsResponse", empty)
    only = {f"AutoScalingGroupNames.member.{index}": name for index, name in enumerate(names, 1)}
    status, headers, body = _describe(only)
    return status, headers, _GROUP.sub(lambda found: _more(found), body.decode()).encode()


def _wanted(group: dict[str, Any], params: Params) -> bool:
    names = asg._parse_member_list(params, "AutoScalingGroupNames")
    if names and group["AutoScalingGroupName"] not in names:
        return False
    tags = {one["Key"]: one["Value"] for one in group["Tags"]}
    index = 1
    while name := asg._p(params, f"Filters.member.{index}.Name"):
        values = asg._parse_member_list(params, f"Filters.member.{index}.Values")
        if name.startswith("tag:") and tags.get(name.removeprefix("tag:")) not in values:
            return False
        index += 1
    return True


def _more(found: re.Match[str]) -> str:
    group = asg._asgs[found[1]]
    targets = "".join(f"<member>{one}</member>" for one in group.get("TargetGroupARNs", []))
    metrics = "".join(
        f"<member><Metric>{one}</Metric><Granularity>1Minute</Granularity></member>" for one in group.get("Metrics", [])
    )
    numbers = "".join(f"<{name}>{group[name]}</{name}>" for name in _NUMBERS if name in group)
    policy = "".join(f"<{name}>{value}</{name}>" for name, value in group.get("Maintenance", {}).items())
    more = f"<TargetGroupARNs>{targets}</TargetGroupARNs><EnabledMetrics>{metrics}</EnabledMetrics>{numbers}"
    more += f"<InstanceMaintenancePolicy>{policy}</InstanceMaintenancePolicy>" if policy else ""
    return found[0].replace("<member>", f"<member>{more}", 1)


# -- lists of a group ------------------------------------------------------------------------------------------------


def _list(action: str, member: str, key: str, *, add: bool) -> Any:
    def change(params: Params) -> Any:
        group = asg._asgs[asg._p(params, "AutoScalingGroupName")]
        named = asg._parse_member_list(params, member)
        there = group.get(key, [])
        group[key] = [*there, *(n for n in named if n not in there)] if add else [n for n in there if n not in named]
        return asg._xml(200, f"{action}Response", f"<{action}Result/>")

    return change


asg._ACTION_MAP.update(
    CreateAutoScalingGroup=_create_group,
    UpdateAutoScalingGroup=_update_group,
    DeleteAutoScalingGroup=_delete_group,
    DescribeAutoScalingGroups=_describe_groups,
    PutScalingPolicy=_put,
    AttachLoadBalancerTargetGroups=_list(
        "AttachLoadBalancerTargetGroups", "TargetGroupARNs", "TargetGroupARNs", add=True
    ),
    DetachLoadBalancerTargetGroups=_list(
        "DetachLoadBalancerTargetGroups", "TargetGroupARNs", "TargetGroupARNs", add=False
    ),
    EnableMetricsCollection=_list("EnableMetricsCollection", "Metrics", "Metrics", add=True),
    DisableMetricsCollection=_list("DisableMetricsCollection", "Metrics", "Metrics", add=False),
)
