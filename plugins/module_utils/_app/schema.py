"""The app spec as a table: every key, its shape, its default.

What only two values together can break stands in ``rules.py``.
"""

from __future__ import annotations

from . import model
from .backup_schema import BACKUPS
from .cloud_schema import CLOUD, MANAGED
from .engines import ENGINES, FORMS
from .fields import COMMAND, FLAG, SIZE, fraction, integer, seconds, text, word
from .scalars import (
    absolute_path,
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
    password,
    routed_path,
    store_url,
    url_path,
    user,
    version,
    web_url,
)
from .shapes import Field, Items, Scalar, Table, record

DEFAULT_ACME = "https://acme-v02.api.letsencrypt.org/directory"


_ENV = Table(Scalar("env", "a text", env_value), key=env_name)

HEALTH = record(
    model.Health,
    {
        "path": Field(text("a path such as /health", url_path), default="/health"),
        "interval_seconds": Field(fraction(0.1, 60), default=0.5),
        "timeout_seconds": Field(fraction(0.1, 60), default=2),
        "start_seconds": Field(fraction(1, 900), default=60),
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
        "name": Field(text("a name", name(30, "volume")), required=True),
        "path": Field(text("an absolute path", absolute_path), required=True),
    },
    {"target": "path", "source": "name"},
)

SERVICE = record(
    model.Service,
    {
        "image": Field(text("an image without a tag", image), required=True),
        "port": Field(integer(1, 65535)),
        "paths": Field(Items(text("a path such as /api", routed_path), least=1)),
        "health": Field(HEALTH),
        "replicas": Field(integer(1, 4), default=1),
        "memory": Field(SIZE, default="512m"),
        "stop_seconds": Field(seconds(1, 600), default=10),
        "command": Field(COMMAND, default=[]),
        "env": Field(_ENV, default={}),
        "volumes": Field(Items(VOLUME), default=[]),
        "singleton": Field(FLAG, default=False),
        "user": Field(text('a user such as "1000:1000"', user)),
        "port_slot": Field(integer(0, 1249)),
        "read_timeout_seconds": Field(seconds(1, 3600), default=60),
        "build": Field(text("a folder with a Dockerfile")),
    },
    {
        "ports": "port", "healthcheck": "health", "environment": "env", "mem_limit": "memory",
        "stop_grace_period": "stop_seconds", "scale": "replicas", "path": "paths", "cmd": "command", "domains": "paths",
    },
)  # fmt: skip

TASK = record(
    model.Task,
    {
        "name": Field(text("a name", name(30, "task")), required=True),
        "service": Field(text("a service of this app"), required=True),
        "command": Field(Items(text("a text, one for each argument", command), least=1), required=True),
        "timeout_seconds": Field(seconds(1, 7200), default=300),
    },
    {"run": "command", "timeout": "timeout_seconds", "image": "service"},
)

STORE = record(
    model.Store,
    {
        "engine": Field(word(*sorted(ENGINES)), required=True),
        "version": Field(text('a version in quotes, such as "16"', version)),
        "database": Field(text("the name of a database")),
        "user": Field(text("the name of the database's user", identifier)),
        "password": Field(text("a password", password)),
        "memory": Field(SIZE, default="512m"),
        "env": Field(Table(word(*FORMS), key=env_name), default={}),
        "url": Field(text("the URL of a store that somebody else runs", store_url)),
        "managed": Field(MANAGED, default={}),
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
        "requests": Field(integer(1, 1_000_000), required=True),
        "per_seconds": Field(seconds(1, 3600), default=60),
        "burst": Field(integer(0, 100_000), default=50),
    },
    {"rate": "requests", "per": "per_seconds"},
)

STATIC = record(
    model.Static,
    {
        "path": Field(text("a path such as /static/", folder_path), required=True),
        "volume": Field(text("a volume of a service"), required=True),
        "cache_seconds": Field(seconds(0, 31_536_000), default=86_400),
    },
    {"max_age": "cache_seconds", "root": "volume"},
)

