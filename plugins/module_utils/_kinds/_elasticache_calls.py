"""The calls behind caches (ElastiCache)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._common.errors import StairwayError
from .._common.wait import until
from .._resource.kind import Change, Found, Scope, Wanted
from . import _elasticache, _elasticache_groups
from ._gone import content_if_gone
from ._secrets_calls import password

WAIT_SECONDS = 3600
EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class _Seen:
    """What the lists answer: groups, all nodes, and the subnets of each subnet group."""

    groups: Mapping[str, Mapping[str, Any]]
    nodes: tuple[Mapping[str, Any], ...]
    subnets: Mapping[str, list[str]]


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """Three lists; then tags and own parameters of each of the app's, which no list has."""
    named = scope.names | scope.ids
    seen = _look(aws, sorted(named) if scope.only else None)
    alone = {one["CacheClusterId"]: one for one in seen.nodes if not one.get("ReplicationGroupId")}
    for name in sorted({*seen.groups, *alone}):
        if name in named or (not scope.only and name.startswith(f"{scope.app}-")):
            found = _group(aws, name, seen) if name in seen.groups else _node(aws, alone[name], seen)
            if scope.wants(found):
                yield found
    if not scope.only:
        yield from _left_behind(aws, scope, {*seen.groups, *alone, *scope.names}, seen)


def _look(aws: Any, names: list[str] | None) -> _Seen:
    nodes = tuple(aws.pages("elasticache", "describe_cache_clusters", "CacheClusters", ShowCacheNodeInfo=True))
    if names is None:
        listed = list(aws.pages("elasticache", "describe_replication_groups", "ReplicationGroups"))
    else:
        alone = {one["CacheClusterId"] for one in nodes if not one.get("ReplicationGroupId")}
        listed = [item for name in names if name not in alone for item in _one_group(aws, name)]
    subnets = {
        group["CacheSubnetGroupName"]: [one["SubnetIdentifier"] for one in group.get("Subnets") or ()]
        for group in aws.pages("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups")
    }
    return _Seen({one["ReplicationGroupId"]: one for one in listed}, nodes, subnets)


def _one_group(aws: Any, name: str) -> Iterator[Mapping[str, Any]]:
    with content_if_gone():
        yield from aws.call("elasticache", "describe_replication_groups", ReplicationGroupId=name)["ReplicationGroups"]


def _group(aws: Any, name: str, seen: _Seen) -> Found:
    members = [one for one in seen.nodes if one.get("ReplicationGroupId") == name]
    first = members[0] if members else {}
    item = seen.groups[name]
    subnets = seen.subnets.get(first.get("CacheSubnetGroupName", ""), [])
    tags = _tags(aws, item["ARN"], first, name)
    return _elasticache.group_found(item, members, subnets, _parameters(aws, first), tags)


def _node(aws: Any, item: Mapping[str, Any], seen: _Seen) -> Found:
    subnets = seen.subnets.get(item.get("CacheSubnetGroupName", ""), [])
    tags = _tags(aws, item["ARN"], item, item["CacheClusterId"])
    return _elasticache.node_found(item, subnets, _parameters(aws, item), tags)


def _parameters(aws: Any, member: Mapping[str, Any]) -> dict[str, str]:
    group = _elasticache.parameter_group(member)
    return {} if group is None or group.startswith("default.") else _elasticache_groups.parameters_of(aws, group)


def _tags(aws: Any, arn: str, member: Mapping[str, Any], name: str) -> dict[str, str]:
    """Its tags. What is just being made or deleted refuses to tell them: then those of its own subnet group, which was
    there before it and has the same name.
    """
    absent = ("CacheClusterNotFound", "ReplicationGroupNotFoundFault", "InvalidReplicationGroupState")
    answer = aws.call("elasticache", "list_tags_for_resource", absent=absent, ResourceName=arn)
    if "TagList" not in answer and member.get("CacheSubnetGroupName") == name:
        own = _subnet_group_arn(aws, name)
        answer = aws.call(
            "elasticache", "list_tags_for_resource", absent=("CacheSubnetGroupNotFoundFault",), ResourceName=own
        )
    return as_dict(answer.get("TagList"))


def _subnet_group_arn(aws: Any, name: str) -> str:
    return f"arn:{aws.partition}:elasticache:{aws.region}:{aws.account_id}:subnetgroup:{name}"


def _left_behind(aws: Any, scope: Scope, known: set[str], seen: _Seen) -> Iterator[Found]:
    """The subnet group of a cache that is gone: a run was cut between the two, and no entry will find it again."""
    for name in seen.subnets:
        if name.startswith(f"{scope.app}-") and name not in known:
            arn = _subnet_group_arn(aws, name)
            tags = as_dict(aws.call("elasticache", "list_tags_for_resource", ResourceName=arn)["TagList"])
            found = Found("cache", name, {}, tags, name, "failed", "only its groups are left")
            if scope.wants(found):
                yield found


