"""The table of ``app.cloud`` and of a store's ``managed``: every key, its shape, its default.

What the watch needs stands in ``watch_schema.py``, what only two values together can break in ``cloud_rules.py``.
"""

from __future__ import annotations

from . import cloud_model as model
from .cloud_scalars import (
    aws_id,
    bucket_name,
    certificate,
    cron,
    daily_window,
    instance_size,
    machine_image,
    one_number_of,
    parameter_path,
    prefix,
    region,
    repository,
    secret_path,
    source,
    store_size,
    subnet,
    tag_key,
    time_zone,
    vpc_cidr,
    weekly_window,
    zone,
    zone_id,
)
from .fields import FLAG, integer, number, seconds, text, word
from .scalars import domain, env_name, name, store_url, url_path, version
from .shapes import Field, Items, Scalar, Table, record
from .watch_schema import ANOMALY, BUDGET, WATCH

FORMS_TOLD = ("host", "port", "user", "database")
TERMINATION = ("oldest_instance", "newest_instance", "oldest_launch_template", "closest_to_next_hour", "default")
PREFIXES = Items(text("a prefix such as logs/, or nothing for every file", prefix))
PERCENT = integer(1, 100, " (percent)")

NETWORK = record(
    model.Network,
    {
        "vpc": Field(text("the id of a VPC", aws_id("vpc"))),
        "cidr": Field(text("a network such as 10.0.0.0/16", vpc_cidr), default="10.0.0.0/16"),
        "public": Field(Items(text("a network such as 10.0.1.0/24", subnet)), default=[]),
        "private": Field(Items(text("a network such as 10.0.11.0/24", subnet)), default=[]),
        "nat": Field(word("gateway", "instance", "none"), default="gateway"),
        "nat_count": Field(integer(1, 3), default=1),
        "nat_size": Field(text("a size such as t4g.nano", instance_size), default="t4g.nano"),
        "endpoints": Field(Items(word("s3", "ecr", "secretsmanager", "ssm", "logs")), default=["s3"]),
    },
    {"subnets": "public", "public_subnets": "public", "private_subnets": "private", "nat_gateway": "nat"},
)

STEP = record(
    model.Step,
    {
        "metric": Field(word("cpu", "requests"), required=True),
        "above": Field(number(0, 10_000_000)),
        "below": Field(number(0, 10_000_000)),
        "minutes": Field(integer(1, 60), default=5),
        "change": Field(integer(-20, 20), required=True),
    },
    {"over": "above", "under": "below", "adjustment": "change", "add": "change"},
)

SCHEDULE = record(
    model.Schedule,
    {
        "name": Field(text("a name", name(40, "schedule")), required=True),
        "at": Field(text("five fields of cron in quotes", cron), required=True),
        "time_zone": Field(text("a time zone such as Asia/Seoul", time_zone), default="UTC"),
        "desired": Field(integer(0, 1000)),
        "min": Field(integer(0, 1000)),
        "max": Field(integer(0, 1000)),
    },
    {"cron": "at", "recurrence": "at", "schedule": "at", "timezone": "time_zone", "capacity": "desired"},
)

SCALING = record(
    model.Scaling,
    {
        "cpu_percent": Field(PERCENT),
        "requests_per_target": Field(integer(1, 10_000_000)),
        "warmup_seconds": Field(seconds(0, 3600), default=180),
        "steps": Field(Items(STEP), default=[]),
        "schedules": Field(Items(SCHEDULE), default=[]),
    },
    {"cpu": "cpu_percent", "target": "cpu_percent", "cooldown": "warmup_seconds", "cooldown_seconds": "warmup_seconds"},
)

BOOTSTRAP = record(
    model.Bootstrap,
    {
        "registry_mirrors": Field(Items(text("a URL such as https://mirror.acme.example")), default=[]),
        "insecure_registries": Field(Items(text("a registry such as registry.acme.example:5000")), default=[]),
        "stores_ca_url": Field(text("a URL of a bundle of certificates")),
        "trusted": Field(Items(text("a certificate as PEM")), default=[]),
    },
    {"mirrors": "registry_mirrors", "docker_registry_mirrors": "registry_mirrors", "ca": "trusted"},
)

