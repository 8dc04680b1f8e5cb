"""What there is to say of databases without calling AWS: their names, their two forms, what is wrong with one. Pure.

Versions: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_MySQL.html and its sisters, November 2026
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._aws.tags import as_dict
from .._resource.kind import Found
from ._names import joined
from ._stores import numbers

# engine -> AWS's name for it, the parameter that refuses plain connections, the port, the first numbers of versions
ENGINES: dict[str, dict[str, Any]] = {
    "mysql": {
        "aws": "mysql",
        "tls": "require_secure_transport",
        "port": 3306,
        "versions": ("5.7", "8.0", "8.4"),
        "logs": ("audit", "error", "general", "slowquery"),
    },
    "mariadb": {
        "aws": "mariadb",
        "tls": "require_secure_transport",
        "port": 3306,
        "versions": ("10.4", "10.5", "10.6", "10.11", "11.4", "11.8"),
        "logs": ("audit", "error", "general", "slowquery"),
    },
    "postgresql": {
        "aws": "postgres",
        "tls": "rds.force_ssl",
        "port": 5432,
        "versions": ("11", "12", "13", "14", "15", "16", "17", "18"),
        "logs": ("postgresql", "upgrade"),
    },
}
_ENGINE_WORDS = {one["aws"]: word for word, one in ENGINES.items()}
PASSWORD_TAG = "stairway:password_secret"  # noqa: S105  the name of a tag
LONGEST = 63

_READY = {"available", "storage-optimization", "storage-config-upgrade", "storage-initialization"}
_FAILED = {
    "failed", "inaccessible-encryption-credentials", "incompatible-network", "incompatible-option-group",
    "incompatible-parameters", "incompatible-restore", "incompatible-create", "restore-error", "stopped",
    "storage-full", "insufficient-capacity",
}  # fmt: skip


def aws_name(app: str, name: str, _attrs: Mapping[str, Any]) -> str:
    return joined(app, name, most=LONGEST)


def group_name(database: str, family: str) -> str:
    """Of the parameter group; one for each family, so that a major upgrade finds a new one beside the old."""
    return joined(database, re.sub(r"[^a-z0-9]+", "-", family), most=255)


def major(engine: str, version: str) -> tuple[int, ...]:
    """PostgreSQL counts releases with one number, MySQL and MariaDB with two."""
    return numbers(version)[: 1 if engine == "postgresql" else 2]


def family(engine: str, version: str) -> str:
    """Of parameter groups: ``mysql8.0``, ``postgres16``."""
    return ENGINES[engine]["aws"] + ".".join(map(str, major(engine, version)))


def wanted_parameters(attrs: Mapping[str, Any]) -> dict[str, str] | None:
    """What its own parameter group has to hold, None when AWS's default group will do."""
    if attrs.get("parameters") is None and attrs.get("require_tls") is None:
        return None
    held = dict(attrs.get("parameters") or {})
    if attrs.get("require_tls") is not None:
        held[ENGINES[attrs["engine"]]["tls"]] = "1" if attrs["require_tls"] else "0"
    return held


