"""What a task asks for, checked before anything is asked of Atlas. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from .._common.errors import StairwayError

KIND = "atlas_cluster"
FRESH_HOURS = 24
# https://www.mongodb.com/docs/atlas/reference/atlas-limits: hostnames are made from so many characters of the name.
HOST_CHARACTERS = 23
SMALLEST_DISK_GB = 10
# Atlas gives this to its first network in a project that names none.
ATLAS_CIDR = "192.168.248.0/21"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,3}-\d+")
_TIER = re.compile(r"[MR]\d{2,3}(_NVME)?")
_SHARED = ("M0", "M2", "M5", "FLEX")
_GROUP = re.compile(r"sg-[0-9a-f]{8,17}")
# An access list that lets in more than a sixteenth of the internet keeps nobody out.
_WIDE = {4: 5, 6: 17}
_COMMENT = 80


@dataclass(frozen=True)
class Entry:
    """One line of a project's access list: ``field`` is Atlas's name for its kind."""

    field: str
    value: str

    @property
    def is_group(self) -> bool:
        return self.field == "awsSecurityGroup"


@dataclass(frozen=True)
class Peering:
    vpc: str
    cidr: str
    account: str
    region: str
    atlas_cidr: str | None = None


@dataclass(frozen=True)
class User:
    name: str
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    roles: tuple[tuple[str, str], ...] = ()
    always: bool = False


@dataclass(frozen=True)
class Wanted:
    """None leaves alone what is there, and is Atlas's or our default in a new cluster."""

    project: str
    name: str
    region: str | None = None
    tier: str | None = None
    nodes: int | None = None
    version: str | None = None
    disk_gb: int | None = None
    backup: bool | None = None
    point_in_time: bool | None = None
    encryption: str | None = None
    termination_protection: bool | None = None
    entries: tuple[Entry, ...] = ()
    open_because: str | None = None
    peering: Peering | None = None
    user: User | None = None
    given_up: bool = False


def wanted(params: Mapping[str, Any], *, now: datetime | None = None) -> Wanted:
    """The task's options.

    :raises StairwayError: with every mistake at once.
    """
    mistakes = list(_mistakes(params))
    given = (params.get("give_up") or {}).get(f"{KIND}/{params['name']}")
    if given is not None:
        mistakes += _not_fresh(str(given), now or datetime.now(timezone.utc))
    if mistakes:
        raise _together(mistakes)
    return Wanted(
        project=params["project"],
        name=params["name"],
        region=atlas_region(params["region"]) if params.get("region") else None,
        tier=params["tier"].upper() if params.get("tier") else None,
        nodes=params.get("nodes"),
        version=_version(params["version"]) if params.get("version") else None,
        disk_gb=params.get("disk_gb"),
        backup=params.get("backup"),
        point_in_time=params.get("point_in_time"),
        encryption=params.get("encryption"),
        termination_protection=params.get("termination_protection"),
        entries=tuple(dict.fromkeys(entry(one) for one in params.get("access_list") or [])),
        open_because=params.get("open_because"),
        peering=Peering(**params["peering"]) if params.get("peering") else None,
        user=_user(params["user"]) if params.get("user") else None,
        given_up=given is not None,
    )


def atlas_region(region: str) -> str:
    """``us-east-1`` as Atlas writes it: ``US_EAST_1``."""
    return region.upper().replace("-", "_")


def aws_region(region: str) -> str:
    return region.lower().replace("_", "-")


def entry(text: str) -> Entry:
    """:raises ValueError: when it is no address, no network and no security group."""
    if _GROUP.fullmatch(text):
        return Entry("awsSecurityGroup", text)
    network = ipaddress.ip_network(text)
    whole = network.prefixlen == network.max_prefixlen
    return Entry("ipAddress", str(network.network_address)) if whole else Entry("cidrBlock", str(network))


def _mistakes(params: Mapping[str, Any]) -> Iterator[StairwayError]:
    yield from _name(params["name"])
    yield from _hardware(params)
    for text in params.get("access_list") or []:
        yield from _access(text, params.get("open_because"))
    if len(params.get("open_because") or "") > _COMMENT:
        yield StairwayError(
            "Atlas keeps comments of 80 characters.", found=f"{len(params['open_because'])}", where="open_because"
        )
    if params.get("peering"):
        yield from _network(params["peering"])
    if params.get("user") and params.get("state") != "absent":
        yield from _login(params["user"])


def _name(name: str) -> Iterator[StairwayError]:
    if not _NAME.fullmatch(name):
        yield StairwayError(
            "This is no name of a cluster.",
            found=name,
            expected="letters, digits and hyphens, at most 64",
            where="name",
        )
    elif name[:HOST_CHARACTERS].endswith("-"):
        yield StairwayError(
            f"Atlas makes host names from the first {HOST_CHARACTERS} characters, and these end with a hyphen.",
            found=name[:HOST_CHARACTERS],
            where="name",
        )


