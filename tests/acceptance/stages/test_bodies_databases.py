"""Databases of the rehearsal's account are real servers: what RDS says of them, a client sees."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.support import bodies

pytestmark = pytest.mark.usefixtures("account")

PASSWORD = "p'w \"x/1"  # what a URL and a shell would stumble over


@dataclass
class Server:
    """One instance and how a client asks it."""

    rds: Any
    name: str
    engine: str
    password: str = PASSWORD

    def seen(self) -> Any:
        (one,) = self.rds.describe_db_instances(DBInstanceIdentifier=self.name)["DBInstances"]
        return one

    def status(self) -> str:
        return str(self.seen()["DBInstanceStatus"])

    def becomes(self, status: str = "available") -> None:
        bodies.wait(self.status, status)

    def ask(self, sql: str, *, tls: bool = True) -> str:
        host = self.seen()["Endpoint"]["Address"]
        if self.engine == "postgres":
            mode = "sslmode=verify-full sslrootcert=/ca.pem" if tls else "sslmode=disable"
            line = f"host={host} user=boss dbname=shop connect_timeout=5 {mode}"
            return bodies.run(
                "postgres:17", "psql", "-qAtX", line, "-c", sql, name=host, env={"PGPASSWORD": self.password}
            )
        options = ["--ssl-verify-server-cert", "--ssl-ca=/ca.pem"] if tls else ["--skip-ssl"]
        argv = [
            "mariadb",
            "--no-defaults",
            f"--host={host}",
            "--user=boss",
            "--connect-timeout=5",
            *options,
            "-BN",
            "shop",
        ]
        return bodies.run("mariadb:11", *argv, "-e", sql, name=host, env={"MYSQL_PWD": self.password})


ENGINES = {
    "postgres": ("17.5", "postgres17", "shared_buffers", "4096", "SHOW shared_buffers", "32MB"),
    "mysql": ("8.0.40", "mysql8.0", "innodb_buffer_pool_instances", "1", "SELECT @@max_connections", "77"),
}


@pytest.fixture(params=ENGINES)
def server(account: None, request: pytest.FixtureRequest) -> Iterator[Server]:
    """It is there; two zones, parameters of its own, ``max_connections`` among them."""
    with bodies.ground(71) as ground:
        rds, engine = bodies.client("rds"), request.param
        name, (version, family, *_) = f"{ground.name}-{engine}", ENGINES[engine]
        rds.create_db_subnet_group(
            DBSubnetGroupName=name, DBSubnetGroupDescription="two zones", SubnetIds=ground.subnets
        )
        rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily=family, Description="ours")
        set_parameters(rds, name, max_connections="77", **{"rds.force_ssl": "1"} if engine == "postgres" else {})
        made = rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine=engine,
            EngineVersion=version,
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="boss",
            MasterUserPassword=PASSWORD,
            DBName="shop",
            DBSubnetGroupName=name,
            DBParameterGroupName=name,
            VpcSecurityGroupIds=[ground.group],
            MultiAZ=True,
        )["DBInstance"]
        assert made["DBInstanceStatus"] == "creating"
        one = Server(rds, name, engine)
        one.becomes()
        yield one
        for left in rds.describe_db_instances()["DBInstances"]:
            if left["DBInstanceIdentifier"].startswith(ground.name) and left["DBInstanceStatus"] != "deleting":
                rds.delete_db_instance(DBInstanceIdentifier=left["DBInstanceIdentifier"], SkipFinalSnapshot=True)
        bodies.wait(lambda: not bodies.containers(f"database/{ground.name}"))
        rds.delete_db_subnet_group(DBSubnetGroupName=name)
        rds.delete_db_parameter_group(DBParameterGroupName=name)


def set_parameters(rds: Any, group: str, **values: str) -> None:
    rds.modify_db_parameter_group(
        DBParameterGroupName=group,
        Parameters=[
            {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
            for name, value in values.items()
        ],
    )


def test_a_database_is_what_its_instance_says(server: Server) -> None:
    host = server.seen()["Endpoint"]["Address"]
    show = "SHOW max_connections" if server.engine == "postgres" else "SELECT @@max_connections"
    assert server.ask(show) == "77"
    server.ask("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
    assert server.ask("SELECT n FROM t") == "1"
    if server.engine == "postgres":
        assert "no encryption" in server.ask("SELECT 1", tls=False)
        assert "permission denied" in server.ask("COPY t TO '/tmp/x'"), "the master user is no superuser"

    # a parameter that a running server cannot change waits for a reboot
    if server.engine == "postgres":
        set_parameters(server.rds, server.name, shared_buffers="4096")
        waiting = lambda: server.seen()["DBParameterGroups"][0]["ParameterApplyStatus"]  # noqa: E731
        bodies.wait(waiting, "pending-reboot")
        server.rds.reboot_db_instance(DBInstanceIdentifier=server.name)
        assert server.status() == "rebooting"
        server.becomes()
        assert waiting() == "in-sync"
        assert server.ask("SHOW shared_buffers") == "32MB"
    else:
        set_parameters(server.rds, server.name, max_connections="66")
        bodies.wait(lambda: server.ask(show), "66")

    # a failover: the other zone, another address behind the same name, the same rows
    zones = server.seen()["AvailabilityZone"], server.seen()["SecondaryAvailabilityZone"]
    before = bodies.resolve(host)
    server.rds.reboot_db_instance(DBInstanceIdentifier=server.name, ForceFailover=True)
    server.becomes()
    assert (server.seen()["SecondaryAvailabilityZone"], server.seen()["AvailabilityZone"]) == zones
    assert bodies.wait(lambda: bodies.resolve(host)) != before
    assert server.ask("SELECT n FROM t") == "1"

    # stopped and started, and a new password
    server.rds.stop_db_instance(DBInstanceIdentifier=server.name)
    server.becomes("stopped")
    assert server.ask("SELECT 1") != "1"
    server.rds.start_db_instance(DBInstanceIdentifier=server.name)
    server.becomes()
    server.rds.modify_db_instance(
        DBInstanceIdentifier=server.name, MasterUserPassword="new-one-2", ApplyImmediately=True
    )
    bodies.wait(lambda: Server(server.rds, server.name, server.engine, "new-one-2").ask("SELECT n FROM t"), "1")
    assert server.ask("SELECT n FROM t") != "1"


def test_snapshots_hold_the_data_of_their_moment(server: Server) -> None:
    rds, copy, last = server.rds, f"{server.name}-copy", f"{server.name}-last"
    server.ask("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
    made = rds.create_db_snapshot(DBInstanceIdentifier=server.name, DBSnapshotIdentifier=copy)["DBSnapshot"]
    assert made["Status"] == "creating"
    bodies.wait(lambda: state_of(rds, copy), "available")
    server.ask("INSERT INTO t VALUES (2)")
    rds.delete_db_instance(DBInstanceIdentifier=server.name, FinalDBSnapshotIdentifier=last)
    assert server.status() == "deleting"
    bodies.wait(lambda: state_of(rds, last), "available")
    bodies.wait(lambda: not bodies.containers(f"database/{server.name}-"))
    with pytest.raises(rds.exceptions.DBInstanceNotFoundFault):
        bodies.wait(lambda: server.status() != "deleting")

    group = [one["DBSubnetGroupName"] for one in rds.describe_db_subnet_groups()["DBSubnetGroups"]]
    assert server.name in group
    vpc_group = made_in(rds, server.name)
    for snapshot, rows in ((copy, ["1"]), (last, ["1", "2"])):
        restored = Server(rds, f"{server.name}-{'a' if snapshot == copy else 'b'}", server.engine)
        rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=restored.name,
            DBSnapshotIdentifier=snapshot,
            DBSubnetGroupName=server.name,
            VpcSecurityGroupIds=[vpc_group],
        )
        restored.becomes()
        assert restored.ask("SELECT n FROM t ORDER BY n").split() == rows
    for one in (copy, last):
        rds.delete_db_snapshot(DBSnapshotIdentifier=one)


@pytest.mark.parametrize("server", ["postgres"], indirect=True)
def test_a_moment_before_a_mistake_is_brought_back(server: Server) -> None:
    """Twice, as what was restored can be set back too."""
    place = {"DBSubnetGroupName": server.name, "VpcSecurityGroupIds": [made_in(server.rds, server.name)]}
    source = server
    for name, rows in (("a", "1"), ("b", "2")):
        source.ask(f"CREATE TABLE t{rows} AS SELECT {rows} AS n")
        at = a_moment()
        source.ask(f"DROP TABLE t{rows}")
        restored = Server(server.rds, f"{server.name}-{name}", server.engine)
        server.rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=source.name, TargetDBInstanceIdentifier=restored.name, RestoreTime=at, **place
        )
        assert restored.status() == "creating"
        restored.becomes()
        assert restored.ask(f"TABLE t{rows}") == rows
        assert "does not exist" in source.ask(f"TABLE t{rows}"), "the source is left alone"
        source = restored


def a_moment() -> datetime:
    """A whole second, with nothing written just before and just after it."""
    time.sleep(1.2)
    at = datetime.now(timezone.utc).replace(microsecond=0)
    time.sleep(1.2)
    return at


def test_a_replica_answers_and_takes_no_writes(server: Server) -> None:
    server.ask("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
    replica = Server(server.rds, f"{server.name}-r", server.engine)
    server.rds.create_db_instance_read_replica(
        DBInstanceIdentifier=replica.name, SourceDBInstanceIdentifier=server.name
    )
    assert replica.status() == "creating"
    replica.becomes()
    assert replica.ask("SELECT n FROM t") == "1"
    assert "read-only" in replica.ask("INSERT INTO t VALUES (2)")
    server.rds.delete_db_instance(DBInstanceIdentifier=replica.name, SkipFinalSnapshot=True)
    bodies.wait(lambda: not bodies.containers(f"database/{replica.name}-"))


def state_of(rds: Any, snapshot: str) -> str:
    (one,) = rds.describe_db_snapshots(DBSnapshotIdentifier=snapshot)["DBSnapshots"]
    return str(one["Status"])


def made_in(rds: Any, subnet_group: str) -> str:
    """The security group of the ground that this subnet group lies in."""
    (one,) = rds.describe_db_subnet_groups(DBSubnetGroupName=subnet_group)["DBSubnetGroups"]
    groups = bodies.client("ec2").describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [one["VpcId"]]}])
    return next(str(group["GroupId"]) for group in groups["SecurityGroups"] if group["GroupName"] != "default")
