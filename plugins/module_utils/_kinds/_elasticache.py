"""What there is to say of caches without calling AWS: their names and their two forms. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._resource.kind import Found, Wanted
from ._names import joined
from ._stores import numbers, same_version

PASSWORD_TAG = "stairway:password_secret"  # noqa: S105  the name of a tag
PASSWORD_VERSION_TAG = "stairway:password_version"  # noqa: S105  the name of a tag
LONGEST = 40
# The parameter that makes a group a cluster: there is a field for it.
CLUSTER = "cluster-enabled"
_ON = {"enabled", "enabling"}
_READY = {"available", "snapshotting"}
_FAILED = {"create-failed", "incompatible-network", "restore-failed"}

# field -> parameter of both creating and both modifying calls
_COMMON = {
    "version": "EngineVersion",
    "size": "CacheNodeType",
    "security_groups": "SecurityGroupIds",
    "snapshot_keep_days": "SnapshotRetentionLimit",
    "snapshot_window": "SnapshotWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "auto_minor_upgrade": "AutoMinorVersionUpgrade",
}
_OF_GROUPS = {"failover": "AutomaticFailoverEnabled", "multi_az": "MultiAZEnabled"}
# What takes nodes away for a while
RESTARTS = frozenset({"EngineVersion", "CacheNodeType", "Engine"})


def aws_name(app: str, name: str, _attrs: Mapping[str, Any]) -> str:
    return joined(app, name, most=LONGEST)


def family(engine: str, version: str) -> str:
    """Of parameter groups: ``redis7``, ``redis6.x``, ``valkey8``."""
    first, *_rest = numbers(version)
    if engine == "redis" and first < 7:
        return "redis6.x" if first == 6 else f"redis{first}.0"
    return f"{engine}{first}"


FAMILIES = ("redis4.0", "redis5.0", "redis6.x", "redis7", "valkey7", "valkey8", "valkey9")


def group_name(cache: str, of_family: str) -> str:
    return joined(cache, re.sub(r"[^a-z0-9]+", "-", of_family), most=255)


def default_group(attrs: Mapping[str, Any]) -> str:
    return f"default.{family(attrs['engine'], attrs['version'])}{'.cluster.on' if attrs.get('cluster_mode') else ''}"


def wanted_parameters(attrs: Mapping[str, Any]) -> dict[str, Any] | None:
    """What its own parameter group has to hold, None when AWS's default group will do."""
    if attrs.get("parameters") is None:
        return None
    return {**attrs["parameters"], **({CLUSTER: "yes"} if attrs.get("cluster_mode") else {})}


def user_parameters(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {
        one["ParameterName"]: str(one["ParameterValue"])
        for one in items
        if one.get("Source") == "user" and one.get("ParameterValue") is not None
    }


def nothing_waits(wanted: Mapping[str, Any], _found: Mapping[str, Any]) -> bool:
    """``apply: window`` fits whatever waits; ``now`` does not fit a change that does."""
    return bool(wanted["apply"] == "window")


def at_creation(wanted: Wanted) -> dict[str, Any]:
    """What both creating calls take."""
    return {
        "Engine": wanted.attrs["engine"],
        "Port": wanted.get("port"),
        "SnapshotName": wanted.get("restore_snapshot"),
        **{key: wanted.get(name) for name, key in _COMMON.items()},
    }


def new_group(wanted: Wanted) -> dict[str, Any]:
    """What a replication group takes beside that; without its password."""
    replicas, cluster = wanted.get("replicas", 0), bool(wanted.get("cluster_mode"))
    nodes = (
        {"NumNodeGroups": wanted.get("shards", 1), "ReplicasPerNodeGroup": replicas, "ClusterMode": "enabled"}
        if cluster
        else {"NumCacheClusters": replicas + 1}
    )
    return {
        **nodes,
        "ReplicationGroupDescription": f"{wanted.name} of {wanted.app}",
        "AutomaticFailoverEnabled": wanted.get("failover", cluster or replicas > 0),
        "MultiAZEnabled": wanted.get("multi_az", False),
        "AtRestEncryptionEnabled": wanted.get("encrypted", True),
        "TransitEncryptionEnabled": wanted.get("tls", True),
        "KmsKeyId": wanted.get("kms_key"),
    }


def changes(found: Found, wanted: Wanted) -> dict[str, Any]:
    """The parameters of the modifying call for what differs; without password and parameter group."""
    names = {**_COMMON, **(_OF_GROUPS if found.attrs["shape"] == "group" else {})}
    made = {
        key: wanted.attrs[name]
        for name, key in names.items()
        if wanted.get(name) is not None and not _same(name, wanted, found)
    }
    if wanted.attrs["engine"] != found.attrs["engine"]:
        made.update({"Engine": wanted.attrs["engine"], "EngineVersion": wanted.attrs["version"]})
    return made


def _same(name: str, wanted: Wanted, found: Found) -> bool:
    before, after = found.attrs.get(name), wanted.attrs[name]
    if name == "version":
        return same_version(wanted.attrs, found.attrs)
    if isinstance(after, (list, tuple)):
        return sorted(after) == sorted(before or ())
    return str(before).lower() == str(after).lower()


def group_found(
    item: Mapping[str, Any], members: Sequence[Mapping[str, Any]], subnets: Sequence[str],
    parameters: Mapping[str, str], tags: Mapping[str, str],
) -> Found:  # fmt: skip
    """A replication group; what AWS says of its members only is taken from the first of them."""
    first = members[0] if members else {}
    shards = item.get("NodeGroups") or []
    cluster = bool(item.get("ClusterEnabled"))
    primary = item.get("ConfigurationEndpoint") if cluster else (shards[0] if shards else {}).get("PrimaryEndpoint")
    reader = item.get("ConfigurationEndpoint") if cluster else (shards[0] if shards else {}).get("ReaderEndpoint")
    attrs = {
        **_member_attrs(first),
        "engine": item.get("Engine") or first.get("Engine") or "redis",
        "size": (first.get("PendingModifiedValues") or {}).get("CacheNodeType") or item.get("CacheNodeType"),
        "shape": "group",
        "replicas": max(len((shards[0] if shards else {}).get("NodeGroupMembers") or ()) - 1, 0),
        "cluster_mode": cluster,
        "shards": max(len(shards), 1),
        "failover": item.get("AutomaticFailover") in _ON,
        "multi_az": item.get("MultiAZ") in _ON,
        "port": (primary or {}).get("Port"),
        "encrypted": bool(item.get("AtRestEncryptionEnabled")),
        "kms_key": item.get("KmsKeyId") or None,
        "tls": bool(item.get("TransitEncryptionEnabled")),
        "snapshot_keep_days": item.get("SnapshotRetentionLimit") or 0,
        "snapshot_window": item.get("SnapshotWindow"),
    }
    if item.get("AutoMinorVersionUpgrade") is not None:
        attrs["auto_minor_upgrade"] = item["AutoMinorVersionUpgrade"]
    return _found(
        item["ReplicationGroupId"], item, item["Status"], attrs, subnets, parameters, tags, first, primary, reader,
        shards=[one["NodeGroupId"] for one in shards], token=bool(item.get("AuthTokenEnabled")),
    )  # fmt: skip


def node_found(
    item: Mapping[str, Any], subnets: Sequence[str], parameters: Mapping[str, str], tags: Mapping[str, str]
) -> Found:
    """A node on its own."""
    endpoint = (item.get("CacheNodes") or [{}])[0].get("Endpoint")
    pending = item.get("PendingModifiedValues") or {}
    attrs = {
        **_member_attrs(item),
        "engine": item["Engine"],
        "size": pending.get("CacheNodeType") or item["CacheNodeType"],
        "shape": "node",
        "replicas": 0,
        "cluster_mode": False,
        "shards": 1,
        "failover": False,
        "multi_az": False,
        "port": (endpoint or {}).get("Port"),
        "encrypted": bool(item.get("AtRestEncryptionEnabled")),
        "kms_key": None,
        "tls": bool(item.get("TransitEncryptionEnabled")),
        "snapshot_keep_days": item.get("SnapshotRetentionLimit") or 0,
        "snapshot_window": item.get("SnapshotWindow"),
    }
    return _found(
        item["CacheClusterId"], item, item["CacheClusterStatus"], attrs, subnets, parameters, tags, item, endpoint,
        endpoint, shards=[], token=bool(item.get("AuthTokenEnabled")),
    )  # fmt: skip


def _member_attrs(member: Mapping[str, Any]) -> dict[str, Any]:
    pending = member.get("PendingModifiedValues") or {}
    waits = any(value for value in pending.values())
    return {
        "version": pending.get("EngineVersion") or member.get("EngineVersion"),
        "security_groups": sorted(one["SecurityGroupId"] for one in member.get("SecurityGroups") or ()),
        "maintenance_window": member.get("PreferredMaintenanceWindow"),
        "auto_minor_upgrade": member.get("AutoMinorVersionUpgrade"),
        "apply": "window" if waits else "now",
    }


def _found(
    name: str, item: Mapping[str, Any], status: str, attrs: dict[str, Any], subnets: Sequence[str],
    parameters: Mapping[str, str], tags: Mapping[str, str], member: Mapping[str, Any],
    endpoint: Mapping[str, Any] | None, reader: Mapping[str, Any] | None, *, shards: list[str], token: bool,
) -> Found:  # fmt: skip
    own = dict(tags)
    secrets = {"password_secret": own.pop(PASSWORD_TAG, None), "password_version": own.pop(PASSWORD_VERSION_TAG, None)}
    held = {key: value for key, value in parameters.items() if key != CLUSTER}
    return Found(
        kind="cache",
        id=name,
        attrs={**attrs, "subnets": sorted(subnets), "parameters": held, **secrets},
        tags=own,
        aws_name=name,
        state=state(status),
        why=status if status in _FAILED else "",
        outputs={
            "arn": item["ARN"],
            "endpoint": (endpoint or {}).get("Address"),
            "reader_endpoint": (reader or endpoint or {}).get("Address"),
            "port": (endpoint or {}).get("Port"),
        },
        detail={
            "parameter_group": parameter_group(member),
            "subnet_group": member.get("CacheSubnetGroupName"),
            "shards": shards,
            "token": token,
        },
    )


def parameter_group(member: Mapping[str, Any]) -> str | None:
    name: str | None = (member.get("CacheParameterGroup") or {}).get("CacheParameterGroupName")
    return name


def state(status: str) -> Any:
    if status == "deleting" or status == "deleted":
        return "deleting"
    return "failed" if status in _FAILED else "ready" if status in _READY else "pending"
