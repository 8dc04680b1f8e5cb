"""Databases of RDS: PostgreSQL and MariaDB (for MySQL too), each a real server under its endpoint name."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import build, catalogue, run, state
from .. import certificates, disks, engines, layout, rewind
from ..account import Account
from ..body import Interface, NotYet, Plain, Standing
from ..engines import ADMIN, ARCHIVE, CONFIG, Engine
from ..engines.mariadb import MariaDb
from ..engines.postgres import Postgres
from ..lives import rds
from .network import Vpc

SECONDS = 240  # until a server has to answer
_ENGINES: dict[str, Engine] = {"postgres": Postgres(), "mysql": MariaDb(), "mariadb": MariaDb()}
_SERVER = 999  # the user of the servers in both images


@dataclass(frozen=True)
class Database:
    """``boots`` counts the restarts that somebody asked for."""

    name: str
    engine: str
    version: str
    size: str
    vpc: str
    address: str
    endpoint: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    parameters: tuple[tuple[str, str], ...]
    on: bool
    boots: int
    origin: rds.Origin | None

    @property
    def server(self) -> Engine:
        return _ENGINES[self.engine]

    @property
    def image(self) -> str:
        return self.server.image(self.version)

    @property
    def settings(self) -> engines.Wanted:
        return engines.Wanted(
            self.port,
            self.user,
            self.password,
            self.database,
            self.version,
            engines.memory_of(self.size),
            dict(self.parameters),
        )


class Databases(Plain[Database]):
    """One container for each instance. A standby is none: after a failover the same disk stands in its zone."""

    name = "database"

    def __init__(self) -> None:
        rds.apply()
        self._known: dict[str, frozenset[str]] = {}
        self._waiting: set[str] = set()  # whose parameters wait for a restart

    def wanted(self, account: Account) -> dict[str, Database]:
        return {one.stairway_key: _spec(account, one) for one in databases(account) if not one.stairway_gone}

    def make(self, account: Account, key: str, spec: Database) -> None:
        _network_or_not_yet(account, spec)
        folder = account.folder(self.name, key)
        if not (folder / disks.READY).exists() and spec.origin is not None:
            _bring(account, spec, spec.origin, folder)
        fresh = not (folder / disks.READY).exists()
        if fresh:
            account.docker.remove(container(key))
            disks.empty(folder / "data")
            state.write(folder / "admin", os.urandom(16).hex(), mode=0o600)
        self._configure(folder, spec)
        self._contain(account, key, spec, folder)
        if spec.on:
            self._start(account, key, spec, first=fresh)
            (folder / disks.READY).touch()
            rewind.begin(account, folder, container(key), spec.server)

    def change(self, account: Account, key: str, old: Database, new: Database) -> None:
        if old.image != new.image:
            raise RuntimeError(f"the rehearsal upgrades no disk of {old.image} to {new.image}: restore a dump")
        folder = account.folder(self.name, key)
        moved = old.address != new.address
        if moved:
            account.docker.remove(container(key))  # at once, as a machine dies
        elif old.on and (not new.on or _needs_restart(old, new)):
            account.docker.stop(container(key), 30)
        self._configure(folder, new)
        self._contain(account, key, new, folder)
        if not new.on:
            return
        if moved or not old.on or _needs_restart(old, new):
            self._start(account, key, new, first=False)
        else:
            self._reload(key, new, old)

    def remove(self, account: Account, key: str, old: Database) -> None:
        for one in snapshots(account):
            if one.stairway_origin.key == key and one.status == "creating":
                raise NotYet(f"the snapshot {one.db_snapshot_identifier}")
        account.docker.remove(container(key))
        shutil.rmtree(account.folder(self.name, key), ignore_errors=True)
        account.release(key)

    def state(self, account: Account, bodies: Mapping[str, Standing[Database]]) -> None:
        for backend, name, one in list(_listed(account)):
            body = bodies.get(one.stairway_key)
            if one.stairway_gone:
                if body is None and backend.databases.get(name) is one:
                    del backend.databases[name]
            elif body is not None and body.phase == "standing" and body.spec == _spec(account, one):
                one.stairway_status = "available" if body.spec.on else "stopped"
            elif body is not None and body.phase == "changing" and one.stairway_status == "available":
                one.stairway_status = "modifying"
            one.stairway_parameters = "pending-reboot" if one.stairway_key in self._waiting else "in-sync"

    def interfaces(self, account: Account) -> Iterator[Interface]:
        for one in databases(account):
            if one.stairway_gone:
                continue
            subnet = _subnet(account, one)
            if subnet is not None:
                yield Interface(
                    owner=one.stairway_key,
                    address=account.lease(subnet.id, one.stairway_key),
                    vpc=subnet.vpc_id,
                    subnet=subnet.id,
                    zone=subnet.availability_zone,
                    groups=tuple(sorted(one.vpc_security_group_ids)),
                    names=(one.address,),
                )

    def _configure(self, folder: Path, spec: Database) -> None:
        """Its settings and certificate are in the folder."""
        rds_folder = folder / "rds"
        rds_folder.mkdir(exist_ok=True)
        rds_folder.chmod(0o755)
        build.ensure([one for one in catalogue.ALL if one.tag == spec.image])
        for name, text in spec.server.files(spec.settings, self._knows(spec)).items():
            state.write(rds_folder / name, text)
        if not (rds_folder / "server.key").exists():
            key, end, chain = certificates.issue([spec.endpoint]).partition("-----END PRIVATE KEY-----\n")
            state.write(rds_folder / "server.crt", chain)
            state.write(rds_folder / "server.key", key + end, mode=0o600)
            os.chown(rds_folder / "server.key", _SERVER, _SERVER)

    def _knows(self, spec: Database) -> frozenset[str]:
        if spec.image not in self._known and spec.server.known():
            asked = ["docker", "run", "--rm", "--network=none", "--entrypoint=", spec.image, *spec.server.known()]
            self._known[spec.image] = frozenset(run.check(asked, what="Asking for parameters").split())
        return self._known.get(spec.image, frozenset())

    def _contain(self, account: Account, key: str, spec: Database, folder: Path) -> None:
        if account.docker.inspect(container(key)) is not None:
            return
        network = Vpc(spec.vpc, "").network
        account.docker.create(
            container(key),
            {
                "Image": spec.image,
                "Cmd": spec.server.command(),
                "Hostname": spec.name,
                "Env": [f"{n}={v}" for n, v in spec.server.environment((folder / "admin").read_text()).items()],
                "Labels": {layout.LABEL: account.number, layout.BODY: f"{self.name}/{key}"},
                "StopTimeout": 30,
                "HostConfig": {
                    "Binds": [
                        f"{folder / 'data'}:{spec.server.data}",
                        f"{folder / 'rds'}:{CONFIG}:ro",
                        f"{rewind.archive(folder)}:{ARCHIVE}",
                    ],
                    "RestartPolicy": {"Name": "unless-stopped"},
                    "ShmSize": 256 << 20,
                    "NetworkMode": network,
                },
                "NetworkingConfig": {"EndpointsConfig": {network: {"IPAMConfig": {"IPv4Address": spec.address}}}},
            },
        )

    def _start(self, account: Account, key: str, spec: Database, *, first: bool) -> None:
        account.docker.start(container(key))
        end = time.monotonic() + SECONDS
        while not run.run(["docker", "exec", container(key), *spec.server.answers(spec.port)], timeout=10).ok:
            if time.monotonic() > end:
                log = run.run(["docker", "logs", "--tail=5", container(key)]).tail(5)
                raise TimeoutError(f"it does not answer after {SECONDS} s: {log}")
            time.sleep(0.3)
        self._sql(key, spec, spec.server.setup(spec.settings, first=first))
        self._waiting.discard(key)

    def _reload(self, key: str, new: Database, old: Database) -> None:
        if new.password != old.password or new.user != old.user:
            self._sql(key, new, new.server.setup(new.settings, first=False))
        if new.parameters != old.parameters:
            (
                self._waiting.add
                if new.server.waits(self._sql(key, new, new.server.reload(new.settings)))
                else self._waiting.discard
            )(key)

    def _sql(self, key: str, spec: Database, text: str) -> str:
        admin = (layout.BODIES / self.name / key / "admin").read_text()
        done = _type(container(key), spec.server, admin, text)
        refused = [line for line in done.stderr.splitlines() if re.search(r"^ERROR|ERROR:|FATAL", line)]
        if spec.engine == "postgres" and refused:
            raise RuntimeError("; ".join(refused))
        return done.stdout + done.stderr


def container(key: str) -> str:
    return layout.container(Databases.name, key)


def databases(account: Account) -> list[Any]:
    """moto's instances that have a body: those that belong to no cluster, of engines that there are."""
    return [one for _backend, _name, one in _listed(account)]


