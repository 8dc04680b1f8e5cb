"""The account goes away whole, whatever stands in it. Last of all: who comes after it finds a new account."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rehearsal import layout as rehearsal_layout
from rehearsal.account import layout
from tests.support import bodies
from tests.support.fleet import Fleet
from tests.support.site import rehearsal

KINDS = ("instances/", "database/", "cache/", "balancers/", "registry/")
REGISTRY = f"{layout.ACCOUNT}.dkr.ecr.{layout.REGION}.amazonaws.com"


@pytest.fixture
def everything(fleet: Fleet) -> Fleet:
    """One body of each kind, or its beginning: what is half made has to go as well."""
    rds, cache = bodies.client("rds"), bodies.client("elasticache")
    rds.create_db_subnet_group(DBSubnetGroupName="down", DBSubnetGroupDescription="x", SubnetIds=fleet.subnets)
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="down", CacheSubnetGroupDescription="x", SubnetIds=fleet.subnets
    )
    rds.create_db_instance(
        DBInstanceIdentifier="down",
        Engine="postgres",
        EngineVersion="17.5",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="boss",
        MasterUserPassword="some-password",
        DBSubnetGroupName="down",
    )
    cache.create_cache_cluster(
        CacheClusterId="down",
        Engine="redis",
        CacheNodeType="cache.t4g.micro",
        NumCacheNodes=1,
        CacheSubnetGroupName="down",
    )
    bodies.client("ecr").create_repository(repositoryName="down")
    bodies.client("route53").create_hosted_zone(Name="down.example", CallerReference=fleet.name)
    fleet.elb.create_load_balancer(Name=fleet.name, Subnets=fleet.subnets, SecurityGroups=[fleet.balancer_group])
    fleet.ec2.allocate_address(Domain="vpc")
    fleet.start()
    bodies.wait(lambda: all(bodies.containers(kind) for kind in KINDS), True, 120)
    return fleet


def test_down_leaves_nothing_and_up_starts_afresh(everything: Fleet) -> None:
    before = said("ip", "-o", "link") + said("iptables", "-S") + said("ip", "route") + said("ip", "-o", "address")
    for trace in (layout.BRIDGE, str(layout.PUBLIC), str(layout.FRONT), str(layout.CONTROLLER)):
        assert trace in before, "or this test looks in the wrong place"
    process = Path(f"/proc/{layout.PID.read_text().strip()}")
    rehearsal("account", "down")
    assert bodies.containers("") == []
    for kind in ("network", "volume"):
        assert said("docker", kind, "ls", "--quiet", f"--filter=label={layout.LABEL}") == ""
        assert layout.PREFIX not in said("docker", kind, "ls")
    assert f"table inet {layout.TABLE}" not in said("nft", "list", "tables").splitlines()
    after = said("ip", "-o", "link") + said("iptables", "-S") + said("ip", "route") + said("ip", "-o", "address")
    for trace in (layout.BRIDGE, str(layout.PUBLIC), f"{layout.FRONT}/", f"{layout.CONTROLLER}/"):
        assert trace not in after
    assert not layout.FOLDER.exists(), "data of databases and caches, certificates, the log"
    assert not process.exists()
    if layout.FIRST:
        assert REGISTRY not in Path("/etc/hosts").read_text()
        assert not (Path("/etc/docker/certs.d") / REGISTRY).exists()
        assert said("docker", "exec", rehearsal_layout.DNS.container, "cat", "/tmp/servers") == ""
    rehearsal("account", "up")
    assert everything.ec2.describe_instances()["Reservations"] == []
    assert bodies.client("rds").describe_db_instances()["DBInstances"] == []


def said(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout
