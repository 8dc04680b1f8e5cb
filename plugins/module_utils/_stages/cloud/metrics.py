"""What a word for a metric stands for in CloudWatch, for the app at a stage. Pure.

Sources: the pages of each service under https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..._app.cloud_model import Rate
from ..._app.model import Store
from .site import Entry, Site
from .stores import SQL

GIB = 1024**3
# What the CloudWatch agent on a machine sends, added up for each machine and each group of them.
AGENT = "CWAgent"


@dataclass(frozen=True)
class Metric:
    """One metric. ``scale`` turns the figure of the app spec into CloudWatch's; ``minute`` says that it is a sum of
    one minute; ``parts`` are the metrics of ``expression``.
    """

    title: str
    namespace: str = ""
    metric: str = ""
    of: Mapping[str, str] = field(default_factory=dict)
    statistic: str = "Average"
    scale: float = 1
    minute: bool = False
    expression: str | None = None
    parts: Mapping[str, Metric] = field(default_factory=dict)
    whose: str = ""


def metrics(site: Site, word: str) -> list[Metric]:
    """One for each thing that the word is about: two target groups have two. None where the stage has no such thing."""
    logs = site.cloud.watch.logs
    if word in {one.name for one in logs.filters}:
        return [_filter(site, word)]
    rate = next((one for one in logs.rates if one.name == word), None)
    if rate is not None:
        return [_rate(site, rate)]
    return _WORDS[word](site)


def namespace(site: Site) -> str:
    """Where the numbers go that are made of log lines."""
    return f"Stairway/{site.name}"


def _filter(site: Site, word: str) -> Metric:
    title = word.replace("-", " ").capitalize()
    return Metric(title, namespace(site), word, statistic="Sum", minute=True)


def _rate(site: Site, rate: Rate) -> Metric:
    return Metric(
        f"{rate.name.replace('-', ' ').capitalize()} (%)",
        # where nothing happened nothing went wrong
        expression="IF(good + bad > 0, 100 * good / (good + bad), 100)",
        parts={"good": _filter(site, rate.good), "bad": _filter(site, rate.bad)},
        minute=True,
    )


def _balancer(site: Site, title: str, metric: str, statistic: str, minute: bool = False) -> list[Metric]:
    if site.aspects["edge"] != "alb" or not site.fleet:
        return []
    of = {"load_balancer": "main"}
    return [Metric(title, "AWS/ApplicationELB", metric, of, statistic, minute=minute)]


def _requests(site: Site) -> list[Metric]:
    return _balancer(site, "Requests", "RequestCount", "Sum", minute=True)


def _latency(site: Site) -> list[Metric]:
    return _balancer(site, "Response time (s)", "TargetResponseTime", "p95")


def _error_percent(site: Site) -> list[Metric]:
    failed = _balancer(site, "5xx", "HTTPCode_Target_5XX_Count", "Sum")
    return [
        Metric(
            "Errors (%)",
            # a minute without requests has no errors
            expression="IF(requests > 0, 100 * errors / requests, 0)",
            parts={"errors": one, "requests": _requests(site)[0]},
            minute=True,
        )
        for one in failed
    ]


def _unhealthy(site: Site) -> list[Metric]:
    return [
        replace(one, of={**one.of, "target_group": service.name}, whose=service.name)
        for service in site.app.routed
        for one in _balancer(site, "Unhealthy targets", "UnHealthyHostCount", "Maximum")
    ]


def _machine(site: Site) -> Mapping[str, str]:
    return {"autoscaling_group": "app"} if site.aspects["compute"] == "fleet" else {"instance": "app"}


def _of_machines(title: str, space: str, metric: str, statistic: str = "Average") -> Callable[[Site], list[Metric]]:
    def found(site: Site) -> list[Metric]:
        if site.aspects["compute"] not in ("host", "fleet"):
            return []
        return [Metric(title, space, metric, _machine(site), statistic)]

    return found


def _both(title: str, first: str, second: str) -> Callable[[Site], list[Metric]]:
    """Two directions of one thing, in the five minutes that EC2 counts them for."""

    def found(site: Site) -> list[Metric]:
        sums = (_of_machines(title, "AWS/EC2", metric, "Sum")(site) for metric in (first, second))
        ways = [one for found in sums for one in found]
        return [replace(one, whose="-".join(re.findall("[A-Z]+[a-z]*", one.metric)).lower()) for one in ways]

    return found


def _of_tasks(site: Site, title: str, metric: str) -> list[Metric]:
    return [
        Metric(title, "AWS/ECS", metric, {"ecs_service": service.name}, whose=service.name)
        for service in site.app.services
        if site.aspects["compute"] == "fargate"
    ]


def _cpu(site: Site) -> list[Metric]:
    machines = _of_machines("CPU (%)", "AWS/EC2", "CPUUtilization")(site)
    return machines or _of_tasks(site, "CPU (%)", "CPUUtilization")


def _memory(site: Site) -> list[Metric]:
    machines = _of_machines("Memory (%)", AGENT, "mem_used_percent")(site)
    return machines or _of_tasks(site, "Memory (%)", "MemoryUtilization")


def _of_stores(kind: str, title: str, metric: str, statistic: str = "Average") -> Callable[[Site], list[Metric]]:
    engines = SQL if kind == "database" else ("redis",)
    space = "AWS/RDS" if kind == "database" else "AWS/ElastiCache"

    def one(store: Store) -> Metric:
        return Metric(
            title,
            space,
            metric,
            {kind: store.name},
            statistic,
            scale=GIB if metric == "FreeStorageSpace" else 1,
            minute=metric == "Evictions",
            whose=store.name,
        )

    return lambda site: [one(store) for store in site.managed(*engines)]


_WORDS: dict[str, Callable[[Site], list[Metric]]] = {
    "requests": _requests,
    "latency_seconds": _latency,
    "error_percent": _error_percent,
    "unhealthy_targets": _unhealthy,
    "cpu": _cpu,
    "memory": _memory,
    "disk": _of_machines("Disk (%)", AGENT, "disk_used_percent", "Maximum"),
    "network": _both("Network (bytes)", "NetworkIn", "NetworkOut"),
    "disk_io": _both("Disk (bytes)", "EBSReadBytes", "EBSWriteBytes"),
    "instance_down": _of_machines("Failed status checks", "AWS/EC2", "StatusCheckFailed", "Maximum"),
    "database_cpu": _of_stores("database", "Database CPU (%)", "CPUUtilization"),
    "database_storage_gb": _of_stores("database", "Database free storage", "FreeStorageSpace", "Minimum"),
    "database_connections": _of_stores("database", "Database connections", "DatabaseConnections", "Maximum"),
    # an event, no metric: see watch.py
    "database_failover": lambda site: [],
    "cache_memory": _of_stores("cache", "Cache memory (%)", "DatabaseMemoryUsagePercentage"),
    "cache_evictions": _of_stores("cache", "Cache evictions", "Evictions", "Sum"),
    "cache_cpu": _of_stores("cache", "Cache CPU (%)", "CPUUtilization"),
}


def as_line(metric: Metric) -> Entry:
    """For a dashboard."""
    line: Entry = {"namespace": metric.namespace, "metric": metric.metric, "statistic": metric.statistic}
    return {**line, **({"of": dict(metric.of)} if metric.of else {}), "label": metric.whose or metric.title}
