"""What there is in a project of Atlas. It only asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from .._common.errors import StairwayError
from .._common.suggest import nearest
from . import cluster, user
from .client import Client
from .faults import AtlasError
from .wanted import Wanted, atlas_region, aws_region

_ID = re.compile(r"[0-9a-f]{24}")
_NO_CLUSTER = ("CLUSTER_NOT_FOUND", "CLUSTER_NAME_NOT_FOUND")
_NO_USER = ("USER_NOT_FOUND", "USERNAME_NOT_FOUND")
_USED = "DISK_PARTITION_SPACE_USED"


@dataclass(frozen=True)
class Project:
    """Where a cluster is: ``path`` is what stands before all that belongs to it."""

    id: str
    name: str

    @property
    def path(self) -> str:
        return f"/groups/{self.id}"


@dataclass(frozen=True)
class Found:
    """All that a task can be about, as Atlas has it."""

    project: Project
    cluster: dict[str, Any] | None
    user: dict[str, Any] | None = None
    entries: list[dict[str, Any]] = field(default_factory=list)
    containers: list[dict[str, Any]] = field(default_factory=list)
    peers: list[dict[str, Any]] = field(default_factory=list)
    used_gb: float | None = None

    def region(self, want: Wanted) -> str | None:
        """In Atlas's words: where the cluster is, or will be."""
        if self.cluster is None:
            return want.region
        there = cluster.attributes(self.cluster)["region"]
        return atlas_region(str(there)) if there else want.region


def project(client: Client, named: str) -> Project:
    """By its id (24 hexadecimal digits) or by its name.

    :raises AtlasError: when there is none, or when this login may not see it.
    """
    path = f"/groups/{named}" if _ID.fullmatch(named) else f"/groups/byName/{quote(named, safe='')}"
    found = client.get(path)
    return Project(_text(found, "id", path), _text(found, "name", path))


def the_cluster(client: Client, where: Project, name: str) -> dict[str, Any] | None:
    """None where there is none; its state is known in any other case."""
    path = f"{where.path}/clusters/{name}"
    found = client.find(path, *_NO_CLUSTER)
    if found is not None:
        _text(found, "stateName", path)
        regions = [spec.get("regionConfigs") if isinstance(spec, dict) else None for spec in _list(found, path)]
        if not all(isinstance(one, list) and all(isinstance(part, dict) for part in one) for one in regions):
            raise _strange("replicationSpecs of regions", "something else", path)
    return found


def found(client: Client, want: Wanted, where: Project) -> Found:
    """Only what the task names is asked for."""
    there = the_cluster(client, where, want.name)
    peered = want.peering is not None or any(one.is_group for one in want.entries)
    return Found(
        project=where,
        cluster=there,
        user=client.find(where.path + user.path(want.user.name), *_NO_USER) if want.user else None,
        entries=client.all(f"{where.path}/accessList") if want.entries else [],
        containers=client.all(f"{where.path}/containers", {"providerName": "AWS"}) if want.peering else [],
        peers=client.all(f"{where.path}/peers", {"providerName": "AWS"}) if peered else [],
        used_gb=_used(client, where, there) if there is not None and _shrinks(want, there) else None,
    )


def check_region(client: Client, want: Wanted, where: Project) -> None:
    """:raises StairwayError: when Atlas offers this tier in other regions only; asked for new clusters, beforehand."""
    offers = client.all(f"{where.path}/clusters/provider/regions", {"providers": "AWS", "tier": want.tier})
    regions = {
        str(region.get("name"))
        for offer in offers
        for size in offer.get("instanceSizes") or []
        if size.get("name") == want.tier
        for region in size.get("availableRegions") or []
    }
    if not regions:
        raise StairwayError("Atlas offers no such tier in AWS.", found=str(want.tier), where="tier")
    if want.region not in regions:
        words = sorted(map(aws_region, regions))
        asked = aws_region(str(want.region))
        close = nearest(asked, words)
        raise StairwayError(
            f"Atlas has no {want.tier} in this region.",
            found=asked,
            expected=", ".join(words),
            where="region",
            fix=f"did you mean {close}?" if close else None,
        )


def _shrinks(want: Wanted, there: Mapping[str, Any]) -> bool:
    size = cluster.attributes(there)["disk_gb"]
    return want.disk_gb is not None and size is not None and want.disk_gb < size


def _used(client: Client, where: Project, there: Mapping[str, Any]) -> float | None:
    """GB on the fullest disk. The processes of a cluster are known by the hosts of its connection string."""
    hosts = _hosts(there)
    most = None
    try:
        for process in client.all(f"{where.path}/processes"):
            if process.get("userAlias") in hosts or process.get("hostname") in hosts:
                path = f"{where.path}/processes/{process['id']}/disks/data/measurements"
                said = client.get(path, {"granularity": "PT1M", "period": "PT10M", "m": _USED})
                for value in _values(said):
                    most = max(most or 0.0, value / 1e9)
    except AtlasError:  # a login that may not see measurements; the plan says that nothing is known
        return None
    return most


def _hosts(there: Mapping[str, Any]) -> set[str]:
    text = (there.get("connectionStrings") or {}).get("standard") or ""
    names = urlsplit(text).netloc.rpartition("@")[2].split(",")
    return {name.partition(":")[0] for name in names if name}


def _values(said: Mapping[str, Any]) -> list[float]:
    return [
        float(point["value"])
        for measure in said.get("measurements") or []
        if measure.get("name") == _USED
        for point in measure.get("dataPoints") or []
        if point.get("value") is not None
    ]


def _text(found: Mapping[str, Any], name: str, path: str) -> str:
    text = found.get(name)
    if not isinstance(text, str) or not text:
        raise _strange(f"an object with {name}", ", ".join(sorted(found)) or "an empty one", path)
    return text


def _list(found: Mapping[str, Any], path: str) -> list[Any]:
    specs = found.get("replicationSpecs")
    if not isinstance(specs, list):
        raise _strange("an object with replicationSpecs", ", ".join(sorted(found)), path)
    return specs


def _strange(expected: str, there: str, path: str) -> StairwayError:
    return StairwayError(
        "Atlas answered with something else than its documentation says.",
        expected=expected,
        found=there,
        where=f"GET {path}",
        fix="see base_url, and whether a proxy answers in the place of Atlas",
    )
