"""What AWS keeps of the stores that it runs: daily snapshots, and how far back a database can be set to any moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .._aws.account import Account

# RDS writes what it needs for any moment every five minutes:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html
LATE = timedelta(minutes=30)
# A daily one may begin late in its window.
OLD = timedelta(hours=26)


@dataclass(frozen=True)
class Kept:
    """What is kept of one store. ``restorable`` is the newest moment that it can be set back to, None for a cache;
    ``snapshot`` when the newest snapshot was made.
    """

    store: str
    name: str
    keep_days: int
    window: str
    restorable: datetime | None
    snapshot: datetime | None
    snapshots: int


def survey(account: Account, stores: Sequence[Mapping[str, Any]], endpoints: Mapping[str, Any]) -> list[Kept]:
    """``stores`` as in the facts of the app spec, ``endpoints`` as the journal keeps them.

    :raises AwsError: when AWS refuses.
    """
    found = []
    for store in stores:
        host = str((endpoints.get(store["name"]) or {}).get("host") or "")
        kept = (_cache if store["engine"] == "redis" else _database)(account, store["name"], host)
        if kept is not None:
            found.append(kept)
    return found


def _database(account: Account, store: str, host: str) -> Kept | None:
    for one in account.pages("rds", "describe_db_instances", "DBInstances"):
        if (one.get("Endpoint") or {}).get("Address") != host:
            continue
        name = one["DBInstanceIdentifier"]
        snapshots = list(account.pages("rds", "describe_db_snapshots", "DBSnapshots", DBInstanceIdentifier=name))
        times = [each["SnapshotCreateTime"] for each in snapshots if each.get("SnapshotCreateTime")]
        return Kept(
            store=store,
            name=name,
            keep_days=int(one.get("BackupRetentionPeriod") or 0),
            window=str(one.get("PreferredBackupWindow") or ""),
            restorable=one.get("LatestRestorableTime"),
            snapshot=max(times, default=None),
            snapshots=len(snapshots),
        )
    return None


def _cache(account: Account, store: str, host: str) -> Kept | None:
    for one in account.pages("elasticache", "describe_replication_groups", "ReplicationGroups"):
        if host not in _addresses(one):
            continue
        name = one["ReplicationGroupId"]
        snapshots = list(account.pages("elasticache", "describe_snapshots", "Snapshots", ReplicationGroupId=name))
        nodes = [node for each in snapshots for node in each.get("NodeSnapshots") or ()]
        times = [node["SnapshotCreateTime"] for node in nodes if node.get("SnapshotCreateTime")]
        return Kept(
            store=store,
            name=name,
            keep_days=int(one.get("SnapshotRetentionLimit") or 0),
            window=str(one.get("SnapshotWindow") or ""),
            restorable=None,
            snapshot=max(times, default=None),
            snapshots=len(snapshots),
        )
    return None


def _addresses(group: Mapping[str, Any]) -> set[str]:
    parts = [
        group.get("ConfigurationEndpoint"),
        *(node.get("PrimaryEndpoint") for node in group.get("NodeGroups") or ()),
    ]
    return {part["Address"] for part in parts if part}


def lines(kept: Sequence[Kept], stores: Sequence[Mapping[str, Any]], now: datetime) -> list[str]:
    """For people: what is kept, and what is wrong with it. Pure."""
    found = {one.store: one for one in kept}
    result: list[str] = []
    for store in stores:
        one = found.get(store["name"])
        if one is None:
            result.append(f"{store['name']}: AWS has no store at its address.")
            continue
        result.append(f"{one.store} ({one.name}): {_what(one, now)}")
        result += [f"{one.store}: {problem}" for problem in problems(one, now)]
    return result


def problems(one: Kept, now: datetime) -> list[str]:
    """What somebody has to look at. Pure."""
    found = []
    if not one.keep_days:
        found.append("AWS keeps no backups of it: see managed.backup_days in app.yml.")
    elif one.restorable is not None and now - _utc(one.restorable) > LATE:
        found.append(f"it can be set back only to {_utc(one.restorable):%Y-%m-%d %H:%M} UTC: see its events in RDS.")
    elif one.snapshot is not None and now - _utc(one.snapshot) > OLD:
        found.append(f"its newest snapshot is of {_utc(one.snapshot):%Y-%m-%d %H:%M} UTC, and one a day is due.")
    return found


def _what(one: Kept, now: datetime) -> str:
    window = f", made at {one.window} UTC" if one.window else ""
    kept = f"{one.snapshots} snapshots, kept {one.keep_days} days{window}"
    if one.restorable is None:
        return kept
    minutes = max(0, int((now - _utc(one.restorable)).total_seconds() // 60))
    return f"{kept}; to any moment of {one.keep_days} days, RPO {minutes} min"


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