# -- creation ---------------------------------------------------------------------------------------------------------


def create(aws: Any, wanted: Wanted) -> str:
    name = wanted.aws_name
    common = {
        "CacheSubnetGroupName": _elasticache_groups.make_subnet_group(aws, wanted),
        "CacheParameterGroupName": _elasticache_groups.make_parameter_group(aws, wanted),
        **_elasticache.at_creation(wanted),
    }
    tags = dict(wanted.tags)
    if wanted.get("shape") == "node":
        made = aws.call(
            "elasticache", "create_cache_cluster", CacheClusterId=name, NumCacheNodes=1, Tags=as_list(tags), **common
        )["CacheCluster"]
    else:
        token = None
        if wanted.get("password_secret"):
            token = password(aws, wanted.attrs["password_secret"], wanted.get("password_key", ""))
            tags.update(_password_tags(wanted))
        made = aws.call(
            "elasticache",
            "create_replication_group",
            ReplicationGroupId=name,
            AuthToken=token,
            Tags=as_list(tags),
            **common,
            **_elasticache.new_group(wanted),
        )["ReplicationGroup"]
    aws.created(name, made["ARN"])
    return name


# -- changes ----------------------------------------------------------------------------------------------------------


def _change(aws: Any, found: Found, wanted: Wanted) -> None:
    settings = _elasticache.changes(found, wanted)
    group = _elasticache_groups.make_parameter_group(aws, wanted)
    given = wanted.get("parameters") is not None or "EngineVersion" in settings
    if given and group != found.detail.get("parameter_group"):
        settings["CacheParameterGroupName"] = group
    now = wanted.get("apply") == "now"
    if now and not settings and found.attrs["apply"] == "window":
        # any change «at once» takes those along that wait
        settings["CacheNodeType"] = found.attrs["size"]
    at_once = now or (not _elasticache.RESTARTS & set(settings) and found.attrs["apply"] == "now")
    if found.attrs["shape"] == "node":
        if settings:
            aws.call(
                "elasticache", "modify_cache_cluster", CacheClusterId=found.id, ApplyImmediately=at_once, **settings
            )
        return
    _more_nodes(aws, found, wanted)
    if settings:
        _modify_group(aws, found.id, at_once, settings)
    _fewer_nodes(aws, found, wanted)
    _set_password(aws, found, wanted)


def _modify_group(aws: Any, name: str, at_once: bool, settings: Mapping[str, Any]) -> None:
    _available(aws, name)
    aws.call("elasticache", "modify_replication_group", ReplicationGroupId=name, ApplyImmediately=at_once, **settings)


def _more_nodes(aws: Any, found: Found, wanted: Wanted) -> None:
    """First of all: failover and zones need the replicas."""
    if wanted.get("shards", 1) > found.attrs["shards"]:
        _set_shards(aws, found, wanted.attrs["shards"], None)
    if wanted.get("replicas", found.attrs["replicas"]) > found.attrs["replicas"]:
        _available(aws, found.id)
        aws.call(
            "elasticache",
            "increase_replica_count",
            ReplicationGroupId=found.id,
            NewReplicaCount=wanted.attrs["replicas"],
            ApplyImmediately=True,
        )


def _fewer_nodes(aws: Any, found: Found, wanted: Wanted) -> None:
    """Last of all: failover has to be off before the last replica goes."""
    if wanted.get("replicas", found.attrs["replicas"]) < found.attrs["replicas"]:
        _available(aws, found.id)
        aws.call(
            "elasticache",
            "decrease_replica_count",
            ReplicationGroupId=found.id,
            NewReplicaCount=wanted.attrs["replicas"],
            ApplyImmediately=True,
        )
    if wanted.get("shards", found.attrs["shards"]) < found.attrs["shards"]:
        # the keys of those that go move to those that stay
        _set_shards(aws, found, wanted.attrs["shards"], found.detail["shards"][wanted.attrs["shards"] :])


def _set_shards(aws: Any, found: Found, count: int, remove: list[str] | None) -> None:
    _available(aws, found.id)
    aws.call(
        "elasticache",
        "modify_replication_group_shard_configuration",
        ReplicationGroupId=found.id,
        NodeGroupCount=count,
        NodeGroupsToRemove=remove,
        ApplyImmediately=True,
    )


def _set_password(aws: Any, found: Found, wanted: Wanted) -> None:
    """The old one goes on to be taken until the next change; where there was none, from now on one is asked for."""
    secret = wanted.get("password_secret")
    fields = ("password_secret", "password_version")
    if secret is None or all(wanted.get(one) in (None, found.attrs[one]) for one in fields):
        return
    token = password(aws, secret, wanted.get("password_key", ""))
    for strategy in ("ROTATE",) if found.detail["token"] else ("ROTATE", "SET"):
        _modify_group(aws, found.id, True, {"AuthToken": token, "AuthTokenUpdateStrategy": strategy})
    tags = as_list(_password_tags(wanted))
    aws.call("elasticache", "add_tags_to_resource", ResourceName=found.outputs["arn"], Tags=tags)


def _password_tags(wanted: Wanted) -> dict[str, str]:
    """AWS does not tell a password, so the cache says where its own is from."""
    version = wanted.get("password_version")
    return {
        _elasticache.PASSWORD_TAG: wanted.attrs["password_secret"],
        **({_elasticache.PASSWORD_VERSION_TAG: version} if version else {}),
    }


def _available(aws: Any, name: str) -> None:
    def ask() -> str | None:
        answer = aws.call("elasticache", "describe_replication_groups", ReplicationGroupId=name)
        for group in answer["ReplicationGroups"]:
            if _elasticache.state(group["Status"]) != "pending":
                return str(group["Status"])
        return None

    if until(ask, seconds=WAIT_SECONDS, every=EVERY_SECONDS) is None:
        raise _too_slow(name, "available")


def _too_slow(name: str, what: str) -> StairwayError:
    return StairwayError(
        f"The cache {name} does not become {what}.",
        where=f"elasticache:DescribeReplicationGroups {name}",
        expected=f"{what} within {WAIT_SECONDS // 60} minutes",
        fix=f"aws elasticache describe-events --source-identifier {name}; then run again: it goes on",
    )


# -- the end ----------------------------------------------------------------------------------------------------------


def snapshot(aws: Any, name: str, found: Found) -> str | None:
    """Make one and wait for it."""
    if not found.attrs:
        return None
    node = found.attrs["shape"] == "node"
    try:
        aws.call(
            "elasticache",
            "create_snapshot",
            SnapshotName=name,
            CacheClusterId=found.id if node else None,
            ReplicationGroupId=None if node else found.id,
            Tags=as_list(found.tags),
        )
        aws.created(name)
    except AwsError as error:
        if "AlreadyExists" not in error.code:
            raise

    def ask() -> str | None:
        for item in aws.call("elasticache", "describe_snapshots", SnapshotName=name)["Snapshots"]:
            if item["SnapshotStatus"] != "creating":
                return str(item["SnapshotStatus"])
        return None

    if until(ask, seconds=WAIT_SECONDS, every=EVERY_SECONDS) != "available":
        raise _too_slow(name, "a finished snapshot")
    return name


def delete(aws: Any, found: Found) -> None:
    """The nodes first, as they have the tags; then, when they are gone, the groups that nothing else uses."""
    if found.attrs:
        aws.deleted(found.id)
        node = found.attrs["shape"] == "node"
        with content_if_gone():
            if found.state != "deleting" and node:
                aws.call("elasticache", "delete_cache_cluster", CacheClusterId=found.id)
            elif found.state != "deleting":
                aws.call(
                    "elasticache", "delete_replication_group", ReplicationGroupId=found.id, RetainPrimaryCluster=False
                )
        _wait_until_gone(aws, found.id, node)
    _elasticache_groups.delete_groups(aws, found.id)


def _wait_until_gone(aws: Any, name: str, node: bool) -> None:
    absent = ("CacheClusterNotFound", "CacheClusterNotFoundFault", "ReplicationGroupNotFoundFault")

    def gone() -> bool | None:
        if node:
            left = aws.call("elasticache", "describe_cache_clusters", absent=absent, CacheClusterId=name)
        else:
            left = aws.call("elasticache", "describe_replication_groups", absent=absent, ReplicationGroupId=name)
        return None if left.get("CacheClusters") or left.get("ReplicationGroups") else True

    if not until(gone, seconds=WAIT_SECONDS, every=EVERY_SECONDS):
        raise _too_slow(name, "deleted")


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    arn = found.outputs["arn"]
    if add:
        aws.call("elasticache", "add_tags_to_resource", ResourceName=arn, Tags=as_list(add))
    if remove:
        aws.call("elasticache", "remove_tags_from_resource", ResourceName=arn, TagKeys=remove)


CHANGES = (
    Change(
        frozenset({"subnets"}),
        lambda aws, found, wanted: _elasticache_groups.set_subnets(aws, found.detail["subnet_group"], wanted),
    ),
    Change(
        frozenset(
            {
                "engine", "version", "size", "replicas", "shards", "failover", "multi_az", "security_groups",
                "parameters", "password_secret", "password_version", "snapshot_keep_days", "snapshot_window",
                "maintenance_window", "auto_minor_upgrade", "apply",
            }
        ),
        _change,
    ),
)  # fmt: skip
