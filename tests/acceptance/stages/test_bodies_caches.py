"""Caches of the rehearsal's account are real Redis servers, with the passwords and names that ElastiCache says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import bodies

pytestmark = pytest.mark.usefixtures("account")

PASSWORD = "first-password-16"


@pytest.fixture
def group(account: None) -> Iterator[str]:
    """A primary and a replica in two zones, TLS, a password, a parameter."""
    with bodies.ground(72) as ground:
        cache, name = bodies.client("elasticache"), f"{ground.name}-cache"
        cache.create_cache_subnet_group(
            CacheSubnetGroupName=name, CacheSubnetGroupDescription="two zones", SubnetIds=ground.subnets
        )
        cache.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="redis7", Description="ours"
        )
        set_policy(cache, name, "allkeys-lru")
        made = cache.create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription="two",
            Engine="redis",
            CacheNodeType="cache.t4g.micro",
            NumCacheClusters=2,
            AutomaticFailoverEnabled=True,
            MultiAZEnabled=True,
            TransitEncryptionEnabled=True,
            AuthToken=PASSWORD,
            CacheSubnetGroupName=name,
            CacheParameterGroupName=name,
            SecurityGroupIds=[ground.group],
        )["ReplicationGroup"]
        assert made["Status"] == "creating"
        bodies.wait(lambda: seen(name)["Status"], "available")
        yield name
        cache.delete_replication_group(ReplicationGroupId=name)
        assert seen(name)["Status"] == "deleting"
        bodies.wait(lambda: not bodies.containers(f"cache/{name}"))
        bodies.wait(lambda: name not in [one["ReplicationGroupId"] for one in all_of(cache)])
        cache.delete_cache_subnet_group(CacheSubnetGroupName=name)
        cache.delete_cache_parameter_group(CacheParameterGroupName=name)


def all_of(cache: Any) -> list[Any]:
    return list(cache.describe_replication_groups()["ReplicationGroups"])


def seen(name: str) -> Any:
    return bodies.client("elasticache").describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]


def set_policy(cache: Any, group: str, value: str) -> None:
    cache.modify_cache_parameter_group(
        CacheParameterGroupName=group,
        ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": value}],
    )


def ask(host: str, *command: str, password: str = PASSWORD, tls: bool = True) -> str:
    options = ["--tls", "--cacert", "/ca.pem", "--sni", host] if tls else []
    environment = {"REDISCLI_AUTH": password} if password else {}
    argv = ["timeout", "10", "redis-cli", "--no-auth-warning", "-h", host, *options, *command]
    return bodies.run("redis:7-alpine", *argv, name=host, env=environment)


def test_a_replication_group_serves(group: str) -> None:
    cache = bodies.client("elasticache")
    primary = seen(group)["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    reader = seen(group)["NodeGroups"][0]["ReaderEndpoint"]["Address"]
    assert bodies.resolve(primary) != bodies.resolve(reader)
    assert ask(primary, "SET", "a", "1") == "OK"
    bodies.wait(lambda: ask(reader, "GET", "a"), "1", 10)
    assert "READONLY" in ask(reader, "SET", "a", "2")

    # who has no password or no TLS, and what ElastiCache keeps to itself
    assert "NOAUTH" in ask(primary, "GET", "a", password="")
    assert ask(primary, "GET", "a", tls=False) != "1"
    assert "NOPERM" in ask(primary, "CONFIG", "GET", "maxmemory")

    # what INFO tells of its settings is what was asked for
    assert "maxmemory_policy:allkeys-lru" in ask(primary, "INFO", "memory")
    assert f"maxmemory:{384 << 20}" in ask(primary, "INFO", "memory")
    set_policy(cache, group, "volatile-ttl")
    bodies.wait(lambda: "maxmemory_policy:volatile-ttl" in ask(primary, "INFO", "memory"))

    # a password that rotates: both are good, then the new one only
    rotate(cache, group, "ROTATE")
    bodies.wait(lambda: ask(primary, "GET", "a", password="second-password-2"), "1")
    assert ask(primary, "GET", "a") == "1"
    rotate(cache, group, "SET")
    bodies.wait(lambda: "WRONGPASS" in ask(primary, "GET", "a"))
    assert ask(primary, "GET", "a", password="second-password-2") == "1"

    # a failover keeps what was written, behind the same name
    before = bodies.resolve(primary)
    bodies.wait(lambda: seen(group)["Status"], "available")
    cache.test_failover(ReplicationGroupId=group, NodeGroupId="0001")
    bodies.wait(lambda: seen(group)["Status"], "available")
    assert bodies.wait(lambda: bodies.resolve(primary)) != before
    assert ask(primary, "SET", "b", "2", password="second-password-2") == "OK"
    assert ask(primary, "GET", "a", password="second-password-2") == "1"


def rotate(cache: Any, group: str, strategy: str) -> None:
    bodies.wait(lambda: seen(group)["Status"], "available")
    cache.modify_replication_group(
        ReplicationGroupId=group,
        AuthToken="second-password-2",
        AuthTokenUpdateStrategy=strategy,
        ApplyImmediately=True,
    )


def test_a_node_alone_forgets_when_it_reboots() -> None:
    with bodies.ground(72) as ground:
        cache, name = bodies.client("elasticache"), f"{ground.name}-node"
        cache.create_cache_subnet_group(
            CacheSubnetGroupName=name, CacheSubnetGroupDescription="one", SubnetIds=ground.subnets[:1]
        )
        cache.create_cache_cluster(
            CacheClusterId=name,
            Engine="redis",
            CacheNodeType="cache.t4g.micro",
            NumCacheNodes=1,
            CacheSubnetGroupName=name,
            SecurityGroupIds=[ground.group],
        )
        bodies.wait(lambda: node(name)["CacheClusterStatus"], "available")
        host = node(name)["CacheNodes"][0]["Endpoint"]["Address"]
        assert ask(host, "SET", "a", "1", password="", tls=False) == "OK"
        cache.reboot_cache_cluster(CacheClusterId=name, CacheNodeIdsToReboot=["0001"])
        bodies.wait(lambda: node(name)["CacheClusterStatus"], "available")
        assert ask(host, "GET", "a", password="", tls=False) == ""
        cache.delete_cache_cluster(CacheClusterId=name)
        bodies.wait(lambda: not bodies.containers(f"cache/{name}"))
        cache.delete_cache_subnet_group(CacheSubnetGroupName=name)


def node(name: str) -> Any:
    answer = bodies.client("elasticache").describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)
    return answer["CacheClusters"][0]
