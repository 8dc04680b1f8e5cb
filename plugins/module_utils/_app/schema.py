"""The app spec as a table: every key, its shape, its default.

What only two values together can break stands in ``rules.py``.
"""

from __future__ import annotations

from . import model
from .engines import ENGINES, FORMS
from .scalars import (
    absolute_path,
    backup_target,
    command,
    domain,
    email,
    env_name,
    env_value,
    folder_path,
    https_url,
    identifier,
    image,
    name,
    no_blank,
    one_of,
    password,
    routed_path,
    size,
    store_url,
    time_of_day,
    url_path,
    user,
    version,
    web_url,
    within,
)
from .shapes import Check, Field, Items, Scalar, Table, record

DEFAULT_ACME = "https://acme-v02.api.letsencrypt.org/directory"


def _text(expected: str, check: Check | None = no_blank) -> Scalar:
    return Scalar("text", expected, check)


def _integer(low: int, high: int, unit: str = "") -> Scalar:
    return Scalar("integer", f"a whole number from {low} to {high}{unit}", within(low, high, unit))


def _seconds(low: int, high: int) -> Scalar:
    return _integer(low, high, " (seconds)")


def _fraction(low: float, high: float) -> Scalar:
    return Scalar("number", f"a number from {low} to {high} (seconds)", within(low, high, " (seconds)"))


def _word(*words: str) -> Scalar:
    return Scalar("text", "one of " + ", ".join(words), one_of(*words))


_FLAG = Scalar("boolean", "true or false")
_SIZE = _text("a size such as 512m", size)
_COMMAND = Items(_text("a text, one for each argument", command))
_ENV = Table(Scalar("env", "a text", env_value), key=env_name)

HEALTH = record(
    model.Health,
    {
        "path": Field(_text("a path such as /health", url_path), default="/health"),
        "interval_seconds": Field(_fraction(0.1, 60), default=0.5),
        "timeout_seconds": Field(_fraction(0.1, 60), default=2),
        "start_seconds": Field(_fraction(1, 900), default=60),
    },
    {
        "interval": "interval_seconds",
        "timeout": "timeout_seconds",
        "start_period": "start_seconds",
        "test": "path",
        "url": "path",
    },
)

VOLUME = record(
    model.Volume,
    {
        "name": Field(_text("a name", name(30, "volume")), required=True),
        "path": Field(_text("an absolute path", absolute_path), required=True),
    },
    {"target": "path", "source": "name"},
)

SERVICE = record(
    model.Service,
    {
        "image": Field(_text("an image without a tag", image), required=True),
        "port": Field(_integer(1, 65535)),
        "paths": Field(Items(_text("a path such as /api", routed_path), least=1)),
        "health": Field(HEALTH),
        "replicas": Field(_integer(1, 4), default=1),
        "memory": Field(_SIZE, default="512m"),
        "stop_seconds": Field(_seconds(1, 600), default=10),
        "command": Field(_COMMAND, default=[]),
        "env": Field(_ENV, default={}),
        "volumes": Field(Items(VOLUME), default=[]),
        "singleton": Field(_FLAG, default=False),
        "user": Field(_text('a user such as "1000:1000"', user)),
        "port_slot": Field(_integer(0, 1249)),
        "read_timeout_seconds": Field(_seconds(1, 3600), default=60),
        "build": Field(_text("a folder with a Dockerfile")),
    },
    {
        "ports": "port", "healthcheck": "health", "environment": "env", "mem_limit": "memory",
        "stop_grace_period": "stop_seconds", "scale": "replicas", "path": "paths", "cmd": "command", "domains": "paths",
    },
)  # fmt: skip

TASK = record(
    model.Task,
    {
        "name": Field(_text("a name", name(30, "task")), required=True),
        "service": Field(_text("a service of this app"), required=True),
        "command": Field(Items(_text("a text, one for each argument", command), least=1), required=True),
        "timeout_seconds": Field(_seconds(1, 7200), default=300),
    },
    {"run": "command", "timeout": "timeout_seconds", "image": "service"},
)

STORE = record(
    model.Store,
    {
        "engine": Field(_word(*sorted(ENGINES)), required=True),
        "version": Field(_text('a version in quotes, such as "16"', version)),
        "database": Field(_text("the name of a database")),
        "user": Field(_text("the name of the database's user", identifier)),
        "password": Field(_text("a password", password)),
        "memory": Field(_SIZE, default="512m"),
        "env": Field(Table(_word(*FORMS), key=env_name), default={}),
        "url": Field(_text("the URL of a store that somebody else runs", store_url)),
    },
    {
        "type": "engine",
        "db": "database",
        "username": "user",
        "pass": "password",
        "image": "engine",
        "mem_limit": "memory",
    },
)