def storage_fits(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """AWS itself may have made it larger, up to where it may."""
    most = found.get("max_storage_gb") or 0
    return bool(wanted["storage_gb"] <= (found.get("storage_gb") or 0) <= most)


def name_untold(_wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """AWS need not know the first database of one that was restored; what is in it, a stage sees to."""
    return not found.get("database_name")


def nothing_waits(wanted: Mapping[str, Any], _found: Mapping[str, Any]) -> bool:
    """``apply: window`` fits whatever waits; ``now`` does not fit a change that does."""
    return bool(wanted["apply"] == "window")


def to_found(item: Mapping[str, Any], parameters: Mapping[str, str] | None = None) -> Found:
    """``parameters`` are those that its own parameter group sets, None when it has none.

    What waits for the maintenance window counts as done, and ``apply`` says that something waits.
    """
    tags = as_dict(item.get("TagList"))
    secret = tags.pop(PASSWORD_TAG, None)
    engine = _ENGINE_WORDS.get(item["Engine"], item["Engine"])
    status = str(item.get("DBInstanceStatus", "creating"))
    endpoint = item.get("Endpoint") or {}
    managed = item.get("MasterUserSecret")
    return Found(
        kind="database",
        id=item["DBInstanceIdentifier"],
        attrs={
            "engine": engine,
            **_plain(item),
            **_groups(item),
            **_parameter_attrs(engine, parameters),
            "password_secret": secret,
            "managed_password": managed is not None,
            "port": (item.get("PendingModifiedValues") or {}).get("Port")
            or endpoint.get("Port")
            or item.get("DbInstancePort")
            or None,
            "apply": "window" if waits(item) else "now",
        },
        tags=tags,
        aws_name=item["DBInstanceIdentifier"],
        state=state(status),
        why=status if status in _FAILED else "",
        outputs={
            "arn": item["DBInstanceArn"],
            "endpoint": endpoint.get("Address"),
            "port": endpoint.get("Port"),
            "resource_id": item.get("DbiResourceId"),
            "managed_secret": (managed or {}).get("SecretArn"),
        },
        detail={
            "parameter_group": parameter_group(item),
            "subnet_group": (item.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
            "status": status,
        },
    )


def state(status: str) -> Any:
    if status == "deleting":
        return "deleting"
    return "failed" if status in _FAILED else "ready" if status in _READY else "pending"


def waits(item: Mapping[str, Any]) -> bool:
    """Whether a change waits for the maintenance window, or for a restart."""
    group = (item.get("DBParameterGroups") or [{}])[0]
    pending = {
        key: value for key, value in (item.get("PendingModifiedValues") or {}).items() if value not in (None, {}, [])
    }
    return bool(pending) or group.get("ParameterApplyStatus") == "pending-reboot"


def parameter_group(item: Mapping[str, Any]) -> str | None:
    groups = item.get("DBParameterGroups") or [{}]
    name: str | None = groups[0].get("DBParameterGroupName")
    return name


# field -> key of AWS; those of which a change may wait come first from what waits
_WAITING = {
    "version": "EngineVersion",
    "size": "DBInstanceClass",
    "storage_gb": "AllocatedStorage",
    "storage_type": "StorageType",
    "iops": "Iops",
    "throughput_mibps": "StorageThroughput",
    "multi_az": "MultiAZ",
    "backup_keep_days": "BackupRetentionPeriod",
    "certificate_authority": "CACertificateIdentifier",
    "iam_authentication": "IAMDatabaseAuthenticationEnabled",
}
_DIRECT = {
    "encrypted": "StorageEncrypted",
    "kms_key": "KmsKeyId",
    "database_name": "DBName",
    "username": "MasterUsername",
    "public": "PubliclyAccessible",
    "zone": "AvailabilityZone",
    "replica_of": "ReadReplicaSourceDBInstanceIdentifier",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "auto_minor_upgrade": "AutoMinorVersionUpgrade",
    "performance_insights": "PerformanceInsightsEnabled",
    "performance_insights_days": "PerformanceInsightsRetentionPeriod",
    "deletion_protection": "DeletionProtection",
}
_FALSE_WHEN_LEFT_OUT = (
    "iam_authentication",
    "performance_insights",
    "deletion_protection",
    "public",
    "multi_az",
    "encrypted",
)


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    pending = item.get("PendingModifiedValues") or {}
    attrs = {name: item.get(key) if pending.get(key) is None else pending[key] for name, key in _WAITING.items()}
    attrs.update({name: item.get(key) for name, key in _DIRECT.items()})
    attrs.update({name: bool(attrs[name]) for name in _FALSE_WHEN_LEFT_OUT})
    # AWS says «none» by leaving it out, or by naming what is allocated
    limit = item.get("MaxAllocatedStorage") or 0
    attrs["max_storage_gb"] = limit if limit > (item.get("AllocatedStorage") or 0) else 0
    attrs["log_exports"] = _logs(item, pending.get("PendingCloudwatchLogsExports") or {})
    return attrs


def _logs(item: Mapping[str, Any], pending: Mapping[str, Any]) -> list[str]:
    now = set(item.get("EnabledCloudwatchLogsExports") or ())
    coming = now | set(pending.get("LogTypesToEnable") or ())
    return sorted(coming - set(pending.get("LogTypesToDisable") or ()))


def _groups(item: Mapping[str, Any]) -> dict[str, Any]:
    subnets = (item.get("DBSubnetGroup") or {}).get("Subnets") or []
    return {
        "subnets": sorted(one["SubnetIdentifier"] for one in subnets),
        "security_groups": sorted(
            one["VpcSecurityGroupId"] for one in item.get("VpcSecurityGroups") or [] if one.get("Status") != "removing"
        ),
    }


def _parameter_attrs(engine: str, parameters: Mapping[str, str] | None) -> dict[str, Any]:
    held = dict(parameters or {})
    tls = held.pop(ENGINES[engine]["tls"], None) if engine in ENGINES else None
    return {"parameters": held, "require_tls": None if tls is None else tls in ("1", "ON", "on")}


def user_parameters(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Of what DescribeDBParameters answers, that which somebody set."""
    return {
        one["ParameterName"]: str(one["ParameterValue"])
        for one in items
        if one.get("Source") == "user" and one.get("ParameterValue") is not None
    }
