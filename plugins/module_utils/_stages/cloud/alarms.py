"""Alarms: who is told when which metric passes which limit. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._app.cloud_model import Alarm
from .metrics import Metric, metrics
from .site import Entry, Site, filled

SEVERITIES = ("critical", "warning")


def _of(word: str, severity: str = "warning", minutes: int = 5, **limit: float) -> Alarm:
    return Alarm(word, limit.get("above"), limit.get("below"), minutes, severity)


# What a small app is woken by, where its spec names no alarms. Those that its stage does not have fall away.
HOST = (
    _of("instance_down", "critical", 5),
    _of("cpu", minutes=15, above=80),
    _of("memory", minutes=15, above=90),
    _of("disk", minutes=15, above=85),
)
STORES = (
    _of("database_cpu", "critical", 10, above=85),
    _of("database_storage_gb", below=5),
    _of("database_failover", "critical"),
    _of("cache_memory", above=90),
)
FLEET = (
    _of("unhealthy_targets", "critical", 5, above=0),
    _of("error_percent", "critical", 5, above=5),
    _of("latency_seconds", above=3),
    _of("cpu", minutes=15, above=85),
    _of("errors", "critical", 5, above=10),
)


def chosen(site: Site) -> tuple[Alarm, ...]:
    """The app's own alarms, or those that fit the stage."""
    given = site.cloud.watch.alarms
    if given is not None:
        return given
    filters = {one.name for one in site.cloud.watch.logs.filters}
    first = FLEET if site.fleet else HOST
    return tuple(one for one in (*first, *STORES) if one.metric != "errors" or "errors" in filters)


def alarms(site: Site) -> Iterator[Entry]:
    """One entry for each thing that an alarm of the app spec is about."""
    taken: set[str] = set()
    for alarm in chosen(site):
        for metric in metrics(site, alarm.metric):
            name = _name(alarm, metric, taken)
            taken.add(name)
            yield _alarm(site, name, alarm, metric)
    if site.cloud.watch.recover and site.aspects["compute"] == "host":
        yield from _host_heals()


def names_of(site: Site, word: str) -> list[str]:
    """The entries that alarms of the app spec about ``word`` become."""
    prefix = word.replace("_", "-")
    whose = {f"{prefix}-{metric.whose}" if metric.whose else prefix for metric in metrics(site, word)}
    return [entry["alarm"] for entry in alarms(site) if entry["alarm"] in whose]


def _name(alarm: Alarm, metric: Metric, taken: set[str]) -> str:
    words = [alarm.metric.replace("_", "-"), *([metric.whose] if metric.whose else [])]
    name = "-".join(words)
    if name in taken:
        name = f"{name}-{alarm.severity}"
    return name if name not in taken else f"{name}-{len(taken)}"


def _alarm(site: Site, name: str, alarm: Alarm, metric: Metric) -> Entry:
    below = alarm.below is not None
    limit = alarm.below if below else alarm.above
    seconds, periods = _periods(site, alarm, metric)
    return filled(
        {
            "alarm": name,
            **_measured(metric, seconds),
            "compare": "<" if below else ">",
            "threshold": (0 if limit is None else limit) * metric.scale,
            "periods": periods,
            "missing_data": "bad" if alarm.metric == "instance_down" and not site.fleet else "good",
            "topics": [alarm.severity],
            "ok_topics": [alarm.severity],
            "description": f"{site.name}: {metric.title} {'below' if below else 'above'} {limit or 0:g}",
        }
    )


def _measured(metric: Metric, seconds: int) -> Entry:
    if metric.expression is None:
        return {
            "namespace": metric.namespace,
            "metric": metric.metric,
            "of": dict(metric.of) or None,
            "statistic": metric.statistic,
            "period_seconds": seconds,
        }
    parts = {
        name: {
            "namespace": part.namespace,
            "metric": part.metric,
            "of": dict(part.of),
            "statistic": part.statistic,
            "period_seconds": seconds,
        }
        for name, part in metric.parts.items()
    }
    # each part has the period; the formula has none of its own
    return {"expression": metric.expression, "metrics": parts}


def _periods(site: Site, alarm: Alarm, metric: Metric) -> tuple[int, int]:
    """``minutes`` as periods: of one minute where a figure is meant for a minute, else of five at most."""
    slow = metric.namespace == "AWS/EC2" and not site.cloud.compute.detailed_monitoring
    whole = alarm.minutes % 5 == 0 and not metric.minute
    seconds = 300 if slow or whole else 60
    return seconds, max(1, -(-alarm.minutes * 60 // seconds))


def _host_heals() -> Iterator[Entry]:
    """A machine whose hardware broke is moved, one that hangs is started anew. Sources: the EC2 user guide,
    "Create alarms that stop, terminate, reboot, or recover an instance".
    """
    for name, metric, action, minutes in (
        ("recover", "StatusCheckFailed_System", "recover", 2),
        ("reboot", "StatusCheckFailed_Instance", "reboot", 3),
    ):
        yield {
            "alarm": name,
            "namespace": "AWS/EC2",
            "metric": metric,
            "of": {"instance": "app"},
            "statistic": "Maximum",
            "period_seconds": 60,
            "compare": ">",
            "threshold": 0,
            "periods": minutes,
            "missing_data": "missing",
            "topics": ["critical"],
            "instance_action": action,
            "description": f"The machine of the app does not answer: {action}",
        }
