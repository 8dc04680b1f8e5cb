"""What is wrong with a cache or with a change of one, and how AWS's answers are read; no emulator."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.compare import differences
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _elasticache, _elasticache_rules
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Found, Sight, Wanted

KIND = kind("cache")
GOOD = {"version": "7.0", "size": "cache.t4g.small"}


def entry(**attrs: Any) -> Entry:
    defaults = {key: field.default for key, field in KIND.fields.items()}
    return Entry("cache", "main", {**defaults, **GOOD, **attrs})


def where(one: Entry, *others: Entry) -> list[str]:
    return [problem.where for problem in KIND.check(one, Sight({e.key: e for e in (one, *others)}, "ap-northeast-2"))]


@pytest.mark.parametrize(
    "attrs",
    [
        {},
        {"shape": "node"},
        {"replicas": 1, "failover": True, "multi_az": True},
        {"cluster_mode": True, "shards": 3, "replicas": 1},
        {"engine": "valkey", "version": "8.0"},
        {"password_secret": "redis"},
    ],
)
def test_good_entries(attrs: dict[str, Any]) -> None:
    assert where(entry(**attrs)) == []


@pytest.mark.parametrize(
    ("attrs", "expected"),
    [
        ({"version": "9.9"}, "version"),
        ({"engine": "valkey", "version": "7.0"}, "version"),
        ({"size": "cache.t4g.smal"}, "size"),
        ({"size": "cache.t4g.xlarge"}, "size"),
        ({"shape": "node", "replicas": 1}, "replicas"),
        ({"shape": "node", "encrypted": True}, "encrypted"),
        ({"shape": "node", "password_secret": "redis"}, "password_secret"),
        ({"shape": "node", "engine": "valkey", "version": "8.0"}, "shape"),
        ({"shards": 3}, "shards"),
        ({"cluster_mode": True, "failover": False}, "failover"),
        ({"failover": True}, "failover"),
        ({"multi_az": True}, "multi_az"),
        ({"multi_az": True, "replicas": 1, "failover": False}, "multi_az"),
        ({"password_secret": "redis", "tls": False}, "password_secret"),
        ({"kms_key": "arn:aws:kms:x", "encrypted": False}, "kms_key"),
        ({"parameters": {"cluster-enabled": "yes"}}, "parameters.cluster-enabled"),
        ({"snapshot_window": "03:00-03:30"}, "snapshot_window"),
        ({"snapshot_window": "04:00-06:00", "maintenance_window": "sun:05:00-sun:06:00"}, "snapshot_window"),
    ],
)
def test_bad_entries(attrs: dict[str, Any], expected: str) -> None:
    assert where(entry(**attrs)) == [f"cache/main.{expected}"]


def test_replicas_all_in_one_zone() -> None:
    subnets = [Entry("subnet", name, {"zone": "ap-northeast-2a"}) for name in ("a", "b")]
    assert where(entry(multi_az=True, replicas=1, subnets=["a", "b"]), *subnets) == ["cache/main.subnets"]


def changed(before: dict[str, Any], **after: Any) -> tuple[set[str], list[str]]:
    found = Found("cache", "shop-main", {**entry().attrs, "version": "7.0.7", "tls": True, **before})
    wanted = Wanted("cache", "main", "shop", entry(**after).attrs, {}, "shop-main", "")
    fields = {one.field for one in differences(KIND, wanted.attrs, found.attrs)}
    replaced = {name for name in fields if KIND.fields[name].change == "replace"}
    return replaced, [problem.where for problem in KIND.refuse(found, wanted, frozenset(fields))]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"version": "7.1.0"}, {}, "version"),
        ({"engine": "valkey", "version": "8.0"}, {}, "engine"),
        ({"tls": False}, {"password_secret": "arn:aws:secretsmanager:x"}, "password_secret"),
    ],
)
def test_refused_changes(before: dict[str, Any], after: dict[str, Any], expected: str) -> None:
    assert changed(before, **after)[1] == [f"cache/main.{expected}"]


@pytest.mark.parametrize(
    ("before", "after", "replaced"),
    [
        ({"shape": "node"}, {}, {"shape"}),
        ({"cluster_mode": False}, {"cluster_mode": True, "shards": 2}, {"cluster_mode"}),
        ({"tls": False}, {"tls": True}, {"tls"}),
        ({}, {"replicas": 1}, set()),
        ({}, {"version": "7.1"}, set()),
        ({}, {"engine": "valkey", "version": "8.0"}, set()),
    ],
)
def test_what_needs_a_new_one(before: dict[str, Any], after: dict[str, Any], replaced: set[str]) -> None:
    """The engine refuses a replacement of data that the run does not name."""
    assert changed(before, **after) == (replaced, [])


@pytest.mark.parametrize(
    ("engine", "version", "family"),
    [("redis", "7.0", "redis7"), ("redis", "7.1", "redis7"), ("redis", "6.2", "redis6.x"),
     ("redis", "5.0.6", "redis5.0"),
     ("valkey", "7.2", "valkey7"), ("valkey", "8.1", "valkey8")],
)  # fmt: skip
def test_families(engine: str, version: str, family: str) -> None:
    assert _elasticache.family(engine, version) == family
    assert family in _elasticache.FAMILIES


def test_one_that_is_just_being_made() -> None:
    item = {"ReplicationGroupId": "shop-main", "Status": "creating", "ARN": "arn:x", "PendingModifiedValues": {}}
    found = _elasticache.group_found(item, [], [], {}, {"stairway:app": "shop"})
    assert found.state == "pending"
    assert found.outputs == {"arn": "arn:x", "endpoint": None, "reader_endpoint": None, "port": None}


def test_what_waits_counts_as_done_and_is_said() -> None:
    item = {
        "CacheClusterId": "shop-main", "CacheClusterStatus": "available", "ARN": "arn:x", "Engine": "redis",
        "EngineVersion": "7.0.7", "CacheNodeType": "cache.t4g.small",
        "PendingModifiedValues": {"CacheNodeType": "cache.t4g.medium"},
    }  # fmt: skip
    attrs = _elasticache.node_found(item, [], {}, {}).attrs
    assert (attrs["size"], attrs["apply"]) == ("cache.t4g.medium", "window")


def test_price_counts_nodes() -> None:
    attrs = entry(cluster_mode=True, shards=3, replicas=1).attrs
    (usage,) = _elasticache_rules.price(attrs, None)
    assert (usage.sku, usage.quantity) == ("elasticache/redis/cache.t4g.small", 730 * 6)