COMPUTE = record(
    model.Compute,
    {
        "size": Field(text("a size such as t3.small", instance_size), default="t3.small"),
        "image": Field(text("a system such as debian-13, or an AMI's id", machine_image), default="debian-13"),
        "root_gb": Field(integer(8, 16_384, " (GB)"), default=20),
        "min": Field(integer(0, 1000), default=2),
        "desired": Field(integer(0, 1000)),
        "max": Field(integer(1, 1000), default=4),
        "health_grace_seconds": Field(seconds(0, 7200), default=300),
        "termination": Field(Items(word(*TERMINATION)), default=["default"]),
        "detailed_monitoring": Field(FLAG, default=False),
        "scaling": Field(SCALING, default={}),
        "task_cpu": Field(integer(256, 16_384), default=256),
        "ssh_key": Field(text("a public key of SSH")),
        "bootstrap": Field(BOOTSTRAP, default={}),
    },
    {
        "instance_type": "size", "type": "size", "ami": "image", "disk_gb": "root_gb", "min_size": "min",
        "max_size": "max", "capacity": "desired", "key": "ssh_key",
    },
)  # fmt: skip

ACCESS = record(
    model.Access,
    {
        "ssh_from": Field(Items(text("an address such as 203.0.113.7/32", source)), default=[]),
        "policies": Field(Items(text("the name of a policy of AWS")), default=[]),
        "logs_full_access": Field(FLAG, default=False),
    },
    {"ssh": "ssh_from", "managed_policies": "policies"},
)

BALANCER = record(
    model.Balancer,
    {
        "idle_seconds": Field(seconds(1, 4000), default=60),
        "keep_alive_seconds": Field(seconds(60, 604_800), default=60),
        "deregistration_seconds": Field(seconds(0, 3600)),
        "sticky_seconds": Field(seconds(0, 604_800), default=0),
        "slow_start_seconds": Field(seconds(0, 900), default=0),
        "health": Field(
            record(
                model.BalancerHealth,
                {
                    "interval_seconds": Field(seconds(5, 300), default=30),
                    "timeout_seconds": Field(seconds(2, 120), default=5),
                    "healthy": Field(integer(2, 10), default=2),
                    "unhealthy": Field(integer(2, 10), default=2),
                },
                {"interval": "interval_seconds", "timeout": "timeout_seconds", "healthy_threshold": "healthy"},
            ),
            default={},
        ),
        "https": Field(FLAG, default=True),
        "certificate": Field(text("the ARN of a certificate", certificate)),
    },
    {
        "idle_timeout": "idle_seconds",
        "client_keep_alive": "keep_alive_seconds",
        "deregistration_delay": "deregistration_seconds",
        "stickiness": "sticky_seconds",
        "ssl": "https",
        "healthcheck": "health",
    },
)

ZONE = record(
    model.Zone,
    {
        "name": Field(text("a domain name", domain), required=True),
        "id": Field(text("the id of a zone", zone_id)),
        "points_to": Field(text("a domain name", domain)),
    },
    {"domain": "name", "zone_id": "id"},
)

LIFECYCLE = record(
    model.Lifecycle,
    {
        "prefix": Field(text("a prefix such as logs/", prefix), required=True),
        "archive_days": Field(integer(1, 36_500)),
        "expire_days": Field(integer(1, 36_500)),
        "old_versions_days": Field(integer(1, 36_500)),
    },
    {"days": "expire_days", "expiration": "expire_days", "glacier_days": "archive_days", "delete_days": "expire_days"},
)

BUCKET = record(
    model.Bucket,
    {
        "bucket_name": Field(text("a name such as acme-{account}", bucket_name)),
        "versioned": Field(FLAG, default=False),
        "read": Field(PREFIXES, default=[]),
        "write": Field(PREFIXES, default=[]),
        "delete": Field(PREFIXES, default=[]),
        "lifecycle": Field(Items(LIFECYCLE), default=[]),
    },
    {"name": "bucket_name", "versioning": "versioned", "rules": "lifecycle"},
)

SECRET = record(
    model.Secret,
    {
        "path": Field(text("a name such as chat/jwt", secret_path)),
        "env": Field(Items(text("the name of a variable", env_name)), default=[]),
        "store": Field(text("a store of this app")),
    },
    {"name": "path", "variables": "env"},
)

PARAMETER = record(
    model.Parameter,
    {
        "path": Field(text("a path such as /chat/db-host", parameter_path)),
        "value": Field(text("a text")),
        "store": Field(text("a store of this app")),
        "form": Field(word(*FORMS_TOLD), default="host"),
    },
    {"name": "path"},
)

REGISTRY = record(
    model.Registry,
    {
        "repositories": Field(Items(text("a name such as chat-api", repository))),
        "keep_images": Field(integer(1, 1000), default=10),
        "untagged_days": Field(integer(1, 365), default=7),
        "scan": Field(FLAG, default=True),
    },
    {"keep": "keep_images", "scan_on_push": "scan"},
)

