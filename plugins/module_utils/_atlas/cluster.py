"""A cluster as it is in Atlas, and what has to be asked of Atlas so that it is as wanted. Pure.

https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupcluster and
https://www.mongodb.com/docs/atlas/scale-cluster.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from .._common.errors import StairwayError
from .plan import Change, Part, Step
from .wanted import KIND, Wanted, aws_region

WHAT = "cluster"
IDLE, DELETING = "IDLE", "DELETING"
# While Atlas repairs a node the others serve.
USABLE = (IDLE, "REPAIRING")
_READ_ONLY_SPECS = ("effectiveElectableSpecs", "effectiveReadOnlySpecs", "effectiveAnalyticsSpecs")
_READ_ONLY_NODE = ("effectiveInstanceSize", "diskThroughput")
_NODES = ("electableSpecs", "readOnlySpecs", "analyticsSpecs")
_PLAIN = {
    "version": "mongoDBMajorVersion",
    "backup": "backupEnabled",
    "point_in_time": "pitEnabled",
    "encryption": "encryptionAtRestProvider",
    "termination_protection": "terminationProtectionEnabled",
}
_HARDWARE = ("region", "tier", "nodes", "disk_gb")
# What a new cluster has where the task names nothing; the rest is Atlas's to say.
_NEW: Mapping[str, Any] = {"nodes": 3, "backup": True, "termination_protection": True}


def attributes(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """A cluster of Atlas in the words of the task; what Atlas does not say is None."""
    region = _region(cluster)
    node = region.get("electableSpecs") or {}
    name = region.get("regionName")
    return {
        "region": aws_region(name) if name else None,
        "tier": node.get("instanceSize"),
        "nodes": node.get("nodeCount"),
        "disk_gb": node.get("diskSizeGB"),
        **{word: cluster.get(theirs) for word, theirs in _PLAIN.items()},
    }


def part(want: Wanted, cluster: Mapping[str, Any] | None, *, used_gb: float | None = None) -> Part:
    """``used_gb`` is what the largest node has on its disk, None where that is not known."""
    if cluster is None:
        return _made(want)
    made = Part()
    made.problems += _unfit(want, cluster)
    if made.problems:
        return made
    found = attributes(cluster)
    asked = {word: value for word, value in _asked(want).items() if value != found[word]}
    for word, why in _left(asked, cluster):
        made.notes.append(why)
        del asked[word]
    made.problems += _refused(want, asked, cluster, used_gb)
    if asked and not made.problems:
        changes = tuple(Change(f"{WHAT}.{word}", found[word], value) for word, value in asked.items())
        made.steps.append(Step(WHAT, "PATCH", f"/clusters/{want.name}", _patch(asked, cluster), changes))
    return made


def gone(want: Wanted, cluster: Mapping[str, Any] | None) -> Part:
    """Its protection off, then itself; its snapshots stay as long as their policy says."""
    made = Part()
    if cluster is None or cluster.get("stateName") == DELETING:
        return made
    if not want.given_up:
        made.problems.append(
            StairwayError(
                "This would delete a cluster with all its data.",
                found=f"{want.name}, {cluster.get('stateName')}",
                expected="a run that gives it up by name, with the time of a fresh verified backup",
                where=f"{WHAT} {want.name}",
                fix="ansible-playbook playbooks/backup.yml -e prove=true; then "
                f"give_up: {{{KIND}/{want.name}: <time of that backup>}}",
            )
        )
        return made
    path = f"/clusters/{want.name}"
    if cluster.get("terminationProtectionEnabled"):
        change = Change(f"{WHAT}.termination_protection", True, False)
        made.steps.append(Step(WHAT, "PATCH", path, {"terminationProtectionEnabled": False}, (change,)))
    keep = "?retainBackups=true" if cluster.get("backupEnabled") else ""
    made.steps.append(Step(WHAT, "DELETE", path + keep, None, (Change(WHAT, want.name, None),)))
    return made


def _asked(want: Wanted) -> dict[str, Any]:
    region = aws_region(want.region) if want.region else None
    named = {"region": region, **{word: getattr(want, word) for word in (*_HARDWARE[1:], *_PLAIN)}}
    return {word: value for word, value in named.items() if value is not None}


def _made(want: Wanted) -> Part:
    made = Part()
    missing = [word for word in ("region", "tier") if getattr(want, word) is None]
    if missing:
        made.problems.append(
            StairwayError(
                f"There is no cluster {want.name} yet, and a new one needs {' and '.join(missing)}.",
                where=", ".join(missing),
            )  # fmt: skip
        )
        return made
    asked = {**_NEW, **_asked(want)}
    node: dict[str, Any] = {"instanceSize": asked["tier"], "nodeCount": asked["nodes"]}
    if "disk_gb" in asked:
        node["diskSizeGB"] = asked["disk_gb"]
    region = {"providerName": "AWS", "regionName": want.region, "priority": 7, "electableSpecs": node}
    body = {
        "name": want.name,
        "clusterType": "REPLICASET",
        "replicationSpecs": [{"regionConfigs": [region]}],
        **{theirs: asked[word] for word, theirs in _PLAIN.items() if word in asked},
    }
    changes = (
        Change(WHAT, None, want.name),
        *(Change(f"{WHAT}.{word}", None, value) for word, value in asked.items()),
    )
    made.steps.append(Step(WHAT, "POST", "/clusters", body, changes))
    return made


def _unfit(want: Wanted, cluster: Mapping[str, Any]) -> Iterator[StairwayError]:
    """What makes it another cluster than one that could be given to an app."""
    where = f"{WHAT} {want.name}"
    provider = _region(cluster).get("providerName")
    if cluster.get("stateName") == DELETING:
        yield StairwayError(
            "The cluster is being deleted.",
            where=where,
            fix="wait until it is gone, then run again; that makes a new one",
        )
    elif provider in ("TENANT", "FLEX"):
        yield StairwayError(
            "A free or flexible cluster of this name is there.",
            found=str((_region(cluster).get("electableSpecs") or {}).get("instanceSize")),
            expected="M10 or larger",
            where=where,
            fix="upgrade it in Atlas, which is a step with an outage, or name another cluster",
        )
    elif provider != "AWS":
        yield StairwayError("The cluster is not in AWS.", found=str(provider), expected="AWS", where=where)
    elif cluster.get("paused"):
        yield StairwayError(
            "The cluster is paused.", where=where, fix="resume it in Atlas, then run again; Atlas bills it from then on"
        )


def _left(asked: Mapping[str, Any], cluster: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What Atlas scales by itself, as somebody told it to: putting it back would begin a fight."""
    found, scaling = attributes(cluster), _region(cluster).get("autoScaling") or {}
    left = []
    if "tier" in asked and (scaling.get("compute") or {}).get("enabled"):
        left.append(("tier", f"tier stays {found['tier']}: this cluster scales by itself"))
    if "disk_gb" in asked and (scaling.get("diskGB") or {}).get("enabled") and _shrinks(asked, found):
        left.append(("disk_gb", f"disk_gb stays {found['disk_gb']:g}: this disk grows by itself"))
    return left


