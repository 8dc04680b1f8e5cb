"""ElastiCache: parameter groups, the nodes of replication groups, and every call that changes something.

https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import inspect
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.exceptions import CacheClusterNotFound, CacheSubnetGroupNotFound, ElastiCacheException
from moto.elasticache.models import CacheCluster, CacheSubnetGroup, ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse

_new_cluster = CacheCluster.__init__
_create_group = ElastiCacheBackend.create_replication_group
_delete_cluster = ElastiCacheBackend.delete_cache_cluster
_delete_group = ElastiCacheBackend.delete_replication_group


def new_cluster(self: Any, *arguments: Any, **named: Any) -> None:
    """A node has an endpoint, security groups and a parameter group."""
    _new_cluster(self, *arguments, **named)
    name = self.cache_cluster_id
    endpoint = {"Address": f"{name}.abc123.0001.apn2.cache.amazonaws.com", "Port": self.port}
    self.cache_nodes = [{"CacheNodeId": "0001", "CacheNodeStatus": "available", "Endpoint": endpoint}]
    self.auto_minor_version_upgrade = _flag(self.auto_minor_version_upgrade, True)
    _set_groups(self, self.security_group_ids)
    _set_parameter_group(self, self.cache_parameter_group_name or f"default.{self.engine}7")


def _flag(value: Any, default: bool) -> bool:
    return default if value is None else str(value).lower() == "true"


def _set_groups(cluster: Any, ids: list[str]) -> None:
    cluster.security_groups = [{"SecurityGroupId": one, "Status": "active"} for one in ids]
    cluster.cache_security_groups = []


def _set_parameter_group(cluster: Any, name: str) -> None:
    cluster.cache_parameter_group = {"CacheParameterGroupName": name, "ParameterApplyStatus": "in-sync"}


# -- replication groups -----------------------------------------------------------------------------------------------


def create_group(self: ElastiCacheBackend, *arguments: Any, **named: Any) -> Any:
    group = _create_group(self, *arguments, **named)
    nodes = named.get("num_cache_clusters") or 1
    replicas = named.get("replicas_per_node_group") or nodes - 1
    group.auto_minor_version_upgrade = _flag(group.auto_minor_version_upgrade, True)
    _lay_out(self, group, named.get("num_node_groups") or 1, replicas)
    return group


def _lay_out(backend: ElastiCacheBackend, group: Any, shards: int, replicas: int) -> None:
    """Shards with their nodes, each of which DescribeCacheClusters answers too."""
    cluster = group.cluster_mode == "enabled"
    domain = f"{group.replication_group_id}.abc123.apn2.cache.amazonaws.com"
    group.node_groups = []
    for shard in range(1, shards + 1):
        stem = f"{group.replication_group_id}-{shard:04d}" if cluster else group.replication_group_id
        members = [{"CacheClusterId": f"{stem}-{one:03d}", "CacheNodeId": "0001"} for one in range(1, replicas + 2)]
        made: dict[str, Any] = {"NodeGroupId": f"{shard:04d}", "Status": "available", "NodeGroupMembers": members}
        if not cluster:
            made["PrimaryEndpoint"] = {"Address": f"master.{domain}", "Port": int(group.port)}
            made["ReaderEndpoint"] = {"Address": f"replica.{domain}", "Port": int(group.port)}
        group.node_groups.append(made)
    if cluster:
        group.configuration_endpoint = {"Address": f"clustercfg.{domain}", "Port": int(group.port)}
    group.member_clusters = [one["CacheClusterId"] for made in group.node_groups for one in made["NodeGroupMembers"]]
    for name, node in list(backend.cache_clusters.items()):
        if (
            getattr(node, "replication_group_id", None) == group.replication_group_id
            and name not in group.member_clusters
        ):
            del backend.cache_clusters[name]
    for name in group.member_clusters:
        if name not in backend.cache_clusters:
            backend.cache_clusters[name] = _member(backend, group, name)


def _member(backend: ElastiCacheBackend, group: Any, name: str) -> CacheCluster:
    given = {key: None for key in inspect.signature(_new_cluster).parameters if key != "self"}
    shared = {key: getattr(group, key, None) for key in given if hasattr(group, key)}
    node = CacheCluster(
        **{**given, **shared, "account_id": backend.account_id, "region_name": backend.region_name, "tags": None,
           "cache_cluster_id": name, "security_group_ids": group.security_group_ids}
    )  # fmt: skip
    node.replication_group_id = group.replication_group_id
    return node


def _group(response: ElastiCacheResponse) -> Any:
    name = response._get_param("ReplicationGroupId")
    return response.elasticache_backend.describe_replication_groups(replication_group_id=name)[0]


def _modify_node(response: ElastiCacheResponse, node: Any) -> None:
    for parameter, attribute in (
        ("CacheNodeType", "cache_node_type"),
        ("Engine", "engine"),
        ("EngineVersion", "engine_version"),
        ("SnapshotWindow", "snapshot_window"),
        ("PreferredMaintenanceWindow", "preferred_maintenance_window"),
    ):
        if response._get_param(parameter):
            setattr(node, attribute, response._get_param(parameter))
    if response._get_int_param("SnapshotRetentionLimit") is not None:
        node.snapshot_retention_limit = response._get_int_param("SnapshotRetentionLimit")
    if response._get_param("AutoMinorVersionUpgrade") is not None:
        node.auto_minor_version_upgrade = response._get_bool_param("AutoMinorVersionUpgrade")
    if response._get_param("SecurityGroupIds"):
        _set_groups(node, response._get_param("SecurityGroupIds"))
    if response._get_param("CacheParameterGroupName"):
        _set_parameter_group(node, response._get_param("CacheParameterGroupName"))


def modify_group(self: ElastiCacheResponse) -> ActionResult:
    group = _group(self)
    for one in (group, *(self.elasticache_backend.cache_clusters[name] for name in group.member_clusters)):
        _modify_node(self, one)
    for parameter, attribute in (("AutomaticFailoverEnabled", "automatic_failover"), ("MultiAZEnabled", "multi_az")):
        value = self._get_bool_param(parameter)
        if value is not None:
            setattr(group, attribute, "enabled" if value else "disabled")
    if self._get_param("AuthToken"):
        group.auth_token_enabled = True
    return ActionResult({"ReplicationGroup": group})


def modify_cluster(self: ElastiCacheResponse) -> ActionResult:
    node = self.elasticache_backend.describe_cache_clusters(cache_cluster_id=self._get_param("CacheClusterId"))[0]
    _modify_node(self, node)
    return ActionResult({"CacheCluster": node})


def set_replicas(self: ElastiCacheResponse) -> ActionResult:
    group = _group(self)
    _lay_out(self.elasticache_backend, group, len(group.node_groups), self._get_int_param("NewReplicaCount"))
    return ActionResult({"ReplicationGroup": group})


def set_shards(self: ElastiCacheResponse) -> ActionResult:
    group = _group(self)
    replicas = len(group.node_groups[0]["NodeGroupMembers"]) - 1
    _lay_out(self.elasticache_backend, group, self._get_int_param("NodeGroupCount"), replicas)
    return ActionResult({"ReplicationGroup": group})


# -- the end of things: moto says «deleting» for ever -----------------------------------------------------------------


def delete_cluster(self: ElastiCacheBackend, cache_cluster_id: str) -> CacheCluster:
    node = _delete_cluster(self, cache_cluster_id)
    if self.cache_clusters.pop(cache_cluster_id, None) is None:
        raise CacheClusterNotFound(cache_cluster_id)
    return node


def delete_group(self: ElastiCacheBackend, replication_group_id: str, retain_primary_cluster: bool | None) -> Any:
    group = _delete_group(self, replication_group_id, retain_primary_cluster)
    for name in [
        n
        for n, one in self.cache_clusters.items()
        if getattr(one, "replication_group_id", None) == replication_group_id
    ]:
        del self.cache_clusters[name]
    del self.replication_groups[replication_group_id]
    return group


# -- subnet groups ----------------------------------------------------------------------------------------------------


def modify_subnet_group(self: ElastiCacheResponse) -> ActionResult:
    backend, name = self.elasticache_backend, self._get_param("CacheSubnetGroupName")
    old = backend.describe_cache_subnet_groups(name)[0]
    group = CacheSubnetGroup(
        backend.account_id, backend.region_name, name, old.cache_subnet_group_description,
        self._get_param("SubnetIds") or old.subnet_ids, old.tags,
    )  # fmt: skip
    backend.cache_subnet_groups[name] = group
    return ActionResult({"CacheSubnetGroup": group})


def delete_subnet_group(self: ElastiCacheResponse) -> EmptyResult:
    name = self._get_param("CacheSubnetGroupName")
    if self.elasticache_backend.cache_subnet_groups.pop(name, None) is None:
        raise CacheSubnetGroupNotFound(name)
    return EmptyResult()


# -- parameter groups -------------------------------------------------------------------------------------------------


def _parameter_groups(response: ElastiCacheResponse) -> dict[str, dict[str, Any]]:
    held: dict[str, dict[str, Any]] = response.elasticache_backend.__dict__.setdefault("parameter_groups", {})
    return held


def _parameter_group(response: ElastiCacheResponse) -> dict[str, Any]:
    name = response._get_param("CacheParameterGroupName")
    if name not in _parameter_groups(response):
        raise ElastiCacheException("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return _parameter_groups(response)[name]


def create_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    name = self._get_param("CacheParameterGroupName")
    if name in _parameter_groups(self):
        raise ElastiCacheException("CacheParameterGroupAlreadyExists", f"Parameter group {name} already exists")
    group = {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": self._get_param("CacheParameterGroupFamily"),
        "Description": self._get_param("Description"),
    }
    _parameter_groups(self)[name] = {**group, "parameters": {}}
    return ActionResult({"CacheParameterGroup": group})


def describe_parameter_groups(self: ElastiCacheResponse) -> ActionResult:
    name = self._get_param("CacheParameterGroupName")
    groups = [_parameter_group(self)] if name else list(_parameter_groups(self).values())
    return ActionResult({"CacheParameterGroups": groups})


def describe_parameters(self: ElastiCacheResponse) -> ActionResult:
    listed = [
        {"ParameterName": name, "ParameterValue": value, "Source": "user"}
        for name, value in _parameter_group(self)["parameters"].items()
    ]
    return ActionResult({"Parameters": listed})


def modify_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    for one in self._get_param("ParameterNameValues", []):
        _parameter_group(self)["parameters"][one["ParameterName"]] = one["ParameterValue"]
    return ActionResult({"CacheParameterGroupName": self._get_param("CacheParameterGroupName")})


def reset_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    for one in self._get_param("ParameterNameValues", []):
        _parameter_group(self)["parameters"].pop(one["ParameterName"], None)
    return ActionResult({"CacheParameterGroupName": self._get_param("CacheParameterGroupName")})


def delete_parameter_group(self: ElastiCacheResponse) -> EmptyResult:
    del _parameter_groups(self)[_parameter_group(self)["CacheParameterGroupName"]]
    return EmptyResult()


CacheCluster.__init__ = new_cluster  # type: ignore[method-assign]
ElastiCacheBackend.create_replication_group = create_group  # type: ignore[method-assign]
ElastiCacheBackend.delete_cache_cluster = delete_cluster  # type: ignore[method-assign]
ElastiCacheBackend.delete_replication_group = delete_group  # type: ignore[method-assign]
for _name, _call in {
    "modify_replication_group": modify_group,
    "modify_cache_cluster": modify_cluster,
    "increase_replica_count": set_replicas,
    "decrease_replica_count": set_replicas,
    "modify_replication_group_shard_configuration": set_shards,
    "modify_cache_subnet_group": modify_subnet_group,
    "delete_cache_subnet_group": delete_subnet_group,
    "create_cache_parameter_group": create_parameter_group,
    "describe_cache_parameter_groups": describe_parameter_groups,
    "describe_cache_parameters": describe_parameters,
    "modify_cache_parameter_group": modify_parameter_group,
    "reset_cache_parameter_group": reset_parameter_group,
    "delete_cache_parameter_group": delete_parameter_group,
}.items():
    setattr(ElastiCacheResponse, _name, _call)
