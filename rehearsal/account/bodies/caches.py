"""Caches of ElastiCache: each node a real Redis (for Valkey too), primaries and replicas under their names."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import build, catalogue, run, state
from .. import certificates, layout
from ..account import Account
from ..body import Interface, NotYet, Plain, Standing
from ..engines import redis
from ..lives import elasticache
from .network import Vpc

SECONDS = 120
_SERVER = 999  # the user of the server in the image


@dataclass(frozen=True)
class Cache:
    """``names`` are in the certificate. ``boots`` counts the restarts that somebody asked for."""

    name: str
    vpc: str
    address: str
    names: tuple[str, ...]
    port: int
    tls: bool
    passwords: tuple[str, ...] = field(repr=False)
    admin: str = field(repr=False)
    size: str
    primary: str
    parameters: tuple[tuple[str, str], ...]
    sharded: bool
    boots: int

    @property
    def settings(self) -> redis.Wanted:
        return redis.Wanted(
            self.port, self.tls, self.passwords, self.admin, self.size, self.primary, dict(self.parameters)
        )


@dataclass(frozen=True)
class Node:
    """moto's node and where it belongs: ``group`` is the node itself where it stands alone."""

    node: Any
    group: Any
    subnet: Any
    shard: str
    primary: str  # the node that is the primary of its shard

    @property
    def key(self) -> str:
        return f"{self.node.cache_cluster_id}-{self.node.stairway_key}"


class Caches(Plain[Cache]):
    """One container for each node. Nothing is kept over a restart, as at AWS."""

    name = "cache"

    def __init__(self) -> None:
        elasticache.apply()

    def wanted(self, account: Account) -> dict[str, Cache]:
        for one in nodes(account):
            one.group.__dict__.setdefault("stairway_nodes", set()).add(one.key)
        return wanted(account)

    def make(self, account: Account, key: str, spec: Cache) -> None:
        if spec.sharded:
            raise RuntimeError("the rehearsal has no cluster mode: a cache with shards gets no body")
        network = Vpc(spec.vpc, "").network
        if not any(one["Name"] == network for one in account.docker.call("GET", "/networks")):
            raise NotYet(f"the network of {spec.vpc}")
        build.ensure([one for one in catalogue.OFFICIAL if one.tag == redis.IMAGE])
        folder = account.folder(self.name, key)
        _configure(folder, spec)
        if account.docker.inspect(container(key)) is None:
            account.docker.create(container(key), _config(account, key, spec, network, folder))
        account.docker.start(container(key))
        _wait(key, spec)
        _send(key, spec, redis.commands(spec.settings))

    def change(self, account: Account, key: str, old: Cache, new: Cache) -> None:
        if (old.address, old.names, old.port, old.tls) != (new.address, new.names, new.port, new.tls):
            account.docker.remove(container(key))
            self.make(account, key, new)
            return
        _configure(account.folder(self.name, key), new)
        if old.boots != new.boots:
            account.docker.stop(container(key), 5)
            account.docker.start(container(key))
            _wait(key, new)
        _send(key, new, redis.commands(new.settings))

    def remove(self, account: Account, key: str, old: Cache) -> None:
        account.docker.remove(container(key))
        shutil.rmtree(account.folder(self.name, key), ignore_errors=True)
        account.release(key)

    def state(self, account: Account, bodies: Mapping[str, Standing[Cache]]) -> None:
        wanted = self.wanted(account)
        ready = {key for key, body in bodies.items() if body.phase == "standing" and wanted.get(key) == body.spec}
        for one in nodes(account):
            if one.key in ready:
                one.node.stairway_status = "available"
                if one.node.preferred_availability_zone is None:
                    one.node.preferred_availability_zone = one.subnet.availability_zone
        for backend in (backend for _region, backend in account.backends("elasticache")):
            for held, name_of in (
                (backend.replication_groups, "replication_group_id"),
                (backend.cache_clusters, "cache_cluster_id"),
            ):
                for one in list(held.values()):
                    keys = one.__dict__.get("stairway_nodes", set())
                    if one.stairway_status == "deleting" and not keys & set(bodies):
                        held.pop(getattr(one, name_of), None)
                    elif held is backend.replication_groups and one.stairway_status != "deleting":
                        keys &= set(wanted)
                        if keys and keys <= ready:
                            one.stairway_status = "available"

    def interfaces(self, account: Account) -> Iterator[Interface]:
        for one in nodes(account):
            yield Interface(
                owner=one.key,
                address=account.lease(one.subnet.id, one.key),
                vpc=one.subnet.vpc_id,
                subnet=one.subnet.id,
                zone=one.subnet.availability_zone,
                groups=tuple(sorted(item["SecurityGroupId"] for item in one.node.security_groups)),
                names=tuple(sorted(_names(one))),
                service=f"cache {one.group.stairway_key}",
            )


def wanted(account: Account) -> dict[str, Cache]:
    """How each node has to be."""
    found = nodes(account)
    addresses = {one.node.cache_cluster_id: account.lease(one.subnet.id, one.key) for one in found}
    return {one.key: _spec(one, addresses) for one in found}


def container(key: str) -> str:
    return layout.container(Caches.name, key)


def nodes(account: Account) -> list[Node]:
    """Those that have a body: of engines that there are, and not on their way out."""
    found = []
    for region, backend in account.backends("elasticache"):
        for node in list(backend.cache_clusters.values()):
            group = backend.replication_groups.get(getattr(node, "replication_group_id", None) or "", node)
            leaves = "deleting" in (getattr(group, "stairway_status", ""), getattr(node, "stairway_status", ""))
            if leaves or node.engine not in ("redis", "valkey") or not hasattr(node, "stairway_key"):
                continue
            shard, order = _place(group, node.cache_cluster_id)
            subnet = _subnet(account, region, backend, node, order)
            if subnet is not None:
                primary = getattr(group, "stairway_primary", {}).get(shard) or _members(group, shard, node)[0]
                found.append(Node(node, group, subnet, shard, primary))
    return found


