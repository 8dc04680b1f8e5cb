"""What a host is told about its backups, and what it writes down about each. Frozen dataclasses, pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PROGRAM = 1  # of the manifests' format


@dataclass(frozen=True)
class Mount:
    """A file or folder of the host that a store's container sees."""

    source: str
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Store:
    """A store in a container on this host. ``folder`` is where its container keeps its data, ``volume`` the name of
    the volume that holds it unless a restore has put another one in its place.
    """

    name: str
    engine: str
    image: str
    database: str
    user: str
    container: str
    volume: str
    folder: str
    memory: str
    mounts: tuple[Mount, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Volume:
    """Files of the app on this host."""

    name: str
    path: str


@dataclass(frozen=True)
class Place:
    """Where backups go: ``s3://bucket/prefix`` or ``file:///folder``. Without keys the machine's own role is asked."""

    to: str
    region: str = "us-east-1"
    endpoint: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(repr=False, default=None)


@dataclass(frozen=True)
class Seal:
    """To whom backups are encrypted: recipients of age, or one armored public key of GPG."""

    age: tuple[str, ...] = ()
    gpg: str | None = None

    @property
    def kind(self) -> str:
        """``age``, ``gpg`` or ``none``."""
        return "age" if self.age else "gpg" if self.gpg else "none"


@dataclass(frozen=True)
class Probe:
    """A question to a restored store, and what the answer has to match (a regular expression)."""

    store: str
    query: str
    expect: str


@dataclass(frozen=True)
class Drill:
    every_days: int
    alarm_days: int
    probes: tuple[Probe, ...] = ()


@dataclass(frozen=True)
class Settings:
    """All of it."""

    app: str
    place: Place
    keep_days: int
    keep_least: int
    seal: Seal
    drill: Drill | None
    stores: tuple[Store, ...]
    volumes: tuple[Volume, ...] = ()
    files_password: str | None = field(repr=False, default=None)
    slack: str | None = field(repr=False, default=None)
    slack_success: bool = False
    rto_minutes: int = 30
    rpo_minutes: int = 15

    def store(self, name: str) -> Store | None:
        return next((store for store in self.stores if store.name == name), None)


def settings_of(data: Mapping[str, Any]) -> Settings:
    """From the host's file."""
    drill = data.get("drill")
    return Settings(
        **{
            **data,
            "place": Place(**data["place"]),
            "seal": Seal(tuple(data["seal"]["age"]), data["seal"]["gpg"]),
            "drill": None
            if drill is None
            else Drill(drill["every_days"], drill["alarm_days"], tuple(Probe(**one) for one in drill["probes"])),
            "stores": tuple(_store(one) for one in data["stores"]),
            "volumes": tuple(Volume(**one) for one in data["volumes"]),
        }
    )


def _store(data: Mapping[str, Any]) -> Store:
    mounts = tuple(Mount(**one) for one in data["mounts"])
    return Store(**{**data, "mounts": mounts, "command": tuple(data["command"])})


@dataclass(frozen=True)
class Manifest:
    """What stands beside a backup. It is written last: without one there is no backup.

    ``made`` and ``began`` are seconds since 1970 by the host's clock; the order of backups is ``sequence`` and never a
    time. ``counts`` are rows (documents, keys) by table; those in ``loose`` may differ, as nobody could stop writes to
    them. ``objects`` counts what else is there, such as indexes.
    """

    app: str
    store: str
    engine: str
    id: str
    sequence: int
    began: float
    made: float
    host: str
    server: str
    image: str
    database: str
    file: str
    bytes: int
    sha256: str
    sealed: str
    counts: Mapping[str, int]
    objects: Mapping[str, int] = field(default_factory=dict)
    loose: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    database_bytes: int = 0
    good: bool = True
    note: str = ""

    @property
    def rows(self) -> int:
        return sum(self.counts.values())
