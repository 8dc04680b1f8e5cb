"""``database``, on both emulators."""

from __future__ import annotations

from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _rds_calls
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from tests.support.aws.trial import Trial

# seed 003, «RDS (MySQL)»
SHOP = {
    "engine": "mysql",
    "version": "8.0",
    "size": "db.t4g.medium",
    "storage_gb": 50,
    "max_storage_gb": 200,
    "backup_keep_days": 7,
    "backup_window": "03:00-04:00",
    "maintenance_window": "sun:04:30-sun:05:30",
    "log_exports": ["error", "slowquery"],
    "parameters": {
        "character_set_server": "utf8mb4",
        "collation_server": "utf8mb4_unicode_ci",
        "max_connections": 200,
        "innodb_buffer_pool_size": 2684354560,
        "slow_query_log": 1,
        "long_query_time": 2,
        "binlog_format": "ROW",
    },
}


def ground(trial: Trial) -> dict[str, Any]:
    """A network with two subnets in two zones, a group and a secret."""
    vpc = trial.make("vpc", "main", cidr="10.0.0.0/16")
    subnets = [
        trial.make("subnet", f"db-{z}", vpc=vpc.id, cidr=f"10.0.{n}.0/24", zone=f"ap-northeast-2{z}").id
        for n, z in ((11, "a"), (12, "b"))
    ]
    group = trial.account.call("ec2", "create_security_group", GroupName="db", Description="db", VpcId=vpc.id)[
        "GroupId"
    ]
    secret = trial.make("secret", "database", value={"username": "app"}, generate={"key": "password"})
    return {"subnets": subnets, "security_groups": [group], "password_secret": secret.id}


def test_whole_life(trial: Trial) -> None:
    base = {**SHOP, **ground(trial)}
    found = trial.make("database", "main", **base)
    assert found.id == "shop-main"
    assert found.outputs["port"] == 3306
    for change in (
        {"size": "db.t4g.large", "apply": "now"},
        {"storage_gb": 60},
        {"multi_az": True},
        {"backup_keep_days": 14, "backup_window": "02:00-03:00", "maintenance_window": "mon:04:30-mon:05:30"},
        {"auto_minor_upgrade": False},
        {"parameters": {"max_connections": 500}},
        {"require_tls": False},
        {"log_exports": ["error"]},
        {"deletion_protection": True},
        {"iam_authentication": True},
        {"subnets": list(reversed(base["subnets"])), "max_storage_gb": 300},
    ):
        base.update(change)
        found = trial.alter(found, **base)
    trial.retag(found)
    trial.remove(found)


def test_postgresql_with_a_replica_and_its_own_password(trial: Trial) -> None:
    base = ground(trial)
    place = {"subnets": base["subnets"], "security_groups": base["security_groups"]}
    main = trial.make(
        "database",
        "main",
        engine="postgresql",
        version="16",
        size="db.m6g.large",
        storage_gb=400,
        iops=12000,
        throughput_mibps=500,
        managed_password=True,
        performance_insights=True,
        performance_insights_days=7,
        database_name="shop",
        username="shop",
        log_exports=["postgresql"],
        **place,
    )
    assert main.outputs["managed_secret"]
    replica = trial.make(
        "database", "reader", engine="postgresql", version="16", size="db.m6g.large", replica_of=main.id,
        security_groups=base["security_groups"],
    )  # fmt: skip
    assert replica.attrs["replica_of"] == main.id
    assert _rds_calls.snapshot(trial.account, "x", replica) is None
    trial.remove(replica)
    trial.remove(main)


def test_restored_from_a_snapshot(trial: Trial) -> None:
    base = {**SHOP, **ground(trial)}
    main = trial.make("database", "main", **base)
    name = _rds_calls.snapshot(trial.account, "shop-main-before", main)
    assert _rds_calls.snapshot(trial.account, "shop-main-before", main) == name, "a run that was cut finds it"
    trial.remove(main)
    again = trial.make("database", "second", restore={"snapshot": name}, **base)
    assert again.attrs["password_secret"] == base["password_secret"]


def test_restored_to_a_point_in_time(on_moto: Trial) -> None:
    # MiniStack has no RestoreDBInstanceToPointInTime
    base = {**SHOP, **ground(on_moto)}
    main = on_moto.make("database", "main", **base)
    on_moto.make("database", "second", restore={"database": main.id, "at": "2026-11-21T02:00:00Z"}, **base)


def test_another_secret_is_another_password(trial: Trial) -> None:
    base = {**SHOP, **ground(trial)}
    main = trial.make("database", "main", **base)
    other = trial.make("secret", "other", value="correct-horse-battery")
    main = trial.alter(main, **{**base, "password_secret": other.id})
    assert main.attrs["password_secret"] == other.id
    assert "correct-horse-battery" not in repr(main)
    main = trial.alter(main, **{**base, "password_secret": None, "managed_password": True})
    trial.alter(main, **{**base, "managed_password": False})


def test_a_major_upgrade_gets_parameters_of_its_own(trial: Trial) -> None:
    base = {**SHOP, **ground(trial)}
    main = trial.make("database", "main", **base)
    main = trial.alter(main, **{**base, "version": "8.4", "allow_major_upgrade": True, "apply": "now"})
    assert main.detail["parameter_group"] == "shop-main-mysql8-4"
    trial.remove(main)
    groups = trial.account.pages("rds", "describe_db_parameter_groups", "DBParameterGroups")
    assert [one for one in groups if one["DBParameterGroupName"].startswith("shop-")] == []


def test_what_is_left_of_a_cut_deletion_is_found(trial: Trial) -> None:
    main = trial.make("database", "main", **{**SHOP, **ground(trial)})
    trial.account.call("rds", "delete_db_instance", DBInstanceIdentifier=main.id, SkipFinalSnapshot=True)
    (left,) = trial.all("database")
    assert (left.id, left.name, left.state) == (main.id, "main", "failed")
    trial.remove(left)
    assert trial.all("database") == []


def test_others_are_not_seen(trial: Trial) -> None:
    trial.account.call(
        "rds", "create_db_instance", DBInstanceIdentifier="shop-theirs", Engine="mysql", DBInstanceClass="db.t3.micro",
        AllocatedStorage=20, MasterUsername="app", MasterUserPassword="correct-horse",
    )  # fmt: skip
    assert trial.all("database") == []
    assert trial.only(kind("database"), "shop-theirs", "shop-theirs").app is None
