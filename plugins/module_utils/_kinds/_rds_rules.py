"""What is wrong with a database, or with a change of one, and what it costs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._common.suggest import listing, nearest
from .._resource.kind import HOURS, Entry, Found, Sight, Usage, Wanted
from .._resource.problems import Problem
from . import _rds
from ._stores import numbers, window_problems

_LARGE = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge"
# families -> their sizes: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Types.html
_FAMILIES = {
    "t3 t4g": "micro small medium large xlarge 2xlarge",
    "t2": "micro small medium large xlarge 2xlarge",
    "m4": "large xlarge 2xlarge 4xlarge 10xlarge 16xlarge",
    "m5 r5 r5b m5d r5d m6i r6i m6id r6id": f"{_LARGE} 24xlarge",
    "m6g m6gd m7g r6g r6gd r7g": _LARGE,
    "m7i r7i m8g r8g m8gd r8gd": f"{_LARGE} 24xlarge 48xlarge",
    "x2g": _LARGE,
    "x2iedn": "xlarge 2xlarge 4xlarge 8xlarge 16xlarge 24xlarge 32xlarge",
    "z1d": "large xlarge 2xlarge 3xlarge 6xlarge 12xlarge",
}
SIZES = frozenset(
    f"db.{one}.{size}" for these, sizes in _FAMILIES.items() for one in these.split() for size in sizes.split()
)
RESERVED = {
    "mysql": {"rdsadmin", "root"},
    "mariadb": {"rdsadmin", "root"},
    "postgresql": {"rdsadmin", "admin", "postgresql"},
}
INSIGHTS_DAYS = {7, *(31 * month for month in range(1, 24)), 731}
# Where throughput and IOPS of gp3 can be chosen: from this size on.
GP3_CHOICE_GB = 400


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    yield from _engine_problems(entry)
    yield from _storage_problems(entry)
    yield from _origin_problems(entry)
    yield from _place_problems(entry, sight)
    attrs = entry.attrs
    yield from window_problems(
        entry.key, "backup_window", attrs.get("backup_window"), attrs.get("maintenance_window"), 30
    )
    days = attrs.get("performance_insights_days")
    if days is not None and days not in INSIGHTS_DAYS:
        yield Problem(
            f"{entry.key}.performance_insights_days",
            "AWS keeps them for whole months.",
            str(days),
            "7, 31, 62, ... 713 or 731",
        )


def _engine_problems(entry: Entry) -> Iterator[Problem]:
    attrs, engine = entry.attrs, _rds.ENGINES[entry.attrs["engine"]]
    version = attrs["version"]
    known = {numbers(one) for one in engine["versions"]}
    short = _rds.major(attrs["engine"], version)
    # the first number alone is enough where it is clear; "8" is not
    if short not in known:
        yield Problem(
            f"{entry.key}.version", f"RDS has no {attrs['engine']} {version}.", version, listing(engine["versions"]),
            nearest(version, engine["versions"]) or engine["versions"][-1],
        )  # fmt: skip
    elif len(numbers(version)) > len(short) and attrs.get("auto_minor_upgrade"):
        plain = ".".join(map(str, short))
        yield Problem(
            f"{entry.key}.version", "This names a minor version, and AWS is to apply newer ones by itself.", version,
            f'"{plain}", or auto_minor_upgrade: false', f'"{plain}"',
        )  # fmt: skip
    if attrs["size"] not in SIZES:
        yield Problem(
            f"{entry.key}.size",
            "RDS has no such size.",
            attrs["size"],
            "a size such as db.t4g.medium",
            nearest(attrs["size"], SIZES),
        )
    for log in attrs.get("log_exports") or ():
        if log not in engine["logs"]:
            yield Problem(
                f"{entry.key}.log_exports", f"{attrs['engine']} has no such log.", log, listing(engine["logs"])
            )
    if engine["tls"] in (attrs.get("parameters") or {}):
        yield Problem(
            f"{entry.key}.parameters.{engine['tls']}",
            "There is a field for this.",
            engine["tls"],
            "require_tls: true or false",
            "require_tls",
        )
    if str(attrs.get("username") or "").lower() in RESERVED[attrs["engine"]]:
        yield Problem(
            f"{entry.key}.username", "RDS keeps this name for itself.", attrs["username"], "another name", "stairway"
        )


def _storage_problems(entry: Entry) -> Iterator[Problem]:
    attrs = entry.attrs
    size, limit = attrs.get("storage_gb"), attrs.get("max_storage_gb")
    copied = attrs.get("replica_of") or attrs.get("restore")
    if size is None and not copied:
        yield Problem(f"{entry.key}.storage_gb", "This field is missing.", "nothing", "a size in GB, 20 or more", "20")
    if size and limit and limit * 10 < size * 11:
        yield Problem(
            f"{entry.key}.max_storage_gb",
            "AWS wants room for a tenth at least.",
            str(limit),
            f"{-(-size * 11 // 10)} or more, or 0",
        )
    chosen = [name for name in ("iops", "throughput_mibps") if attrs.get(name) is not None]
    kind = attrs.get("storage_type")
    if kind in ("io1", "io2") and attrs.get("iops") is None and not copied:
        yield Problem(
            f"{entry.key}.iops", f"{kind} storage needs a number of operations.", "nothing", "1000 or more", "1000"
        )
    if kind in ("io1", "io2", "gp2") and "throughput_mibps" in chosen:
        yield Problem(f"{entry.key}.throughput_mibps", "Throughput is chosen for gp3 only.", kind, "storage_type: gp3")
    if kind == "gp2" and "iops" in chosen:
        yield Problem(f"{entry.key}.iops", "gp2 storage does not let one choose.", kind, "storage_type: gp3")
    if kind == "gp3" and chosen and (size or GP3_CHOICE_GB) < GP3_CHOICE_GB:
        yield Problem(
            f"{entry.key}.{chosen[0]}", f"gp3 below {GP3_CHOICE_GB} GB has 3000 operations and 125 MiB/s, always.",
            f"{size} GB", f"{GP3_CHOICE_GB} GB or more, or no {' and no '.join(chosen)}",
        )  # fmt: skip


def _origin_problems(entry: Entry) -> Iterator[Problem]:
    attrs = entry.attrs
    if attrs.get("replica_of"):
        given = [
            n for n in ("restore", "password_secret", "username", "database_name", "managed_password") if attrs.get(n)
        ]
        for name in given:
            yield Problem(f"{entry.key}.{name}", "A replica has this from its source.", name, "nothing")
        if attrs["replica_of"] == entry.name:
            yield Problem(f"{entry.key}.replica_of", "It cannot follow itself.", entry.name, "another database")
        return
    both = [name for name in ("password_secret", "managed_password") if attrs.get(name)]
    if len(both) != 1 and not (attrs.get("restore") and not both):
        yield Problem(
            f"{entry.key}.password_secret", "It needs one source of its password.", " and ".join(both) or "none",
            "password_secret, or managed_password: true", "password_secret",
        )  # fmt: skip


def _place_problems(entry: Entry, sight: Sight) -> Iterator[Problem]:
    attrs = entry.attrs
    zones = {
        found.attrs["zone"] for name in attrs.get("subnets") or () if (found := sight.get("subnet", name)) is not None
    }
    if attrs.get("subnets") and zones and len(zones) < 2 and all(sight.get("subnet", one) for one in attrs["subnets"]):
        yield Problem(
            f"{entry.key}.subnets",
            "These are all in one zone; RDS wants two, even for a single server.",
            ", ".join(sorted(zones)),
            "subnets in at least two zones",
        )
    if attrs.get("zone") and attrs.get("multi_az"):
        yield Problem(
            f"{entry.key}.zone", "With a standby, AWS chooses the zones.", attrs["zone"], "no zone, or multi_az: false"
        )
    if attrs.get("multi_az") is False and attrs.get("zone") and zones and attrs["zone"] not in zones:
        yield Problem(
            f"{entry.key}.zone", "None of its subnets is in this zone.", attrs["zone"], listing(sorted(zones))
        )
    source = sight.get("database", attrs.get("replica_of"))
    if source is not None and source.attrs.get("backup_keep_days") == 0:
        yield Problem(
            f"{source.key}.backup_keep_days",
            f"{entry.key} can only follow a database with backups.",
            "0",
            "1 or more",
            "7",
        )
    if source is not None and source.attrs["engine"] != attrs["engine"]:
        yield Problem(
            f"{entry.key}.engine", "A replica speaks what its source speaks.", attrs["engine"], source.attrs["engine"]
        )


def refuse(found: Found, wanted: Wanted, fields: frozenset[str]) -> Iterator[Problem]:
    key = f"database/{wanted.name}"
    before = found.attrs
    if "storage_gb" in fields and wanted.attrs["storage_gb"] < (before.get("storage_gb") or 0):
        yield Problem(
            f"{key}.storage_gb", "RDS cannot make storage smaller.", f"{wanted.attrs['storage_gb']} GB",
            f"{before['storage_gb']} GB or more; or a new entry with less, and a move of the data to it",
            str(before["storage_gb"]),
        )  # fmt: skip
    if "version" in fields and isinstance(wanted.attrs["version"], str):
        yield from _version_refusals(key, before, wanted)
    if before.get("replica_of") and "replica_of" not in fields and wanted.get("replica_of") is None:
        yield Problem(
            f"{key}.replica_of", "This follows another database; the entry does not say so.", str(before["replica_of"]),
            "replica_of as it is; to make it a database of its own: aws rds promote-read-replica",
        )  # fmt: skip


def _version_refusals(key: str, before: Mapping[str, Any], wanted: Wanted) -> Iterator[Problem]:
    old, new = str(before.get("version") or ""), str(wanted.attrs["version"])
    engine = str(before["engine"])
    length = min(len(numbers(old)), len(numbers(new)))
    if numbers(new)[:length] < numbers(old)[:length]:
        same = _rds.major(engine, new) == _rds.major(engine, old)
        yield Problem(
            f"{key}.version", "RDS does not go back to an older version.", new,
            f"{old} or newer" + ("" if same else "; or a new entry with the old one, and a move of the data to it"),
            old,
        )  # fmt: skip
    elif _rds.major(engine, new) != _rds.major(engine, old) and not wanted.get("allow_major_upgrade"):
        yield Problem(
            f"{key}.version", "This is a major upgrade: the database is away for minutes, and there is no way back.",
            f"{old} -> {new}", "allow_major_upgrade: true, after a rehearsal on a restored snapshot",
            "allow_major_upgrade: true",
        )  # fmt: skip


# Versions past the end of AWS's standard support: each vCPU costs extra.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html (8.0: 2026-07-31)
# https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html (13: 2026-02-28)
PAST = {"mysql": ("5.7", "8.0"), "postgresql": ("11", "12", "13")}


def _vcpus(size: str) -> int:
    """https://aws.amazon.com/rds/instance-types/: two up to large, then twice as many with each step."""
    word = size.rsplit(".", 1)[-1]
    return {"xlarge": 4, "2xlarge": 8, "4xlarge": 16}.get(word, 2)


def price(attrs: Mapping[str, Any], related: Any) -> Iterator[Usage]:
    if not attrs.get("engine"):  # only its groups are left, and they cost nothing
        return
    standby = "/multi_az" if attrs.get("multi_az") else ""
    yield Usage(f"rds/{attrs['engine']}/{attrs['size']}{standby}", HOURS)
    if str(attrs.get("version", "")).startswith(PAST.get(attrs["engine"], ("none",))):
        instances = 2 if standby else 1
        yield Usage(f"rds/{attrs['engine']}/extended_support", HOURS * instances * _vcpus(str(attrs["size"])))
    size = attrs.get("storage_gb") or (
        (related("database", attrs["replica_of"]) or {}).get("storage_gb") if attrs.get("replica_of") else None
    )
    if size:
        yield Usage(f"rds/storage/{attrs.get('storage_type') or 'gp3'}{standby}", size)
        # backups as large as the database are free: https://aws.amazon.com/rds/pricing/