def snapshots(account: Account) -> list[Any]:
    """moto's snapshots that have a body."""
    return [
        one
        for _region, backend in account.backends("rds")
        for _name, one in _held(backend.database_snapshots)
        if one.snapshot_type == "manual" and hasattr(one, "stairway_key")
    ]


def _listed(account: Account) -> Iterator[tuple[Any, str, Any]]:
    for _region, backend in account.backends("rds"):
        for name, one in _held(backend.databases):
            if one.engine in _ENGINES and rds.may_have_a_body(one):
                yield backend, name, one


def _held(items: Any) -> list[tuple[str, Any]]:
    """What is in one of moto's dictionaries now; to walk through it while another thread takes something out fails."""
    return list(items._store.values())


def _spec(account: Account, one: Any) -> Database:
    subnet = _subnet(account, one)
    group = one.db_parameter_groups()[0].parameters
    given = {name: str(held.get("ParameterValue", "")) for name, held in list(group.items())}
    if one.is_replica:
        given |= {"default_transaction_read_only": "on", "read_only": "ON"}
    return Database(
        one.db_instance_identifier,
        one.engine,
        one.engine_version,
        one.db_instance_class,
        subnet.vpc_id if subnet is not None else "",
        account.lease(subnet.id, one.stairway_key) if subnet is not None else "",
        one.address,
        int(one.port),
        one.master_username or ADMIN,
        rds.password_of(one),
        one.db_name or "",
        tuple(sorted((name, value) for name, value in given.items() if value)),
        one.stairway_on,
        one.stairway_boots,
        one.stairway_origin,
    )