EDGE = record(
    model.Edge,
    {
        "server": Field(word("caddy", "nginx"), default="caddy"),
        "email": Field(text("an e-mail address", email)),
        "acme_directory": Field(text("a URL that starts with https://", https_url), default=DEFAULT_ACME),
        "acme_ca": Field(text("an absolute path on the host", absolute_path)),
        "max_body": Field(SIZE, default="10m"),
        "rate_limit": Field(RATE_LIMIT),
        "behind": Field(word("cloudflare")),
        "static": Field(Items(STATIC), default=[]),
        "hsts_seconds": Field(seconds(0, 63_072_000), default=31_536_000),
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
        "path": Field(text("a path such as /health", url_path), default="/health"),
        "per_second": Field(integer(1, 200), default=10),
        "max_failed": Field(integer(0, 10_000), default=0),
        "max_p99_ms": Field(integer(1, 60_000), default=1000),
    },
    {"rate": "per_second", "p99": "max_p99_ms"},
)

FLEET = record(
    model.FleetRelease,
    {
        "kind": Field(word("refresh", "rolling"), default="refresh"),
        "batch": Field(integer(1, 50), default=1),
        "checkpoints": Field(Items(integer(1, 99, " (percent)")), default=[]),
        "checkpoint_seconds": Field(seconds(0, 172_800), default=60),
        "alarms": Field(Items(text("the name of an alarm in CloudWatch")), default=[]),
        "timeout_seconds": Field(seconds(30, 7200), default=900),
    },
    {"strategy": "kind", "type": "kind", "batch_size": "batch", "timeout": "timeout_seconds"},
)

RELEASE = record(
    model.Release,
    {
        "keep": Field(integer(2, 50), default=5),
        "watch_seconds": Field(seconds(0, 600), default=10),
        "drain_seconds": Field(seconds(0, 3600), default=30),
        "proof": Field(PROOF),
        "fleet": Field(FLEET, default={}),
    },
    {"keep_releases": "keep", "watch": "watch_seconds", "drain": "drain_seconds"},
)

ALERTS = record(
    model.Alerts,
    {
        "slack_webhook": Field(text("the URL of a webhook", web_url)),
        "email": Field(Items(text("an e-mail address", email)), default=[]),
    },
    {"slack": "slack_webhook", "webhook": "slack_webhook", "emails": "email"},
)

STAGE = record(
    dict,
    {
        "compute": Field(word("compose", "host", "fleet", "fargate", "external")),
        "database": Field(word("container", "managed", "external")),
        "cache": Field(word("container", "managed", "external")),
        "files": Field(word("volume", "s3", "external")),
        "secrets": Field(word("file", "secrets_manager", "external")),
        "registry": Field(word("local", "any", "ecr", "external")),
        "edge": Field(word("http", "host", "alb", "external")),
        "watch": Field(word("logs", "host", "full", "external")),
    },
)

APP = record(
    model.App,
    {
        "name": Field(text("a name", name(31, "app")), required=True),
        "domains": Field(Items(text("a domain name", domain), least=1), required=True),
        "services": Field(Table(SERVICE, key=name(30, "service"), least=1, named=True), required=True),
        "tasks": Field(Items(TASK), default=[]),
        "env": Field(_ENV, default={}),
        "stores": Field(Table(STORE, key=name(30, "store"), named=True), default={}),
        "edge": Field(EDGE, default={}),
        "release": Field(RELEASE, default={}),
        "alerts": Field(ALERTS, default={}),
        "backups": Field(BACKUPS),
        "stage": Field(STAGE, default={}),
        "cloud": Field(CLOUD),
    },
    {
        "domain": "domains",
        "service": "services",
        "databases": "stores",
        "environment": "env",
        "proxy": "edge",
        "backup": "backups",
        "aws": "cloud",
        "region": "cloud.region",
    },
)
