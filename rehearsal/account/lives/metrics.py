"""What is measured: what was put by PutMetricData, and what somebody says it is from now on.

``account metric`` sets a gauge: that metric has this value, now and in every period before, until it is told otherwise.
So a test need not wait for as many minutes as an alarm looks back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

Gauges = dict["Metric", float]


@dataclass(frozen=True)
class Metric:
    """One metric; its dimensions are in order of their names."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Iterable[Any]) -> Metric:
        """``dimensions`` as the API has them, or as moto keeps them."""
        pairs = ((one["Name"], one["Value"]) if isinstance(one, dict) else (one.name, one.value) for one in dimensions)
        return cls(namespace, name, tuple(sorted((str(key), str(value)) for key, value in pairs)))


@dataclass(frozen=True)
class Point:
    """What one PutMetricData brought: a value, or the statistics of several."""

    at: datetime
    count: float
    total: float
    least: float
    most: float


def points(backend: Any, metric: Metric) -> list[Point]:
    """Every one that moto's CloudWatch holds of this metric."""
    return [
        _point(one)
        for one in list(backend.metric_data)
        if one.name == metric.name
        and one.namespace == metric.namespace
        and Metric.of(one.namespace, one.name, one.dimensions) == metric
    ]


def _point(one: Any) -> Point:
    at = one.timestamp if isinstance(one.timestamp, datetime) else datetime.fromisoformat(str(one.timestamp))
    at = at.astimezone(timezone.utc) if at.tzinfo else at.replace(tzinfo=timezone.utc)
    if hasattr(one, "sample_count"):
        return Point(at, float(one.sample_count), float(one.sum), float(one.min), float(one.max))
    return Point(at, 1, float(one.value), float(one.value), float(one.value))


def periods(known: Sequence[Point], statistic: str, seconds: float, count: int, now: datetime) -> list[float | None]:
    """The statistic of each of the last ``count`` periods, the newest first; ``None`` for an empty one. Pure."""
    found = []
    for number in range(count):
        end = now - number * timedelta(seconds=seconds)
        found.append(value([one for one in known if end - timedelta(seconds=seconds) < one.at <= end], statistic))
    return found


def value(known: Sequence[Point], statistic: str) -> float | None:
    """One statistic of these; of percentiles nothing is known but the most. Pure."""
    if not known:
        return None
    count, total = sum(one.count for one in known), sum(one.total for one in known)
    wanted = {
        "SampleCount": count,
        "Sum": total,
        "Average": total / count if count else 0.0,
        "Minimum": min(one.least for one in known),
    }
    return wanted.get(statistic, max(one.most for one in known))
