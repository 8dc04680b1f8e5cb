"""What is wrong with a cache, or with a change of one, and what it costs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._common.suggest import listing, nearest
from .._resource.kind import HOURS, Entry, Found, Sight, Usage, Wanted
from .._resource.problems import Problem
from ._elasticache import CLUSTER
from ._stores import numbers, window_problems

_LARGE = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge"
# families -> their sizes: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
_FAMILIES = {
    "t2 t3 t4g": "micro small medium",
    "m4": "large xlarge 2xlarge 4xlarge 10xlarge",
    "r4": "large xlarge 2xlarge 4xlarge 8xlarge 16xlarge",
    "m5 r5": "large xlarge 2xlarge 4xlarge 12xlarge 24xlarge",
    "m6g r6g m7g r7g": _LARGE,
    "r6gd": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    "c7gn": _LARGE,
}
SIZES = frozenset(
    f"cache.{one}.{size}" for these, sizes in _FAMILIES.items() for one in these.split() for size in sizes.split()
)
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html, November 2026
VERSIONS = {"redis": ("5.0", "6.0", "6.2", "7.0", "7.1"), "valkey": ("7.2", "8.0", "8.1", "8.2")}
SHORTEST_SNAPSHOT_WINDOW = 60


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    attrs = entry.attrs
    versions = VERSIONS[attrs["engine"]]
    if numbers(attrs["version"])[:2] not in {numbers(one) for one in versions}:
        yield _problem(
            entry, "version", f"ElastiCache has no {attrs['engine']} {attrs['version']}.", attrs["version"],
            listing(versions), nearest(attrs["version"], versions) or versions[-1],
        )  # fmt: skip
    if attrs["size"] not in SIZES:
        hint = nearest(attrs["size"], SIZES)
        yield _problem(
            entry, "size", "ElastiCache has no such size.", attrs["size"], "a size such as cache.t4g.small", hint
        )
    yield from _node_problems(entry) if attrs.get("shape") == "node" else _group_problems(entry, sight)
    if CLUSTER in (attrs.get("parameters") or {}):
        yield _problem(entry, f"parameters.{CLUSTER}", "There is a field for this.", CLUSTER, "cluster_mode: true")
    yield from window_problems(
        entry.key, "snapshot_window", attrs.get("snapshot_window"), attrs.get("maintenance_window"),
        SHORTEST_SNAPSHOT_WINDOW,
    )  # fmt: skip


def _problem(
    entry: Entry, field: str, message: str, found: Any, expected: str, suggestion: str | None = None
) -> Problem:
    return Problem(f"{entry.key}.{field}", message, str(found), expected, suggestion)


# what a node on its own cannot have, with the value that it then has
_ONLY_GROUPS = (
    "replicas", "cluster_mode", "failover", "multi_az", "encrypted", "tls", "kms_key", "password_secret",
    "password_version",
)  # fmt: skip


def _node_problems(entry: Entry) -> Iterator[Problem]:
    for name in _ONLY_GROUPS:
        if entry.attrs.get(name):
            yield _problem(
                entry, name, "A node on its own cannot have this.", entry.attrs[name], "shape: group", "shape: group"
            )
    if entry.attrs["engine"] != "redis":
        yield _problem(entry, "shape", "Only Redis has nodes on their own.", "node", "shape: group", "group")


def _group_problems(entry: Entry, sight: Sight) -> Iterator[Problem]:
    attrs = entry.attrs
    replicas, cluster = attrs.get("replicas") or 0, attrs.get("cluster_mode")
    if (attrs.get("shards") or 1) > 1 and not cluster:
        yield _problem(entry, "shards", "Shards need cluster mode.", attrs["shards"], "cluster_mode: true, or 1 shard")
    if cluster and attrs.get("failover") is False:
        yield _problem(entry, "failover", "With cluster mode it cannot be off.", False, "failover: true")
    if attrs.get("failover") and not replicas and not cluster:
        yield _problem(entry, "failover", "There is no replica to take over.", "replicas: 0", "replicas: 1 or more")
    if attrs.get("multi_az") and not replicas:
        yield _problem(entry, "multi_az", "There is no replica for another zone.", "replicas: 0", "replicas: 1 or more")
    if attrs.get("multi_az") and attrs.get("failover") is False:
        yield _problem(entry, "multi_az", "This needs failover.", "failover: false", "failover: true")
    if attrs.get("password_secret") and attrs.get("tls") is False:
        yield _problem(
            entry, "password_secret", "A password needs encrypted connections.", "tls: false", "tls: true", "tls: true"
        )
    if attrs.get("password_version") not in (None, attrs.get("password_secret")):
        yield _problem(
            entry, "password_version", "This is another secret than that of the password.", attrs["password_version"],
            str(attrs.get("password_secret") or "password_secret: the same"), attrs.get("password_secret"),
        )  # fmt: skip
    if attrs.get("kms_key") and attrs.get("encrypted") is False:
        yield _problem(entry, "kms_key", "There is nothing to encrypt.", "encrypted: false", "encrypted: true")
    zones = [found.attrs["zone"] for name in attrs.get("subnets") or () if (found := sight.get("subnet", name))]
    if attrs.get("multi_az") and zones and len(zones) == len(attrs["subnets"]) and len(set(zones)) < 2:
        yield _problem(entry, "subnets", "These are all in one zone.", zones[0], "subnets in at least two zones")


def refuse(found: Found, wanted: Wanted, fields: frozenset[str]) -> Iterator[Problem]:
    key, before = f"cache/{wanted.name}", found.attrs
    if "engine" in fields and before["engine"] == "valkey":
        yield Problem(f"{key}.engine", "There is no way back from Valkey.", "valkey -> redis", "valkey", "valkey")
    elif "version" in fields and "engine" not in fields and isinstance(wanted.attrs["version"], str):
        old, new = numbers(str(before.get("version") or "")), numbers(wanted.attrs["version"])
        if new < old[: len(new)]:
            yield Problem(
                f"{key}.version", "ElastiCache does not go back to an older version.", wanted.attrs["version"],
                f"{before['version']} or newer", str(before["version"]),
            )  # fmt: skip
    if "password_secret" in fields and not before.get("tls"):
        yield Problem(
            f"{key}.password_secret", "A password needs encrypted connections, and this cache has none.", "tls: false",
            "a new entry with tls: true",
        )  # fmt: skip


def price(attrs: Mapping[str, Any], _related: Any) -> Iterator[Usage]:
    if not attrs.get("engine"):  # only its groups are left, and they cost nothing
        return
    nodes = (attrs.get("shards") or 1) * ((attrs.get("replicas") or 0) + 1)
    yield Usage(f"elasticache/{attrs['engine']}/{attrs['size']}", HOURS * nodes)