def _place(group: Any, name: str) -> tuple[str, int]:
    """The shard of the node, and which of the shard's nodes it is."""
    for made in getattr(group, "node_groups", ()):
        names = [one["CacheClusterId"] for one in made["NodeGroupMembers"]]
        if name in names:
            return made["NodeGroupId"], names.index(name)
    return "", 0


def _members(group: Any, shard: str, node: Any) -> list[str]:
    for made in getattr(group, "node_groups", ()):
        if made["NodeGroupId"] == shard:
            return [one["CacheClusterId"] for one in made["NodeGroupMembers"]]
    return [node.cache_cluster_id]


def _subnet(account: Account, region: str, backend: Any, node: Any, order: int) -> Any:
    group = backend.cache_subnet_groups.get(node.cache_subnet_group_name or "")
    if group is not None:
        return account.subnet(group.subnet_ids[order % len(group.subnet_ids)])
    ec2 = dict(account.backends("ec2"))[region]
    own = [zone for all_of in ec2.subnets.values() for zone in all_of.values() if zone.default_for_az == "true"]
    return own[order % len(own)] if own else None


def _names(one: Node) -> set[str]:
    """Its own, and those of its group that mean it now."""
    names = {str(held["Endpoint"]["Address"]) for held in one.node.cache_nodes}
    is_primary = one.primary == one.node.cache_cluster_id
    for made in getattr(one.group, "node_groups", ()):
        if made["NodeGroupId"] == one.shard and "PrimaryEndpoint" in made:
            alone = len(made["NodeGroupMembers"]) == 1
            if is_primary:
                names.add(made["PrimaryEndpoint"]["Address"])
            if alone or not is_primary:
                names.add(made["ReaderEndpoint"]["Address"])
    return names


def _spec(one: Node, addresses: Mapping[str, str]) -> Cache:
    node, group = one.node, one.group
    secret = hashlib.sha256(f"{group.stairway_key} {one.node.replication_group_id}".encode()).hexdigest()
    every = {*_names(one)}
    for made in getattr(group, "node_groups", ()):
        every |= {made[kind]["Address"] for kind in ("PrimaryEndpoint", "ReaderEndpoint") if kind in made}
    primary = "" if one.primary == node.cache_cluster_id else addresses.get(one.primary, "")
    return Cache(
        node.cache_cluster_id,
        one.subnet.vpc_id,
        addresses[node.cache_cluster_id],
        tuple(sorted(every)),
        int(node.port),
        bool(group.transit_encryption_enabled),
        elasticache.passwords_of(group),
        secret,
        str(node.cache_node_type),
        primary,
        _parameters(node),
        getattr(group, "cluster_mode", "disabled") == "enabled",
        node.stairway_boots,
    )


def _parameters(node: Any) -> tuple[tuple[str, str], ...]:
    """Of a group of one's own; a default group says what the image says anyway."""
    name = node.cache_parameter_group["CacheParameterGroupName"]
    for backend in _backends(node):
        held = backend.__dict__.get("parameter_groups", {}).get(name)
        if held:
            return tuple(sorted((key, str(value)) for key, value in held["parameters"].items()))
    return ()


def _backends(node: Any) -> list[Any]:
    from moto.elasticache.models import elasticache_backends

    _arn, _aws, _service, region, number, *_rest = node.arn.split(":")
    return [elasticache_backends[number][region]]


def _configure(folder: Path, spec: Cache) -> None:
    inside = folder / "redis"
    inside.mkdir(exist_ok=True)
    inside.chmod(0o755)
    state.write(inside / "redis.conf", redis.config(spec.settings), mode=0o600)
    state.write(inside / "ca.crt", state.OWN_CA.read_text())
    if not (inside / spec.names[0]).exists():  # says which names the certificate is for
        key, end, chain = certificates.issue(list(spec.names)).partition("-----END PRIVATE KEY-----\n")
        state.write(inside / "server.crt", chain)
        state.write(inside / "server.key", key + end, mode=0o600)
    for private in ("redis.conf", "server.key"):
        os.chown(inside / private, _SERVER, _SERVER)


def _config(account: Account, key: str, spec: Cache, network: str, folder: Path) -> dict[str, Any]:
    return {
        "Image": redis.IMAGE,
        "Cmd": ["redis-server", f"{redis.CONFIG}/redis.conf"],
        "Hostname": spec.name,
        "Labels": {layout.LABEL: account.number, layout.BODY: f"{Caches.name}/{key}"},
        "HostConfig": {
            "Binds": [f"{folder / 'redis'}:{redis.CONFIG}:ro"],
            "RestartPolicy": {"Name": "unless-stopped"},
            "NetworkMode": network,
        },
        "NetworkingConfig": {"EndpointsConfig": {network: {"IPAMConfig": {"IPv4Address": spec.address}}}},
    }


def _send(key: str, spec: Cache, commands: list[str]) -> str:
    argv = redis.client(spec.settings, container(key))
    return run.run(argv, stdin="".join(f"{one}\n" for one in commands).encode(), timeout=20).stdout


def _wait(key: str, spec: Cache) -> None:
    """It answers, and a replica has what its primary has."""
    end = time.monotonic() + SECONDS
    sign = "master_link_status:up" if spec.primary else "role:"
    while sign not in _send(key, spec, ["INFO replication"]):
        if time.monotonic() > end:
            log = run.run(["docker", "logs", "--tail=5", container(key)]).tail(5)
            raise TimeoutError(f"it does not answer after {SECONDS} s: {log}")
        time.sleep(0.3)
