"""What is restored beside a database, as an entry of a blueprint: all that the one in use has. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .._resource.kind import NAME_TAG, SWITCHED_TAG, Entry, Found, Kind
from .moments import shown

# What AWS does not take over by itself, or not always:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html. Not its logs: AWS would begin a log group for
# something that may be thrown away. Not the administrator's password: it is that of the moment, and of today when the
# stage runs again.
_TAKEN_OVER = (
    *("engine", "version", "size", "storage_gb", "max_storage_gb", "storage_type", "port"),
    *("subnets", "security_groups", "public", "multi_az", "certificate_authority", "iam_authentication"),
    *("backup_keep_days", "backup_window", "maintenance_window", "auto_minor_upgrade", "deletion_protection"),
    "performance_insights",
)
# Below this size gp3 has one speed: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
_GP3_CHOICE_GB = 400
_OWN_TAGS = (NAME_TAG, SWITCHED_TAG, "Name")


def entry_beside(source: Found, kind: Kind, name: str, at: datetime) -> Entry:
    """``source`` at that moment, called ``name``."""
    given = {
        **{field: source.attrs.get(field) for field in _TAKEN_OVER},
        **_speed(source.attrs),
        **_parameters(source),
        "performance_insights_days": source.attrs.get("performance_insights_days")
        if source.attrs.get("performance_insights")
        else None,
        "managed_password": source.attrs.get("managed_password") or None,
        "restore": {"database": source.id, "at": shown(at)},
        # nobody uses it yet, so nothing has to wait for a window
        "apply": "now",
    }
    tags = {key: value for key, value in source.tags.items() if key not in _OWN_TAGS}
    return Entry(kind.name, name, {**dict.fromkeys(kind.fields), **given}, tags=tags)


def _speed(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """AWS tells the speed of every disk, and takes it only where there is a choice."""
    storage = attrs.get("storage_type")
    choice = storage in ("io1", "io2") or (storage == "gp3" and (attrs.get("storage_gb") or 0) >= _GP3_CHOICE_GB)
    return {
        "iops": attrs.get("iops") if choice else None,
        "throughput_mibps": attrs.get("throughput_mibps") if choice and storage == "gp3" else None,
    }


def _parameters(source: Found) -> dict[str, Any]:
    """A group of its own, with the same in it; none where the source has AWS's."""
    if str(source.detail.get("parameter_group") or "default.").startswith("default."):
        return {}
    return {name: source.attrs.get(name) for name in ("parameters", "require_tls")}
