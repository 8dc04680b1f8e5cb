"""ElastiCache: what it forgets of a node or a group when it is made and changed.

https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import elasticache  # type: ignore[import-not-found]

_create_cluster = elasticache._create_cache_cluster
_modify_cluster = elasticache._modify_cache_cluster
_modify_group = elasticache._modify_replication_group
_reset = elasticache._reset_cache_parameter_group
_xml = elasticache._cluster_xml_inner


def _settings(params: dict[str, Any], node: dict[str, Any]) -> None:
    for key in ("EngineVersion", "Engine", "CacheNodeType", "PreferredMaintenanceWindow", "SnapshotWindow"):
        if elasticache._p(params, key):
            node[key] = elasticache._p(params, key)
    minor = elasticache._p(params, "AutoMinorVersionUpgrade")
    if minor or "AutoMinorVersionUpgrade" not in node:
        node["AutoMinorVersionUpgrade"] = minor != "false"
    groups = elasticache._extract_configs(params, "SecurityGroupIds", ("SecurityGroupId", "member"))
    if groups:
        node["SecurityGroups"] = [{"SecurityGroupId": one, "Status": "active"} for one in groups]
    if elasticache._p(params, "CacheParameterGroupName"):
        node["CacheParameterGroup"] = {
            "CacheParameterGroupName": elasticache._p(params, "CacheParameterGroupName"),
            "ParameterApplyStatus": "in-sync",
        }


def _of_a_node(call: Any) -> Any:
    def run(params: dict[str, Any]) -> Any:
        answer = call(params)
        node = elasticache._clusters.get(elasticache._p(params, "CacheClusterId"))
        if node:
            _settings(params, node)
        return answer

    return run


def _of_a_group(params: dict[str, Any]) -> Any:
    group = elasticache._replication_groups.get(elasticache._p(params, "ReplicationGroupId"))
    answer = _modify_group(params)
    if group:
        for one in (group, *(elasticache._clusters[name] for name in group["MemberClusters"])):
            _settings(params, one)
    return answer


def _reset_all_of_it(params: dict[str, Any]) -> Any:
    """A parameter without a default of its own is unset."""
    answer = _reset(params)
    held = elasticache._param_group_params.get(elasticache._p(params, "CacheParameterGroupName"), {})
    number = 1
    while name := elasticache._p(params, f"ParameterNameValues.ParameterNameValue.{number}.ParameterName"):
        if held.get(name, {}).get("Source") == "user":
            del held[name]
        number += 1
    return answer


def _described(node: dict[str, Any]) -> str:
    text = str(_xml(node))
    minor = str(node.get("AutoMinorVersionUpgrade", True)).lower()
    return (
        text
        if "<AutoMinorVersionUpgrade>" in text
        else f"{text}<AutoMinorVersionUpgrade>{minor}</AutoMinorVersionUpgrade>"
    )


elasticache._create_cache_cluster = _of_a_node(_create_cluster)
elasticache._modify_cache_cluster = _of_a_node(_modify_cluster)
elasticache._modify_replication_group = _of_a_group
elasticache._reset_cache_parameter_group = _reset_all_of_it
elasticache._cluster_xml_inner = _described
