"""What is wrong with a database or with a change of one, and how AWS's answers are read; no emulator."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.compare import differences
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _rds, _rds_forms, _rds_rules, _stores
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Found, Sight, Wanted

KIND = kind("database")
GOOD = {"engine": "mysql", "version": "8.0", "size": "db.t4g.medium", "storage_gb": 50, "password_secret": "database"}


def entry(name: str = "main", **attrs: Any) -> Entry:
    defaults = {key: field.default for key, field in KIND.fields.items()}
    return Entry("database", name, {**defaults, **GOOD, **attrs})


def where(*entries: Entry) -> list[str]:
    sight = Sight({one.key: one for one in entries}, "ap-northeast-2")
    return [problem.where for problem in KIND.check(entries[0], sight)]


def test_a_good_one() -> None:
    assert where(entry()) == []


@pytest.mark.parametrize(
    ("attrs", "expected"),
    [
        ({"version": "7.1"}, "version"),
        ({"version": "8"}, "version"),
        ({"version": "8.0.39"}, "version"),
        ({"engine": "postgresql", "version": "42"}, "version"),
        ({"size": "db.t4g.mediun"}, "size"),
        ({"size": "db.t4g.nano"}, "size"),
        ({"log_exports": ["postgresql"]}, "log_exports"),
        ({"parameters": {"require_secure_transport": 1}}, "parameters.require_secure_transport"),
        ({"username": "rdsadmin"}, "username"),
        ({"storage_gb": None}, "storage_gb"),
        ({"max_storage_gb": 51}, "max_storage_gb"),
        ({"iops": 4000}, "iops"),
        ({"throughput_mibps": 200}, "throughput_mibps"),
        ({"storage_type": "io1"}, "iops"),
        ({"storage_type": "gp2", "iops": 3000}, "iops"),
        ({"storage_type": "gp2", "throughput_mibps": 200}, "throughput_mibps"),
        ({"password_secret": None}, "password_secret"),
        ({"managed_password": True}, "password_secret"),
        ({"replica_of": "other"}, "password_secret"),
        ({"replica_of": "main", "password_secret": None}, "replica_of"),
        ({"zone": "ap-northeast-2a", "multi_az": True}, "zone"),
        ({"backup_window": "03:00-03:10"}, "backup_window"),
        ({"backup_window": "03:00-04:00", "maintenance_window": "sun:03:30-sun:04:30"}, "backup_window"),
        ({"backup_window": "23:30-00:30", "maintenance_window": "sun:00:00-sun:01:00"}, "backup_window"),
        ({"maintenance_window": "sun:03:00-sun:03:10"}, "maintenance_window"),
        ({"performance_insights_days": 30}, "performance_insights_days"),
    ],
)
def test_bad_entries(attrs: dict[str, Any], expected: str) -> None:
    assert where(entry(**attrs)) == [f"database/main.{expected}"]


def test_both_subnets_in_one_zone() -> None:
    subnets = [Entry("subnet", name, {"zone": "ap-northeast-2a"}) for name in ("a", "b")]
    assert where(entry(subnets=["a", "b"]), *subnets) == ["database/main.subnets"]


def test_a_replica_of_what_has_no_backups() -> None:
    source = entry("source", backup_keep_days=0)
    assert where(entry(replica_of="source", password_secret=None), source) == ["database/source.backup_keep_days"]


def refused(before: dict[str, Any], **after: Any) -> list[str]:
    found = Found("database", "shop-main", {**entry().attrs, "version": "8.0.39", **before})
    wanted = Wanted("database", "main", "shop", {**entry().attrs, **after}, {}, "shop-main", "")
    fields = {one.field for one in differences(KIND, wanted.attrs, found.attrs)}
    fixed = [f"database/main.{name}" for name in fields if KIND.fields[name].change == "refuse"]
    return fixed + [problem.where for problem in KIND.refuse(found, wanted, frozenset(fields))]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"storage_gb": 40}, "storage_gb"),
        ({"max_storage_gb": 45}, {"storage_gb": 40}, "storage_gb"),
        ({}, {"engine": "mariadb", "version": "8.0"}, "engine"),
        ({}, {"version": "5.7"}, "version"),
        ({}, {"version": "8.0.30"}, "version"),
        ({}, {"version": "8.4"}, "version"),
        ({"version": "16.4", "engine": "postgresql"}, {"engine": "postgresql", "version": "15"}, "version"),
        ({"version": "16.4", "engine": "postgresql"}, {"engine": "postgresql", "version": "17"}, "version"),
        ({"encrypted": False}, {}, "encrypted"),
        ({"username": "app"}, {"username": "root2"}, "username"),
        ({"replica_of": "shop-other"}, {}, "replica_of"),
    ],
)
def test_refused_changes(before: dict[str, Any], after: dict[str, Any], expected: str) -> None:
    assert refused(before, **after) == [f"database/main.{expected}"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"version": "8.4", "allow_major_upgrade": True}),
        ({}, {"version": "8.0.40"}),
        ({"storage_gb": 80, "max_storage_gb": 200}, {"max_storage_gb": 200}),
        ({}, {"storage_gb": 100}),
        ({}, {"size": "db.t4g.large"}),
    ],
)
def test_allowed_changes(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert refused(before, **after) == []


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [
        ("8.0", "8.0.39", True),
        ("16", "16.4", True),
        ("8.0.39", "8.0.39", True),
        ("8.0", "8.4.3", False),
        ("1", "16", False),
    ],
)
def test_versions(wanted: str, found: str, same: bool) -> None:
    assert _stores.same_version({"version": wanted}, {"version": found}) is same


def test_what_waits_counts_as_done_and_is_said() -> None:
    item = {
        "DBInstanceIdentifier": "shop-main",
        "DBInstanceArn": "arn:aws:rds:ap-northeast-2:1:db:shop-main",
        "Engine": "mysql",
        "DBInstanceStatus": "available",
        "DBInstanceClass": "db.t4g.medium",
        "AllocatedStorage": 50,
        "MultiAZ": False,
        "PendingModifiedValues": {
            "DBInstanceClass": "db.t4g.large",
            "MultiAZ": True,
            "PendingCloudwatchLogsExports": {"LogTypesToEnable": ["slowquery"], "LogTypesToDisable": ["error"]},
        },
        "EnabledCloudwatchLogsExports": ["error"],
        "DBParameterGroups": [{"DBParameterGroupName": "default.mysql8.0", "ParameterApplyStatus": "in-sync"}],
    }
    attrs = _rds.to_found(item).attrs
    assert (attrs["size"], attrs["multi_az"], attrs["log_exports"]) == ("db.t4g.large", True, ["slowquery"])
    assert attrs["apply"] == "window"
    assert differences(KIND, {"apply": "now"}, attrs)
    assert not differences(KIND, {"apply": "window"}, attrs)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("available", "ready"), ("creating", "pending"), ("modifying", "pending"), ("backing-up", "pending"),
        ("deleting", "deleting"), ("incompatible-parameters", "failed"), ("stopped", "failed"),
    ],
)  # fmt: skip
def test_states(status: str, state: str) -> None:
    assert _rds.state(status) == state


def test_no_more_room_is_said_as_rds_wants_it() -> None:
    found = Found(
        "database", "shop-main", {**entry().attrs, "max_storage_gb": 200, "storage_gb": 80, "log_exports": []}
    )
    wanted = Wanted("database", "main", "shop", {**entry().attrs, "max_storage_gb": 0}, {}, "shop-main", "")
    assert _rds_forms.changes(found, wanted)["MaxAllocatedStorage"] == 80


def test_protection_follows_protect() -> None:
    item = {"database": "main", **GOOD, "managed_password": True, "password_secret": None}
    for protect in (True, False, None):
        (one,) = read([{**item, "protect": protect}], {"database": KIND}, "ap-northeast-2")
        assert one.attrs["deletion_protection"] is protect
    (one,) = read([{**item, "protect": True, "deletion_protection": False}], {"database": KIND}, "ap-northeast-2")
    assert one.attrs["deletion_protection"] is False


def test_groups_that_are_left_cost_nothing() -> None:
    assert list(_rds_rules.price({}, lambda *_: None)) == []


def test_price() -> None:
    usages = {
        one.sku: one.quantity for one in _rds_rules.price(entry(version="8.4", multi_az=True).attrs, lambda *_: None)
    }
    assert usages == {"rds/mysql/db.t4g.medium/multi_az": 730, "rds/storage/gp3/multi_az": 50}
    replica = entry(version="8.4", replica_of="main", storage_gb=None).attrs
    usages = {one.sku: one.quantity for one in _rds_rules.price(replica, lambda *_: {"storage_gb": 70})}
    assert usages == {"rds/mysql/db.t4g.medium": 730, "rds/storage/gp3": 70}


@pytest.mark.parametrize(("found", "differs"), [("shop", False), (None, False), ("other", True)])
def test_the_first_database_of_a_restored_one_may_be_unknown(found: str | None, differs: bool) -> None:
    seen = differences(KIND, {"database_name": "shop"}, {"database_name": found})
    assert bool(seen) == differs