def _hardware(params: Mapping[str, Any]) -> Iterator[StairwayError]:
    region, tier, disk = params.get("region"), params.get("tier"), params.get("disk_gb")
    if region and not _REGION.fullmatch(region):
        yield StairwayError("This is no region.", found=region, expected="as AWS writes it: us-east-1", where="region")
    if tier and tier.upper() in _SHARED:
        yield StairwayError(
            "A free or flexible cluster shares its machine with strangers: no peering, no way back to a point in time,"
            " and limits that a move runs into.",
            found=tier,
            expected="M10 or larger",
            where="tier",
        )
    elif tier and not _TIER.fullmatch(tier.upper()):
        yield StairwayError("This is no tier.", found=tier, expected="such as M10, M30 or R40", where="tier")
    if params.get("nodes") not in (None, 3, 5, 7):
        yield StairwayError(
            "So many nodes cannot vote.", found=str(params["nodes"]), expected="3, 5 or 7", where="nodes"
        )
    if disk is not None and disk < SMALLEST_DISK_GB:
        yield StairwayError("The disk is too small.", found=str(disk), expected="10 (GB) or more", where="disk_gb")
    if params.get("version") and not re.fullmatch(r"\d+(\.\d+)?", params["version"]):
        yield StairwayError("This is no version.", found=params["version"], expected="as in 7 or 8.0", where="version")
    if params.get("backup") is False and params.get("point_in_time"):
        yield StairwayError("There is no way back to a point in time without backups.", where="point_in_time")


def _access(text: str, because: str | None) -> Iterator[StairwayError]:
    if _GROUP.fullmatch(text):
        return
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        yield StairwayError(
            "This is no address, network or security group.", found=text, expected=_canonical(text, error),
            where="access_list",
        )  # fmt: skip
        return
    if network.prefixlen < _WIDE[network.version] and not because:
        yield StairwayError(
            "This lets the whole internet try passwords at the database.",
            found=text,
            expected="the addresses of your hosts",
            where="access_list",
            fix="name them, or say why it has to be open: open_because: <reason>; the reason is kept in Atlas",
        )


def _canonical(text: str, error: ValueError) -> str:
    if "host bits" in str(error):
        return f"{ipaddress.ip_network(text, strict=False)}, or the address alone"
    return "such as 203.0.113.7, 10.0.0.0/16 or sg-0123456789abcdef0"


def _network(peering: Mapping[str, Any]) -> Iterator[StairwayError]:
    networks = {}
    for name in ("cidr", "atlas_cidr"):
        if peering.get(name):
            try:
                networks[name] = ipaddress.ip_network(peering[name])
            except ValueError as error:
                yield StairwayError(
                    "This is no network.", found=peering[name], expected=str(error), where=f"peering.{name}"
                )
    ours, theirs = networks.get("cidr"), networks.get("atlas_cidr")
    if ours is not None and not ours.is_private:
        yield StairwayError("Atlas routes to private networks only.", found=str(ours), where="peering.cidr")
    if theirs is not None and not (theirs.is_private and 21 <= theirs.prefixlen <= 24):
        yield StairwayError(
            "Atlas's network has to be private, and between /21 and /24.", found=str(theirs), where="peering.atlas_cidr"
        )
    if not re.fullmatch(r"vpc-[0-9a-f]{8,17}", peering["vpc"]):
        yield StairwayError("This is no VPC.", found=peering["vpc"], expected="vpc-0123…", where="peering.vpc")
    if not re.fullmatch(r"\d{12}", peering["account"]):
        yield StairwayError("This is no AWS account.", found=peering["account"], expected="twelve digits in quotes",
                            where="peering.account")  # fmt: skip
    if not _REGION.fullmatch(peering["region"]):
        yield StairwayError("This is no region.", found=peering["region"], expected="us-east-1", where="peering.region")


def _login(user: Mapping[str, Any]) -> Iterator[StairwayError]:
    if user.get("password") is not None and len(user["password"]) < 8:
        yield StairwayError("Atlas takes passwords of 8 characters and more.", where="user.password")
    if not user.get("roles") and not user.get("database"):
        yield StairwayError("The user may do nothing: neither roles nor a database are named.", where="user.database")


def _user(user: Mapping[str, Any]) -> User:
    """Without roles it is the owner of its data: ``dbAdmin`` is asked for by indexes that let documents expire."""
    roles = user.get("roles") or []
    if user.get("database") and not roles:
        roles = [{"role": role, "database": user["database"]} for role in ("readWrite", "dbAdmin")]
    return User(
        name=user["name"],
        password=user.get("password"),
        database=user.get("database"),
        roles=tuple(sorted((one["role"], one["database"]) for one in roles)),
        always=user.get("update_password") == "always",
    )


def _version(text: str) -> str:
    return text if "." in text else f"{text}.0"


def _not_fresh(given: str, now: datetime) -> Iterator[StairwayError]:
    try:
        age = now - datetime.fromisoformat(given.replace("Z", "+00:00"))
    except (ValueError, TypeError):
        yield StairwayError(
            "This is no time of a backup.", found=given, expected="such as 2026-11-21T02:00:00Z", where="give_up"
        )
        return
    if not timedelta(minutes=-5) <= age <= timedelta(hours=FRESH_HOURS):
        yield StairwayError(
            "This backup is not fresh.",
            found=given,
            expected=f"one of the last {FRESH_HOURS} hours",
            where="give_up",
            fix="ansible-playbook playbooks/backup.yml",
        )


def _together(mistakes: list[StairwayError]) -> StairwayError:
    if len(mistakes) == 1:
        return mistakes[0]
    return StairwayError(
        f"{len(mistakes)} things cannot be done so.", log=[line for one in mistakes for line in str(one).splitlines()]
    )