LIMIT = record(
    model.Limit,
    {
        "name": Field(text("a name", name(30, "limit")), required=True),
        # https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
        "requests": Field(integer(10, 2_000_000_000), required=True),
        "per_seconds": Field(Scalar("integer", "60, 120, 300 or 600", one_number_of(60, 120, 300, 600)), default=300),
        "path": Field(text("a path such as /login", url_path)),
    },
    {"rate": "requests", "seconds": "per_seconds"},
)

WAF = record(
    model.Waf,
    {
        "managed": Field(
            Items(word("core", "known_bad_inputs", "sql", "ip_reputation", "anonymous_ip")), default=["core"]
        ),
        "limits": Field(Items(LIMIT), default=[]),
    },
    {"rate": "limits", "rate_limit": "limits", "rules": "managed"},
)

CDN = record(
    model.Cdn,
    {
        "certificate": Field(text("the ARN of a certificate", certificate)),
        "cached_paths": Field(Items(text("a path such as /static", url_path)), default=[]),
        "price_class": Field(word("100", "200", "all"), default="200"),
    },
    {"paths": "cached_paths"},
)

CLOUD = record(
    model.Cloud,
    {
        "region": Field(text("a region such as ap-northeast-2", region), required=True),
        "zones": Field(Items(text("a zone such as ap-northeast-2a", zone)), default=[]),
        "plan_max_monthly": Field(integer(1, 10_000_000, " (USD)")),
        "tags": Field(Table(text("a text"), key=tag_key), default={}),
        "network": Field(NETWORK, default={}),
        "compute": Field(COMPUTE, default={}),
        "access": Field(ACCESS, default={}),
        "balancer": Field(BALANCER, default={}),
        "zone": Field(ZONE),
        "buckets": Field(Table(BUCKET, key=name(20, "bucket"), named=True), default={}),
        "secrets": Field(Table(SECRET, key=name(30, "secret"), named=True), default={}),
        "parameters": Field(Table(PARAMETER, key=name(30, "parameter"), named=True), default={}),
        "registry": Field(REGISTRY, default={}),
        "waf": Field(WAF),
        "cdn": Field(CDN),
        "watch": Field(WATCH, default={}),
        "budget": Field(BUDGET),
        "anomaly": Field(ANOMALY),
    },
    {
        "vpc": "network", "subnets": "network", "instances": "compute", "alb": "balancer", "load_balancer": "balancer",
        "s3": "buckets", "bucket": "buckets", "ecr": "registry", "cloudfront": "cdn", "alarms": "watch",
        "monitoring": "watch", "domain": "zone", "max_monthly": "plan_max_monthly",
    },
)  # fmt: skip

MANAGED = record(
    model.Managed,
    {
        "url": Field(text("the URL of a store that somebody else runs", store_url)),
        "version": Field(text('a version in quotes, such as "7.0"', version)),
        "size": Field(text("a size such as db.t4g.medium or cache.t4g.small", store_size)),
        "storage_gb": Field(integer(20, 65_536, " (GB)"), default=20),
        "storage_max_gb": Field(integer(22, 65_536, " (GB)")),
        "multi_az": Field(FLAG, default=False),
        "replicas": Field(integer(0, 5), default=0),
        "shards": Field(integer(1, 90)),
        "parameters": Field(Table(text("a text"), key=lambda _key: None), default={}),
        "backup_days": Field(integer(0, 35, " (days)"), default=7),
        "backup_window": Field(text('"HH:MM-HH:MM" in UTC', daily_window)),
        "maintenance_window": Field(text('"sun:04:00-sun:05:00" in UTC', weekly_window)),
        "minor_upgrades": Field(FLAG, default=True),
        "performance_insights": Field(FLAG, default=False),
        "logs": Field(Items(text("a log such as error or slowquery")), default=[]),
        "encryption": Field(word("full", "at_rest", "none"), default="full"),
        "iam_login": Field(FLAG, default=False),
        "access_from": Field(Items(text("an address such as 203.0.113.7/32", source)), default=[]),
    },
    {
        "instance_class": "size", "node_type": "size", "type": "size", "storage": "storage_gb",
        "max_storage_gb": "storage_max_gb", "snapshots": "backup_days", "snapshot_window": "backup_window",
        "maintenance": "maintenance_window", "nodes": "replicas", "read_replicas": "replicas",
    },
)  # fmt: skip