def _shrinks(asked: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return found["disk_gb"] is not None and asked["disk_gb"] < found["disk_gb"]


def _refused(
    want: Wanted, asked: Mapping[str, Any], cluster: Mapping[str, Any], used_gb: float | None
) -> Iterator[StairwayError]:
    found, where = attributes(cluster), f"{WHAT} {want.name}"
    shaped = [word for word in _HARDWARE if word in asked]
    if shaped and not _simple(cluster):
        yield StairwayError(
            "This cluster has shards or several regions; only a replica set in one region is changed from here.",
            found=", ".join(f"{word}: {found[word]}" for word in shaped),
            expected=", ".join(f"{word}: {asked[word]}" for word in shaped),
            where=where,
            fix=f"change it in Atlas, or do not name {' and '.join(shaped)}",
        )
        return
    if "region" in asked:
        yield StairwayError(
            "A cluster does not leave its region from here: all its data would be copied behind the app's back.",
            found=str(found["region"]),
            expected=str(asked["region"]),
            where=where,
            fix="make a cluster of another name there, and move the store to it: docs/moves-mongodb.md",
        )
    if "version" in asked:
        yield from _other_version(str(asked["version"]), cluster, where)
    if "disk_gb" in asked and _shrinks(asked, found):
        yield from _smaller(asked["disk_gb"], used_gb, where)
    if asked.get("backup") is False and not want.given_up:
        yield StairwayError(
            "Without backups Atlas deletes the snapshots that are there.",
            where=where,
            fix=f"give_up: {{{KIND}/{want.name}: <time of a fresh verified backup>}}",
        )
    backup = asked.get("backup", found["backup"])
    if asked.get("point_in_time") and not backup:
        yield StairwayError("There is no way back to a point in time without backups.", where=where, fix="backup: true")


def _other_version(asked: str, cluster: Mapping[str, Any], where: str) -> Iterator[StairwayError]:
    found = str(cluster.get("mongoDBMajorVersion"))
    if cluster.get("versionReleaseSystem") == "CONTINUOUS":
        yield StairwayError("This cluster always gets the newest version.", found=found, expected=asked, where=where)
        return
    try:
        now, then = (tuple(int(piece) for piece in text.split(".")) for text in (found, asked))
    except ValueError:
        yield StairwayError("Atlas says a version that is none.", found=found, expected=asked, where=where)
        return
    if then < now:
        yield StairwayError(
            "Atlas does not go back to an older version.", found=found, expected=asked, where=where,
            fix="restore a backup into a new cluster of that version, or name the one that runs",
        )  # fmt: skip
    elif then[0] > now[0] + 1:
        yield StairwayError(
            "Atlas goes up one major version at a time.", found=found, expected=f"{now[0] + 1}.0", where=where,
            fix=f"name {now[0] + 1}.0 first, and see that the app works with it",
        )  # fmt: skip


def _smaller(asked: int, used_gb: float | None, where: str) -> Iterator[StairwayError]:
    if used_gb is None:
        yield StairwayError(
            "A disk is not made smaller while nobody knows how full it is: Atlas gave no measurement.",
            where=where,
            fix="do not name disk_gb, or make it smaller in Atlas",
        )
    elif used_gb >= asked:
        yield StairwayError(
            "The data does not fit on this disk.", found=f"{used_gb:.1f} GB in use", expected=f"less than {asked} GB",
            where=where,
        )  # fmt: skip


def _patch(asked: Mapping[str, Any], cluster: Mapping[str, Any]) -> dict[str, Any]:
    """A PATCH replaces ``replicationSpecs`` whole: what is not named goes back as it came, so that it stays."""
    body = {theirs: asked[word] for word, theirs in _PLAIN.items() if word in asked}
    if not any(word in asked for word in _HARDWARE):
        return body
    specs = copy.deepcopy(cluster["replicationSpecs"])
    for spec in specs:
        spec.pop("zoneId", None)
        for region in spec["regionConfigs"]:
            for name in _READ_ONLY_SPECS:
                region.pop(name, None)
            for name in _NODES:
                if region.get(name):
                    _set_node(name, region[name], asked)
    return {**body, "replicationSpecs": specs}


def _set_node(name: str, node: dict[str, Any], asked: Mapping[str, Any]) -> None:
    for theirs in _READ_ONLY_NODE:
        node.pop(theirs, None)
    if name == "electableSpecs" and "nodes" in asked:
        node["nodeCount"] = asked["nodes"]
    # Electable and read-only nodes have one size; nodes for analysis have their own.
    if name != "analyticsSpecs" and "tier" in asked:
        node["instanceSize"] = asked["tier"]
    if "disk_gb" in asked:
        node["diskSizeGB"] = asked["disk_gb"]
    # The number goes with size and disk; Atlas counts it anew where nobody bought more.
    if node.get("ebsVolumeType", "STANDARD") == "STANDARD" and ("tier" in asked or "disk_gb" in asked):
        node.pop("diskIOPS", None)


def _simple(cluster: Mapping[str, Any]) -> bool:
    specs = cluster.get("replicationSpecs") or []
    return len(specs) == 1 and len(specs[0].get("regionConfigs") or []) == 1


def _region(cluster: Mapping[str, Any]) -> Mapping[str, Any]:
    specs = cluster.get("replicationSpecs") or [{}]
    regions = specs[0].get("regionConfigs") or [{}]
    first: Mapping[str, Any] = regions[0]
    return first