def _subnet(account: Account, one: Any) -> Any:
    """Where it stands: of its subnet group, or of the default VPC, the one in its zone."""
    group = getattr(one, "db_subnet_group", None)
    if group is not None:
        held = list(group._subnets)
    else:
        backend = dict(account.backends("ec2"))[one.region]
        held = [
            zone for all_of in backend.subnets.values() for zone in all_of.values() if zone.default_for_az == "true"
        ]
    held.sort(key=lambda subnet: (subnet.availability_zone != one.availability_zone, subnet.id))
    return held[0] if held else None


def _needs_restart(old: Database, new: Database) -> bool:
    return (old.boots, old.port, old.size, old.version) != (new.boots, new.port, new.size, new.version)


def _network_or_not_yet(account: Account, spec: Database) -> None:
    network = Vpc(spec.vpc, "").network
    if not any(one["Name"] == network for one in account.docker.call("GET", "/networks")):
        raise NotYet(f"the network of {spec.vpc}")


def _bring(account: Account, spec: Database, origin: rds.Origin, folder: Path) -> None:
    """Data and administrator's password come from there."""
    source = layout.BODIES / origin.kind / origin.key
    if not (source / disks.READY).exists():
        raise NotYet(f"the data of the {origin.kind} {origin.key}")
    writer = container(origin.key) if origin.kind == "database" else None
    if writer is None or not origin.until or not rewind.can(source):
        disks.copy(account, source, folder, writer)
        return
    if not (folder / disks.READY).exists():
        _type(writer, spec.server, (source / "admin").read_text(), spec.server.stamp())
    rewind.bring(account, source, folder, writer, spec.server, origin.until)


def _type(writer: str, server: Engine, admin: str, text: str) -> run.Finished:
    """SQL to a server that may not run."""
    options = [one for one in server.client(admin) if one.startswith(("--env=", "--user=p"))]
    program = [one for one in server.client(admin) if one not in options]
    return run.run(["docker", "exec", "-i", *options, writer, *program], stdin=text.encode())
