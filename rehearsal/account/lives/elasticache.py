"""ElastiCache: nodes come up and go, passwords are kept, the primary changes place.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
"""

from __future__ import annotations

import secrets
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.elasticache.models import CacheCluster, ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse

_before: dict[str, Any] = {}


def apply() -> None:
    """Once, after moto's defects were put right."""
    _before.update(
        modify=ElastiCacheResponse.modify_replication_group,
        group=ElastiCacheBackend.delete_replication_group,
        cluster=ElastiCacheBackend.delete_cache_cluster,
    )
    CacheCluster.__init__ = _new(CacheCluster.__init__)  # type: ignore[method-assign]
    ReplicationGroup.__init__ = _new(ReplicationGroup.__init__)  # type: ignore[method-assign]
    CacheCluster.cache_cluster_status = property(_status, _ignore)  # type: ignore[assignment]
    ReplicationGroup.status = property(_status, _ignore)  # type: ignore[assignment]
    ElastiCacheResponse.modify_replication_group = _modify  # type: ignore[method-assign]
    ElastiCacheResponse.test_failover = _test_failover  # type: ignore[attr-defined]
    ElastiCacheResponse.reboot_cache_cluster = _reboot  # type: ignore[attr-defined]
    ElastiCacheBackend.delete_replication_group = _delete_group  # type: ignore[method-assign]
    ElastiCacheBackend.delete_cache_cluster = _delete_cluster  # type: ignore[method-assign]


def passwords_of(group: Any) -> tuple[str, ...]:
    """Every one that is good, the newest first; none where clients need none."""
    return tuple(getattr(group, "stairway_passwords", ()))


def _new(begin: Any) -> Any:
    def run(self: Any, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **named)
        token = named.get("auth_token")
        self.stairway_passwords = (token,) if token else ()
        self.stairway_status = "creating"
        self.stairway_boots = 0
        self.stairway_primary = {}  # shard -> its node; the first where it is missing
        self.stairway_key = secrets.token_hex(3)

    return run


def _status(self: Any) -> str:
    return str(self.__dict__.get("stairway_status", "creating"))


def _ignore(self: Any, value: str) -> None:
    """moto says how it is; the body knows."""


def _modify(self: ElastiCacheResponse) -> Any:
    """A new password comes beside the old one (ROTATE), or in its place (SET)."""
    answer = _before["modify"](self)
    token = self._get_param("AuthToken")
    name = self._get_param("ReplicationGroupId")
    group: Any = self.elasticache_backend.describe_replication_groups(replication_group_id=name)[0]
    strategy = self._get_param("AuthTokenUpdateStrategy") or "ROTATE"
    if strategy == "DELETE":
        group.stairway_passwords = ()
    elif token:
        kept = passwords_of(group)[:1] if strategy == "ROTATE" else ()
        group.stairway_passwords = (token, *(one for one in kept if one != token))
        group.auth_token_last_modified_date = utcnow()
    if group.stairway_status == "available":
        group.stairway_status = "modifying"
    return answer


def fail_over(group: Any, shard: str) -> None:
    """The next node of the shard becomes its primary.

    :raises LookupError: when there is no other, or no such shard.
    """
    members = next(one["NodeGroupMembers"] for one in group.node_groups if one["NodeGroupId"] == shard)
    names = [one["CacheClusterId"] for one in members]
    primary = group.stairway_primary.get(shard, names[0])
    group.stairway_primary[shard] = next(one for one in names if one != primary)
    group.stairway_status = "modifying"


def _test_failover(self: ElastiCacheResponse) -> ActionResult:
    name = self._get_param("ReplicationGroupId")
    group: Any = self.elasticache_backend.describe_replication_groups(replication_group_id=name)[0]
    fail_over(group, self._get_param("NodeGroupId"))
    return ActionResult({"ReplicationGroup": group})


def _reboot(self: ElastiCacheResponse) -> ActionResult:
    name = self._get_param("CacheClusterId")
    node: Any = self.elasticache_backend.describe_cache_clusters(cache_cluster_id=name)[0]
    node.stairway_boots += 1
    node.stairway_status = "rebooting cluster nodes"
    return ActionResult({"CacheCluster": node})


def _delete_group(self: ElastiCacheBackend, replication_group_id: str, retain_primary_cluster: bool | None) -> Any:
    group: Any = _before["group"](self, replication_group_id, retain_primary_cluster)
    group.stairway_status = "deleting"
    self.replication_groups[replication_group_id] = group
    return group


def _delete_cluster(self: ElastiCacheBackend, cache_cluster_id: str) -> Any:
    node: Any = _before["cluster"](self, cache_cluster_id)
    node.stairway_status = "deleting"
    self.cache_clusters[cache_cluster_id] = node
    return node
