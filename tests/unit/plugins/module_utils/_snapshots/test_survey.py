"""What AWS keeps, asked of an emulated account, and what is said of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from moto import mock_aws

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._snapshots.survey import Kept, lines, problems, survey

NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
DB = {"name": "db", "engine": "postgresql"}
CACHE = {"name": "cache", "engine": "redis"}
GOOD = Kept("db", "chat-db", 7, "03:00-04:00", NOW - timedelta(minutes=4), NOW - timedelta(hours=9), 8)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    with mock_aws():
        yield Account("ap-northeast-2")


def test_a_database_and_its_snapshots_are_found_by_its_address(account: Account) -> None:
    rds = account.client("rds")
    for name in ("other", "chat-db"):
        rds.create_db_instance(DBInstanceIdentifier=name, Engine="postgres", DBInstanceClass="db.t4g.micro",
                               BackupRetentionPeriod=5, PreferredBackupWindow="03:00-04:00", AllocatedStorage=20,
                               MasterUsername="u", MasterUserPassword="long-enough")  # fmt: skip
    rds.create_db_snapshot(DBInstanceIdentifier="chat-db", DBSnapshotIdentifier="one")
    host = rds.describe_db_instances(DBInstanceIdentifier="chat-db")["DBInstances"][0]["Endpoint"]["Address"]
    found = survey(account, [DB], {"db": {"host": host}})
    assert [(one.name, one.keep_days, one.window) for one in found] == [("chat-db", 5, "03:00-04:00")]
    assert found[0].snapshots >= 1
    assert found[0].snapshot is not None


def test_a_cache_is_found_by_its_address(account: Account) -> None:
    elasticache = account.client("elasticache")
    elasticache.create_replication_group(ReplicationGroupId="chat-cache", ReplicationGroupDescription="x",
                                         SnapshotRetentionLimit=3, SnapshotWindow="05:00-06:00")  # fmt: skip
    group = elasticache.describe_replication_groups()["ReplicationGroups"][0]
    host = group["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    account.pages = _without_snapshots(account)  # type: ignore[method-assign]
    found = survey(account, [CACHE], {"cache": {"host": host}})
    assert [(one.store, one.name, one.keep_days) for one in found] == [("cache", "chat-cache", 3)]


def _without_snapshots(account: Account):
    """moto does not know the snapshots of caches."""
    pages = account.pages
    return lambda service, operation, key, **given: (
        iter(()) if operation == "describe_snapshots" else pages(service, operation, key, **given)
    )


def test_what_is_not_there_is_said(account: Account) -> None:
    assert lines(survey(account, [DB], {"db": {"host": "nowhere"}}), [DB], NOW) == [
        "db: AWS has no store at its address."
    ]


def test_what_is_kept_and_how_much_may_be_lost() -> None:
    text = lines([GOOD], [DB], NOW)
    assert text == [
        "db (chat-db): 8 snapshots, kept 7 days, made at 03:00-04:00 UTC; to any moment of 7 days, RPO 4 min"
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"keep_days": 0}, "keeps no backups"),
        ({"restorable": NOW - timedelta(hours=2)}, "set back only to 2026-11-21 10:00"),
        ({"snapshot": NOW - timedelta(hours=30)}, "newest snapshot is of 2026-11-20 06:00"),
        ({"restorable": None, "snapshot": NOW - timedelta(days=3)}, "newest snapshot"),
    ],
    ids=["none", "late", "old", "an old one of a cache"],
)
def test_what_is_wrong(changes: dict[str, object], said: str) -> None:
    assert said in problems(dataclasses.replace(GOOD, **changes), NOW)[0]


def test_nothing_is_wrong() -> None:
    assert problems(GOOD, NOW) == []
    assert problems(dataclasses.replace(GOOD, restorable=None, snapshot=None), NOW) == []
