"""Faults on demand: each breaks what it says, and ``clear`` mends what does not mend itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import bodies
from tests.support.bodies import fault
from tests.support.fleet import Fleet

pytestmark = pytest.mark.usefixtures("account")


@pytest.fixture(scope="module")
def stores(account: None) -> Iterator[str]:
    """A database with a standby and a cache of one node, of one name."""
    with bodies.ground(76) as ground:
        rds, cache, name = bodies.client("rds"), bodies.client("elasticache"), f"{ground.name}-x"
        rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="x", SubnetIds=ground.subnets)
        cache.create_cache_subnet_group(
            CacheSubnetGroupName=name, CacheSubnetGroupDescription="x", SubnetIds=ground.subnets
        )
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            EngineVersion="17.5",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="boss",
            MasterUserPassword="some-password",
            DBSubnetGroupName=name,
            VpcSecurityGroupIds=[ground.group],
            MultiAZ=True,
        )
        cache.create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription="one",
            Engine="redis",
            CacheNodeType="cache.t4g.micro",
            NumCacheClusters=1,
            CacheSubnetGroupName=name,
            SecurityGroupIds=[ground.group],
        )
        bodies.wait(lambda: database(name)["DBInstanceStatus"], "available")
        bodies.wait(lambda: replication(name)["Status"], "available")
        yield name
        fault("clear")
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        cache.delete_replication_group(ReplicationGroupId=name)
        bodies.wait(lambda: not bodies.containers(f"database/{name}") + bodies.containers(f"cache/{name}"))
        rds.delete_db_subnet_group(DBSubnetGroupName=name)
        cache.delete_cache_subnet_group(CacheSubnetGroupName=name)


def database(name: str) -> Any:
    return bodies.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def replication(name: str) -> Any:
    answer = bodies.client("elasticache").describe_replication_groups(ReplicationGroupId=name)
    return answer["ReplicationGroups"][0]


def redis(name: str, *command: str) -> str:
    host = replication(name)["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    return bodies.run("redis:7-alpine", "timeout", "5", "redis-cli", "-h", host, *command, name=host)


def postgres(name: str, sql: str) -> str:
    host = database(name)["Endpoint"]["Address"]
    line = f"host={host} user=boss dbname=postgres connect_timeout=5 sslmode=require"
    return bodies.run("postgres:17", "psql", "-qAtX", line, "-c", sql, name=host, env={"PGPASSWORD": "some-password"})


def test_a_database_fails_over_and_dies(stores: str) -> None:
    before = database(stores)["AvailabilityZone"]
    fault("failover-db", stores)
    bodies.wait(lambda: database(stores)["DBInstanceStatus"], "available")
    assert database(stores)["AvailabilityZone"] != before
    assert postgres(stores, "SELECT 1") == "1"
    fault("stop-db", stores)
    assert postgres(stores, "SELECT 1") != "1"
    assert database(stores)["DBInstanceStatus"] == "available", "RDS does not know"
    fault("clear")
    bodies.wait(lambda: postgres(stores, "SELECT 1"), "1")


def test_a_cache_is_emptied_and_dies(stores: str) -> None:
    assert redis(stores, "SET", "a", "1") == "OK"
    fault("flush-cache", stores)
    assert redis(stores, "DBSIZE") == "0"
    fault("stop-cache", stores)
    assert redis(stores, "PING") != "PONG"
    fault("clear")
    bodies.wait(lambda: redis(stores, "PING"), "PONG")


def test_a_dead_zone_moves_what_has_a_standby(stores: str) -> None:
    zone = database(stores)["AvailabilityZone"]
    assert stores in fault("kill-zone", zone)
    bodies.wait(lambda: database(stores)["DBInstanceStatus"], "available")
    assert database(stores)["AvailabilityZone"] != zone
    assert postgres(stores, "SELECT 1") == "1"
    fault("clear")


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("ec2", "describe_vpcs", "RequestLimitExceeded"),
        ("rds", "describe_db_instances", "Throttling"),
        ("ssm", "describe_parameters", "ThrottlingException"),
        ("s3", "list_buckets", "SlowDown"),
    ],
)
def test_the_api_throttles(service: str, call: str, code: str) -> None:
    fault("throttle", "1", service)
    try:
        with pytest.raises(ClientError) as caught:
            getattr(bodies.client(service), call)()
    finally:
        fault("clear")
    assert caught.value.response["Error"]["Code"] == code
    assert getattr(bodies.client(service), call)()


def test_what_is_asked_wrongly_is_refused_with_words() -> None:
    begun = time.monotonic()
    with pytest.raises(AssertionError, match="there is no database nothing"):
        fault("stop-db", "nothing")
    assert time.monotonic() - begun < 5


def test_a_disk_fills_and_a_machine_dies(account: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    bodies.client("ec2").delete_key_pair(KeyName="test")  # that of another fleet of this session
    fleet = Fleet(75, tmp_path_factory.mktemp("fleet"))
    machine = fleet.start()
    address = fleet.is_in(machine, "running")["PublicIpAddress"]
    bodies.wait(lambda: fleet.ssh(address, "true").returncode, 0, 60)
    fault("fill-disk", machine, "/var/tmp")
    assert "No space left on device" in fleet.ssh(address, "echo a word > /var/tmp/file").stderr
    fault("clear")
    assert fleet.ssh(address, "echo a word > /var/tmp/file").returncode == 0
    fault("stop-instance", machine)
    fleet.is_in(machine, "stopped", 60)
    fleet.ec2.terminate_instances(InstanceIds=[machine])
    bodies.wait(lambda: not bodies.containers(f"instances/{machine}"))
