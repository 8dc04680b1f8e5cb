"""Alarms that look at what is measured. One whose metric was never measured stays as somebody set it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarm-evaluation
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .metrics import Gauges, Metric, periods, points

_BREACHES = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def look(backend: Any, gauges: Gauges, now: datetime) -> None:
    """Each alarm of a region is in the state that its metric gives it."""
    for alarm in list(backend.alarms.values()):
        measured = of(alarm)
        if measured is None or alarm.rule:
            continue
        count = int(alarm.evaluation_periods or 1)
        found: list[float | None] = [gauges[measured]] * count if measured in gauges else []
        if not found:
            known = points(backend, measured)
            if not known:
                continue
            statistic = alarm.statistic or alarm.extended_statistic or "Average"
            found = periods(known, statistic, float(alarm.period or 60), count, now)
        new = state(
            found,
            alarm.comparison_operator,
            float(alarm.threshold),
            int(alarm.datapoints_to_alarm or count),
            str(alarm.treat_missing_data or "missing"),
        )
        alarm.stairway_value = next((one for one in found if one is not None), None)
        if new and new != alarm.state_value:
            reason = f"Threshold Crossed: {[one for one in found if one is not None]} against {alarm.threshold}"
            alarm.update_state(reason, "{}", new)


def of(alarm: Any) -> Metric | None:
    """The one metric of an alarm; those of metric math have none here."""
    if not alarm.metric_name or alarm.metric_data_queries:
        return None
    return Metric.of(alarm.namespace, alarm.metric_name, alarm.dimensions or ())


def state(found: Sequence[float | None], comparison: str, threshold: float, enough: int, missing: str) -> str | None:
    """The state that these periods give, the newest first; ``None`` when it stays what it is. Pure."""
    breaches = _BREACHES[comparison]
    seen = [breaches(one, threshold) for one in found if one is not None]
    lacking = len(found) - len(seen)
    if not seen:
        return {"notBreaching": "OK", "breaching": "ALARM", "missing": "INSUFFICIENT_DATA"}.get(missing)
    bad = sum(seen) + (lacking if missing == "breaching" else 0)
    if missing in ("missing", "ignore"):
        enough = min(enough, len(seen))
    return "ALARM" if bad >= enough else "OK"
