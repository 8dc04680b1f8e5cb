"""``cache``, on both emulators."""

from __future__ import annotations

from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _elasticache_calls
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from tests.support.aws.trial import Trial

# seed 003, «ElastiCache for Redis»
SHOP = {
    "version": "7.0",
    "size": "cache.t4g.small",
    "parameters": {
        "maxmemory-policy": "allkeys-lru",
        "timeout": 300,
        "tcp-keepalive": 300,
        "maxmemory-samples": 5,
        "notify-keyspace-events": "Ex",
    },
    "snapshot_keep_days": 3,
    "snapshot_window": "03:00-05:00",
    "maintenance_window": "sun:05:00-sun:06:00",
}


def ground(trial: Trial) -> dict[str, Any]:
    vpc = trial.make("vpc", "main", cidr="10.0.0.0/16")
    subnets = [
        trial.make("subnet", f"cache-{z}", vpc=vpc.id, cidr=f"10.0.{n}.0/24", zone=f"ap-northeast-2{z}").id
        for n, z in ((11, "a"), (12, "b"))
    ]
    groups = [
        trial.account.call("ec2", "create_security_group", GroupName=one, Description=one, VpcId=vpc.id)["GroupId"]
        for one in ("one", "two")
    ]
    return {"subnets": subnets[:1], "security_groups": groups[:1], "more": (subnets, groups)}


def test_whole_life(trial: Trial) -> None:
    base = {**SHOP, **ground(trial)}
    subnets, groups = base.pop("more")
    found = trial.make("cache", "main", **base)
    assert found.id == "shop-main"
    assert found.outputs["port"] == 6379
    for change in (
        {"size": "cache.t4g.medium", "apply": "now"},
        {"replicas": 1},
        {"failover": True},
        {"subnets": subnets, "multi_az": True},
        {"snapshot_keep_days": 7, "snapshot_window": "02:00-03:00", "maintenance_window": "mon:05:00-mon:06:00"},
        {"parameters": {"maxmemory-policy": "volatile-lru"}},
        {"security_groups": groups},
        {"auto_minor_upgrade": False},
        {"version": "7.1"},
        {"multi_az": False, "failover": False, "replicas": 0},
    ):
        base.update(change)
        found = trial.alter(found, **base)
    trial.retag(found)
    trial.remove(found)
    left = trial.account.pages("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups")
    assert [one for one in left if one["CacheSubnetGroupName"].startswith("shop")] == []


def test_a_node_on_its_own(trial: Trial) -> None:
    base = {**SHOP, **ground(trial), "shape": "node"}
    _subnets, groups = base.pop("more")
    found = trial.make("cache", "main", **base)
    assert found.outputs["endpoint"]
    for change in (
        {"size": "cache.t4g.medium", "apply": "now"},
        {"snapshot_keep_days": 5},
        {"security_groups": groups},
        {"parameters": {}},
    ):
        base.update(change)
        found = trial.alter(found, **base)
    trial.retag(found)
    trial.remove(found)


def test_shards(trial: Trial) -> None:
    base = {**SHOP, **ground(trial), "cluster_mode": True, "shards": 3, "replicas": 1}
    base.pop("more")
    found = trial.make("cache", "main", **base)
    assert found.outputs["endpoint"]
    assert found.attrs["failover"] is True


def test_more_and_fewer_shards(on_moto: Trial) -> None:
    # MiniStack has no ModifyReplicationGroupShardConfiguration
    base = {**SHOP, **ground(on_moto), "cluster_mode": True, "shards": 3, "replicas": 1}
    base.pop("more")
    found = on_moto.make("cache", "main", **base)
    found = on_moto.alter(found, **{**base, "shards": 5})
    on_moto.alter(found, **{**base, "shards": 2})


def test_a_password_from_a_secret(trial: Trial) -> None:
    base = {**SHOP, **ground(trial)}
    base.pop("more")
    secrets = [trial.make("secret", name, generate={"length": 40}) for name in ("one", "two")]
    found = trial.make("cache", "main", password_secret=secrets[0].id, **base)
    found = trial.alter(found, password_secret=secrets[1].id, **base)
    assert found.attrs["password_secret"] == secrets[1].id
    later = trial.make("cache", "later", **base)
    trial.alter(later, password_secret=secrets[0].id, **base)


def test_valkey_after_redis(trial: Trial) -> None:
    base = {**SHOP, **ground(trial)}
    base.pop("more")
    found = trial.make("cache", "main", **base)
    found = trial.alter(found, **{**base, "engine": "valkey", "version": "8.0", "apply": "now"})
    assert found.detail["parameter_group"] == "shop-main-valkey8"


def test_a_last_snapshot(trial: Trial) -> None:
    base = {**SHOP, **ground(trial)}
    base.pop("more")
    group = trial.make("cache", "group", **base)
    node = trial.make("cache", "node", shape="node", **base)
    for found in (group, node):
        name = f"{found.id}-final"
        assert _elasticache_calls.snapshot(trial.account, name, found) == name
        assert _elasticache_calls.snapshot(trial.account, name, found) == name, "a run that was cut finds it"


def test_what_is_left_of_a_cut_deletion_is_found(trial: Trial) -> None:
    base = {**SHOP, **ground(trial)}
    base.pop("more")
    found = trial.make("cache", "main", **base)
    trial.account.call("elasticache", "delete_replication_group", ReplicationGroupId=found.id)
    (left,) = trial.all("cache")
    assert (left.id, left.name, left.state) == (found.id, "main", "failed")
    trial.remove(left)


def test_others_are_not_seen(trial: Trial) -> None:
    trial.account.call(
        "elasticache", "create_cache_cluster", CacheClusterId="shop-theirs", Engine="redis", NumCacheNodes=1,
        CacheNodeType="cache.t3.micro",
    )  # fmt: skip
    assert trial.all("cache") == []
    assert trial.only(kind("cache"), "shop-theirs", "shop-theirs").app is None
