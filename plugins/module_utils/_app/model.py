"""The app spec as frozen dataclasses: what everything else reads. Made by ``parse.parse``, with every default filled
in.

Durations are seconds, sizes are texts such as ``512m`` (k, m and g are powers of 1024), ports are TCP ports.
Whatever may hold a secret is left out of ``repr``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .cloud_model import Cloud, Managed

ASPECTS = ("compute", "database", "cache", "files", "secrets", "registry", "edge", "watch")


@dataclass(frozen=True)
class Health:
    """How to ask a routed service whether it is well: a GET of ``path`` that answers 2xx."""

    path: str
    interval_seconds: float
    timeout_seconds: float
    start_seconds: float


@dataclass(frozen=True)
class Volume:
    """A folder that outlives releases; ``path`` is where the service sees it."""

    name: str
    path: str


@dataclass(frozen=True)
class Service:
    """One container image of the app. With a port it is routed, without one it is a worker."""

    name: str
    image: str
    port: int | None
    paths: tuple[str, ...]
    health: Health | None
    replicas: int
    memory: str
    stop_seconds: int
    command: tuple[str, ...]
    env: Mapping[str, str]
    volumes: tuple[Volume, ...]
    singleton: bool
    user: str | None
    port_slot: int | None
    read_timeout_seconds: int
    build: str | None

    @property
    def kind(self) -> str:
        """``routed``, ``worker`` or ``singleton``."""
        if self.port is not None:
            return "routed"
        return "singleton" if self.singleton else "worker"


@dataclass(frozen=True)
class Task:
    """A command that runs once in each release, before the new colour starts."""

    name: str
    service: str
    command: tuple[str, ...]
    timeout_seconds: int


@dataclass(frozen=True)
class Store:
    """A database or cache. With ``url`` it is external: somebody else runs it, and only ``engine``, ``url`` and
    ``env`` count.

    ``env`` maps the name of a variable to the form it gets: url, base_url, jdbc, host, port, user, password or
    database. ``managed`` counts at the stages where AWS runs the store.
    """

    name: str
    engine: str
    version: str | None
    database: str | None
    user: str | None
    password: str | None = field(repr=False)
    memory: str
    env: Mapping[str, str]
    url: str | None = field(repr=False)
    managed: Managed = field(repr=False)

    @property
    def external(self) -> bool:
        return self.url is not None


@dataclass(frozen=True)
class RateLimit:
    """``requests`` in ``per_seconds`` for each client address, and ``burst`` more at once."""

    requests: int
    per_seconds: int
    burst: int


@dataclass(frozen=True)
class Static:
    """Files of a volume that the edge serves itself under ``path``."""

    path: str
    volume: str
    cache_seconds: int


@dataclass(frozen=True)
class Edge:
    """The reverse proxy that faces users."""

    server: str
    email: str | None
    acme_directory: str
    acme_ca: str | None
    max_body: str
    rate_limit: RateLimit | None
    behind: str | None
    static: tuple[Static, ...]
    hsts_seconds: int


@dataclass(frozen=True)
class Proof:
    """A bounded probe through the edge while a release is rolled out."""

    path: str
    per_second: int
    max_failed: int
    max_p99_ms: int


@dataclass(frozen=True)
class FleetRelease:
    """How a rollout goes over several machines: ``refresh`` puts new machines in the place of old ones, ``rolling``
    changes them in place; ``batch`` at a time. A refresh rests at ``checkpoints`` (percent); ``alarms`` end any.
    """

    kind: str
    batch: int
    checkpoints: tuple[int, ...]
    checkpoint_seconds: int
    alarms: tuple[str, ...]
    timeout_seconds: int


@dataclass(frozen=True)
class Release:
    """How a rollout behaves."""

    keep: int
    watch_seconds: int
    drain_seconds: int
    proof: Proof | None
    fleet: FleetRelease


@dataclass(frozen=True)
class Alerts:
    """Who hears of releases and troubles."""

    slack_webhook: str | None = field(repr=False)
    email: tuple[str, ...]


@dataclass(frozen=True)
class Encrypt:
    """To whom backups are encrypted: recipients of age, or one armored public key of GPG."""

    age: tuple[str, ...]
    gpg: str | None


@dataclass(frozen=True)
class Probe:
    """A question to a restored store, and what the answer has to match."""

    store: str
    query: str
    expect: str


@dataclass(frozen=True)
class Drill:
    """How often a backup is restored to prove it (0 for never), and when to complain that it was not."""

    every_days: int
    alarm_days: int
    probes: tuple[Probe, ...]


@dataclass(frozen=True)
class Backups:
    """When stores are dumped (``at`` is HH:MM in ``timezone``), where to, and for how long they are kept: at least
    ``keep_least`` good ones however old they are. ``endpoint``, ``region`` and the keys are for an S3 that the host's
    own role does not open. ``files_password`` opens the backups of the app's files.
    """

    at: str
    timezone: str
    keep_days: int
    keep_least: int
    to: str
    endpoint: str | None
    region: str | None
    access_key: str | None = field(repr=False)
    secret_key: str | None = field(repr=False)
    encrypt: Encrypt | None
    files_password: str | None = field(repr=False)
    notify: str
    drill: Drill
    rto_minutes: int
    rpo_minutes: int


@dataclass(frozen=True)
class App:
    """The whole description of one app."""

    name: str
    domains: tuple[str, ...]
    services: tuple[Service, ...]
    tasks: tuple[Task, ...]
    env: Mapping[str, str] = field(repr=False)
    stores: tuple[Store, ...]
    edge: Edge
    release: Release
    alerts: Alerts
    backups: Backups | None
    stage: Mapping[str, str]
    cloud: Cloud | None

    @property
    def routed(self) -> tuple[Service, ...]:
        return tuple(service for service in self.services if service.port is not None)

    @property
    def domain(self) -> str:
        """The name that the app calls itself by: the first one."""
        return self.domains[0]
