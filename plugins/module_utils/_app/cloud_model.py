"""What an app says of the cloud it runs in, as frozen dataclasses; a part of the app spec. It counts at the stages
where an account is used, and says nothing of how AWS is called.

Durations are seconds, minutes or days and say so; sizes of disks are GB. ``None`` leaves the choice to the preset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """The app's own network, or one that is there already (``vpc``, then ``public`` and ``private`` are ids)."""

    vpc: str | None
    cidr: str
    public: tuple[str, ...]
    private: tuple[str, ...]
    nat: str
    nat_count: int
    nat_size: str
    endpoints: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """Instances more or fewer once ``metric`` has been past a limit for ``minutes``."""

    metric: str
    above: float | None
    below: float | None
    minutes: int
    change: int


@dataclass(frozen=True)
class Schedule:
    """Another size of the fleet from a time on; ``at`` has the five fields of cron, in ``time_zone``."""

    name: str
    at: str
    time_zone: str
    desired: int | None
    min: int | None
    max: int | None


@dataclass(frozen=True)
class Scaling:
    """What makes the fleet grow and shrink."""

    cpu_percent: int | None
    requests_per_target: int | None
    warmup_seconds: int
    steps: tuple[Step, ...]
    schedules: tuple[Schedule, ...]


@dataclass(frozen=True)
class Bootstrap:
    """What the machines of a fleet in a private network cannot find out by themselves: where images come from in the
    place of Docker Hub, registries without a certificate that anybody knows, the bundle of authorities that signs for
    databases, and certificates (PEM) to trust.
    """

    registry_mirrors: tuple[str, ...]
    insecure_registries: tuple[str, ...]
    stores_ca_url: str | None
    trusted: tuple[str, ...]


@dataclass(frozen=True)
class Compute:
    """The instances. Counts, grace and scaling count in a fleet only."""

    size: str
    image: str
    root_gb: int
    min: int
    desired: int | None
    max: int
    health_grace_seconds: int
    termination: tuple[str, ...]
    detailed_monitoring: bool
    scaling: Scaling
    task_cpu: int
    ssh_key: str | None
    bootstrap: Bootstrap


@dataclass(frozen=True)
class Access:
    """What the app's instances may do beyond what they need, and from where people may reach them directly."""

    ssh_from: tuple[str, ...]
    policies: tuple[str, ...]
    logs_full_access: bool


@dataclass(frozen=True)
class BalancerHealth:
    """How the load balancer asks; the path is the service's own."""

    interval_seconds: int
    timeout_seconds: int
    healthy: int
    unhealthy: int


@dataclass(frozen=True)
class Balancer:
    """The load balancer in front of a fleet."""

    idle_seconds: int
    keep_alive_seconds: int
    deregistration_seconds: int | None
    sticky_seconds: int
    slow_start_seconds: int
    health: BalancerHealth
    https: bool
    certificate: str | None


@dataclass(frozen=True)
class Zone:
    """The domain's zone in DNS: a new one, or one that is there already (``id``). ``points_to`` is where the app's
    names lead when somebody else's edge faces users.
    """

    name: str
    id: str | None
    points_to: str | None


@dataclass(frozen=True)
class Lifecycle:
    """What becomes of files below ``prefix`` as they get old."""

    prefix: str
    archive_days: int | None
    expire_days: int | None
    old_versions_days: int | None


@dataclass(frozen=True)
class Bucket:
    """A place for files. ``read``, ``write`` and ``delete`` are prefixes of what the app may use."""

    name: str
    bucket_name: str | None
    versioned: bool
    read: tuple[str, ...]
    write: tuple[str, ...]
    delete: tuple[str, ...]
    lifecycle: tuple[Lifecycle, ...]


@dataclass(frozen=True)
class Secret:
    """Variables of the app that are kept together as one secret."""

    name: str
    path: str | None
    env: tuple[str, ...]
    store: str | None


@dataclass(frozen=True)
class Parameter:
    """A setting that is no secret: a text, or what a store tells about itself."""

    name: str
    path: str | None
    value: str | None
    store: str | None
    form: str


@dataclass(frozen=True)
class Registry:
    """Where the images are kept, and how many."""

    repositories: tuple[str, ...] | None
    keep_images: int
    untagged_days: int
    scan: bool


@dataclass(frozen=True)
class Limit:
    """How often one client address may come, to all of the app or to one path."""

    name: str
    requests: int
    per_seconds: int
    path: str | None


@dataclass(frozen=True)
class Waf:
    """The firewall for requests."""

    managed: tuple[str, ...]
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Cdn:
    """The content network in front of the load balancer."""

    certificate: str | None
    cached_paths: tuple[str, ...]
    price_class: str


@dataclass(frozen=True)
class Alarm:
    """Who is told when ``metric`` has been past a limit for ``minutes``."""

    metric: str
    above: float | None
    below: float | None
    minutes: int
    severity: str


@dataclass(frozen=True)
class Filter:
    """A number made of log lines that match ``pattern``."""

    name: str
    pattern: str


@dataclass(frozen=True)
class Rate:
    """How many of a hundred were good: two filters, one for each outcome."""

    name: str
    good: str
    bad: str


@dataclass(frozen=True)
class Logs:
    """The app's log group, what is counted in it, and what share of it is good."""

    group: str | None
    keep_days: int
    filters: tuple[Filter, ...]
    rates: tuple[Rate, ...]


@dataclass(frozen=True)
class Agent:
    """The CloudWatch agent on each machine. ``processes`` are names of programs; None is what Stairway put there."""

    install: bool
    interval_seconds: int
    processes: tuple[str, ...] | None
    statsd_port: int | None


@dataclass(frozen=True)
class Watch:
    """Logs, alarms, a dashboard, and who hears of it beside ``alerts.email``."""

    logs: Logs
    agent: Agent
    alarms: tuple[Alarm, ...] | None
    dashboard: tuple[str, ...] | None
    sms: tuple[str, ...]
    https: tuple[str, ...]
    recover: bool
    restart: bool


@dataclass(frozen=True)
class BudgetAlert:
    """When the month's cost, or its forecast, passes a part of the budget."""

    percent: int
    forecast: bool
    sms: bool


@dataclass(frozen=True)
class Budget:
    """What a month may cost in USD; None is ``plan_max_monthly``."""

    monthly: int | None
    alerts: tuple[BudgetAlert, ...]


@dataclass(frozen=True)
class Cloud:
    """Everything that an app says of its cloud."""

    region: str
    zones: tuple[str, ...]
    plan_max_monthly: int | None
    tags: Mapping[str, str]
    network: Network
    compute: Compute
    access: Access
    balancer: Balancer
    zone: Zone | None
    buckets: tuple[Bucket, ...]
    secrets: tuple[Secret, ...]
    parameters: tuple[Parameter, ...]
    registry: Registry
    waf: Waf | None
    cdn: Cdn | None
    watch: Watch
    budget: Budget | None
    anomaly: int | None


@dataclass(frozen=True)
class Managed:
    """A store where AWS runs it. ``url`` says that somebody else runs it at those stages (MongoDB Atlas)."""

    url: str | None
    version: str | None
    size: str | None
    storage_gb: int
    storage_max_gb: int | None
    multi_az: bool
    replicas: int
    shards: int | None
    parameters: Mapping[str, str]
    backup_days: int
    backup_window: str | None
    maintenance_window: str | None
    minor_upgrades: bool
    performance_insights: bool
    logs: tuple[str, ...]
    encryption: str
    iam_login: bool
    access_from: tuple[str, ...]
