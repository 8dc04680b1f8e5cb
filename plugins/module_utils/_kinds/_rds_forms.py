"""A database as the calls of RDS want it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from .._resource.kind import Found, Wanted
from . import _rds
from ._stores import same_version

# field -> parameter of CreateDBInstance, ModifyDBInstance and, unless named below, of the others
_COMMON = {
    "size": "DBInstanceClass",
    "storage_type": "StorageType",
    "iops": "Iops",
    "throughput_mibps": "StorageThroughput",
    "security_groups": "VpcSecurityGroupIds",
    "public": "PubliclyAccessible",
    "multi_az": "MultiAZ",
    "auto_minor_upgrade": "AutoMinorVersionUpgrade",
    "iam_authentication": "EnableIAMDatabaseAuthentication",
    "certificate_authority": "CACertificateIdentifier",
    "deletion_protection": "DeletionProtection",
}
_AT_CREATION = {**_COMMON, "port": "Port", "zone": "AvailabilityZone", "log_exports": "EnableCloudwatchLogsExports"}
_CREATE_ONLY = {
    "version": "EngineVersion",
    "storage_gb": "AllocatedStorage",
    "encrypted": "StorageEncrypted",
    "kms_key": "KmsKeyId",
    "database_name": "DBName",
    "backup_keep_days": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "performance_insights": "EnablePerformanceInsights",
    "performance_insights_days": "PerformanceInsightsRetentionPeriod",
}
_CHANGEABLE = {
    **_COMMON,
    "port": "DBPortNumber",
    "version": "EngineVersion",
    "storage_gb": "AllocatedStorage",
    "max_storage_gb": "MaxAllocatedStorage",
    "backup_keep_days": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "performance_insights": "EnablePerformanceInsights",
    "performance_insights_days": "PerformanceInsightsRetentionPeriod",
}
# What stops the server for a while: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
RESTARTS = frozenset({"DBInstanceClass", "EngineVersion", "DBPortNumber", "StorageType", "CACertificateIdentifier"})
DEFAULT_USERNAME = "stairway"


def _given(names: Mapping[str, str], wanted: Wanted) -> dict[str, Any]:
    return {key: wanted.attrs[name] for name, key in names.items() if wanted.get(name) is not None}


def at_creation(wanted: Wanted) -> dict[str, Any]:
    """What every way of creating takes."""
    return _given(_AT_CREATION, wanted)


def new(wanted: Wanted) -> dict[str, Any]:
    """What an empty database takes beside that; without its password."""
    limit = wanted.get("max_storage_gb")
    return {
        **_given(_CREATE_ONLY, wanted),
        "Engine": _rds.ENGINES[wanted.attrs["engine"]]["aws"],
        "MasterUsername": wanted.get("username", DEFAULT_USERNAME),
        **({"MaxAllocatedStorage": limit} if limit else {}),
        **({"ManageMasterUserPassword": True} if wanted.get("managed_password") else {}),
    }


def restore_time(restore: Mapping[str, Any]) -> dict[str, Any]:
    at = restore.get("at") or "latest"
    if at == "latest":
        return {"UseLatestRestorableTime": True}
    return {"RestoreTime": datetime.fromisoformat(at.replace("Z", "+00:00"))}


def changes(found: Found, wanted: Wanted) -> dict[str, Any]:
    """The parameters of ModifyDBInstance for what differs; without password and parameter group."""
    made = {
        key: wanted.attrs[name]
        for name, key in _CHANGEABLE.items()
        if wanted.get(name) is not None and not _same(name, wanted, found)
    }
    if made.get("MaxAllocatedStorage") == 0:
        # that is how RDS says «no more than there is»
        made["MaxAllocatedStorage"] = made.get("AllocatedStorage") or found.attrs["storage_gb"]
    logs = dict(_log_changes(found, wanted))
    return {**made, **({"CloudwatchLogsExportConfiguration": logs} if logs else {})}


def _same(name: str, wanted: Wanted, found: Found) -> bool:
    before, after = found.attrs.get(name), wanted.attrs[name]
    if name == "version":
        return same_version(wanted.attrs, found.attrs)
    if name == "storage_gb" and _rds.storage_fits(wanted.attrs, found.attrs):
        return True
    if isinstance(after, (list, tuple)):
        return sorted(after) == sorted(before or ())
    return bool(str(before).lower() == str(after).lower())


def _log_changes(found: Found, wanted: Wanted) -> Iterator[tuple[str, list[str]]]:
    if wanted.get("log_exports") is None:
        return
    before, after = set(found.attrs["log_exports"]), set(wanted.attrs["log_exports"])
    if after - before:
        yield "EnableLogTypes", sorted(after - before)
    if before - after:
        yield "DisableLogTypes", sorted(before - after)