RATE_LIMIT = record(
    model.RateLimit,
    {
        "requests": Field(_integer(1, 1_000_000), required=True),
        "per_seconds": Field(_seconds(1, 3600), default=60),
        "burst": Field(_integer(0, 100_000), default=50),
    },
    {"rate": "requests", "per": "per_seconds"},
)

STATIC = record(
    model.Static,
    {
        "path": Field(_text("a path such as /static/", folder_path), required=True),
        "volume": Field(_text("a volume of a service"), required=True),
        "cache_seconds": Field(_seconds(0, 31_536_000), default=86_400),
    },
    {"max_age": "cache_seconds", "root": "volume"},
)

EDGE = record(
    model.Edge,
    {
        "server": Field(_word("caddy", "nginx"), default="caddy"),
        "email": Field(_text("an e-mail address", email)),
        "acme_directory": Field(_text("a URL that starts with https://", https_url), default=DEFAULT_ACME),
        "acme_ca": Field(_text("an absolute path on the host", absolute_path)),
        "max_body": Field(_SIZE, default="10m"),
        "rate_limit": Field(RATE_LIMIT),
        "behind": Field(_word("cloudflare")),
        "static": Field(Items(STATIC), default=[]),
        "hsts_seconds": Field(_seconds(0, 63_072_000), default=31_536_000),
    },
    {
        "type": "server",
        "kind": "server",
        "acme_email": "email",
        "client_max_body_size": "max_body",
        "hsts": "hsts_seconds",
    },
)

PROOF = record(
    model.Proof,
    {
        "path": Field(_text("a path such as /health", url_path), default="/health"),
        "per_second": Field(_integer(1, 200), default=10),
        "max_failed": Field(_integer(0, 10_000), default=0),
        "max_p99_ms": Field(_integer(1, 60_000), default=1000),
    },
    {"rate": "per_second", "p99": "max_p99_ms"},
)

RELEASE = record(
    model.Release,
    {
        "keep": Field(_integer(2, 50), default=5),
        "watch_seconds": Field(_seconds(0, 600), default=10),
        "drain_seconds": Field(_seconds(0, 3600), default=30),
        "proof": Field(PROOF),
    },
    {"keep_releases": "keep", "watch": "watch_seconds", "drain": "drain_seconds"},
)

ALERTS = record(
    model.Alerts,
    {
        "slack_webhook": Field(_text("the URL of a webhook", web_url)),
        "email": Field(Items(_text("an e-mail address", email)), default=[]),
    },
    {"slack": "slack_webhook", "webhook": "slack_webhook", "emails": "email"},
)

BACKUPS = record(
    model.Backups,
    {
        "at": Field(_text('a time of day in quotes, "HH:MM" in UTC', time_of_day), default="02:00"),
        "keep_days": Field(_integer(1, 3650), default=30),
        "to": Field(_text("s3://bucket/prefix", backup_target), required=True),
    },
    {"schedule": "at", "cron": "at", "time": "at", "retention_days": "keep_days", "bucket": "to", "target": "to"},
)

STAGE = record(
    dict,
    {
        "compute": Field(_word("compose", "host", "fleet", "fargate")),
        "database": Field(_word("container", "managed", "external")),
        "cache": Field(_word("container", "managed", "external")),
        "files": Field(_word("volume", "s3")),
        "secrets": Field(_word("file", "secrets_manager")),
        "registry": Field(_word("local", "any", "ecr")),
        "edge": Field(_word("http", "host", "alb")),
        "watch": Field(_word("logs", "host", "full")),
    },
)

APP = record(
    model.App,
    {
        "name": Field(_text("a name", name(31, "app")), required=True),
        "domains": Field(Items(_text("a domain name", domain), least=1), required=True),
        "services": Field(Table(SERVICE, key=name(30, "service"), least=1, named=True), required=True),
        "tasks": Field(Items(TASK), default=[]),
        "env": Field(_ENV, default={}),
        "stores": Field(Table(STORE, key=name(30, "store"), named=True), default={}),
        "edge": Field(EDGE, default={}),
        "release": Field(RELEASE, default={}),
        "alerts": Field(ALERTS, default={}),
        "backups": Field(BACKUPS),
        "stage": Field(STAGE, default={}),
    },
    {
        "domain": "domains",
        "service": "services",
        "databases": "stores",
        "environment": "env",
        "proxy": "edge",
        "backup": "backups",
    },
)
