"""What makes a group grow and shrink: alarms, policies, schedules, and who goes first."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.account.bodies.scaling import leaving
from rehearsal.account.lives.alarms import state
from rehearsal.account.lives.metrics import Metric, Point, periods, value
from rehearsal.account.lives.policies import adjusted, step, tracked, watched
from rehearsal.account.lives.schedules import due, matches

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)  # a Saturday
STEPS = [
    {"MetricIntervalLowerBound": "0", "MetricIntervalUpperBound": "10", "ScalingAdjustment": 1},
    {"MetricIntervalLowerBound": "10", "ScalingAdjustment": 3},
]


@pytest.mark.parametrize(
    ("cron", "moment", "found"),
    [
        ("0 12 * * *", NOON, True),
        ("*/5 12 * * *", NOON + timedelta(minutes=10), True),
        ("0 9-18/3 * * *", NOON, True),
        ("0 12 * * MON-FRI", NOON, False),
        ("0 12 * * 6", NOON, True),
        ("0 12 1 * sat", NOON, True),
        ("0 12 1 jan *", NOON, False),
        ("5 12 * * *", NOON, False),
    ],
    ids=str,
)
def test_a_cron_expression_names_a_minute(cron: str, moment: datetime, found: bool) -> None:
    assert matches(cron, moment) is found


def test_a_cron_expression_of_other_length_is_refused() -> None:
    with pytest.raises(ValueError, match="five fields"):
        matches("0 12 * *", NOON)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"start": NOON}, True),
        ({"start": NOON + timedelta(seconds=2)}, False),
        ({"start": NOON - timedelta(seconds=2)}, False),
        ({"start": None, "recurrence": "0 12 * * *"}, True),
        ({"start": None, "recurrence": "0 21 * * *", "zone": "Asia/Seoul"}, True),
        ({"start": NOON + timedelta(days=1), "recurrence": "0 12 * * *"}, False),
        ({"start": None, "end": NOON - timedelta(days=1), "recurrence": "0 12 * * *"}, False),
    ],
    ids=["once", "later", "before", "each day", "in Seoul", "not yet", "no more"],
)
def test_an_action_falls_due_once(more: dict[str, Any], found: bool) -> None:
    second = timedelta(seconds=1)
    assert due(NOON - second, NOON, **more) is found
    assert due(NOON, NOON + second, **more) is False


@pytest.mark.parametrize(
    ("found", "missing", "wanted"),
    [
        ([9.0, 9.0, 9.0], "missing", "ALARM"),
        ([9.0, 1.0, 9.0], "missing", "OK"),
        ([9.0, None, None], "missing", "ALARM"),
        ([9.0, None, None], "notBreaching", "OK"),
        ([None, None, None], "missing", "INSUFFICIENT_DATA"),
        ([None, None, None], "breaching", "ALARM"),
        ([None, None, None], "ignore", None),
    ],
    ids=str,
)
def test_periods_give_a_state(found: list[float | None], missing: str, wanted: str | None) -> None:
    assert state(found, "GreaterThanThreshold", 5, 3, missing) == wanted


def test_what_was_put_counts_in_its_period() -> None:
    known = [Point(NOON - timedelta(seconds=s), 1, n, n, n) for s, n in ((10, 4.0), (20, 2.0), (70, 8.0))]
    assert periods(known, "Average", 60, 3, NOON) == [3.0, 8.0, None]
    assert [value(known, one) for one in ("Sum", "Maximum", "Minimum", "SampleCount", "p99")] == [14, 8, 2, 3, 8]


@pytest.mark.parametrize(
    ("kind", "amount", "least", "wanted"),
    [
        ("ExactCapacity", 3, None, 3),
        ("ChangeInCapacity", -2, None, 2),
        ("PercentChangeInCapacity", 10, None, 5),
        ("PercentChangeInCapacity", 60, None, 6),
        ("PercentChangeInCapacity", 10, 2, 6),
        ("PercentChangeInCapacity", -10, None, 3),
    ],
)
def test_an_adjustment_of_four(kind: str, amount: int, least: int | None, wanted: int) -> None:
    assert adjusted(4, kind, amount, least) == wanted


@pytest.mark.parametrize(("excess", "wanted"), [(0, 1), (9.9, 1), (10, 3), (400, 3), (-1, None)])
def test_a_step_is_chosen_by_what_is_too_much(excess: float, wanted: int | None) -> None:
    assert step(STEPS, excess) == wanted


@pytest.mark.parametrize(("metric", "wanted"), [(100, 4), (51, 3), (50, None), (46, None), (25, 1), (0, 0)])
def test_tracking_brings_two_machines_to_their_target(metric: float, wanted: int | None) -> None:
    assert tracked(2, metric, 50) == wanted


def test_tracking_knows_what_it_looks_at() -> None:
    label = "app/front/0123/targetgroup/web/4567"
    ready = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}
    found = watched("shop", {"PredefinedMetricSpecification": ready})
    pairs = (("TargetGroup", "targetgroup/web/4567"),)
    assert found == (Metric("AWS/ApplicationELB", "RequestCountPerTarget", pairs), "Sum")
    own = {"Namespace": "shop", "MetricName": "queue", "Statistic": "Maximum"}
    assert watched("shop", {"CustomizedMetricSpecification": own}) == (Metric("shop", "queue"), "Maximum")
    assert watched("shop", {"CustomizedMetricSpecification": {"Metrics": []}}) is None


def test_those_go_first_that_stand_where_most_stand() -> None:
    def machine(name: str, zone: str, version: int, protected: bool = False) -> Any:
        instance = SimpleNamespace(id=name, placement=SimpleNamespace(zone=zone), launch_time=name)
        return SimpleNamespace(instance=instance, version=version, protected_from_scale_in=protected)

    group = [machine("1", "a", 2), machine("2", "c", 1), machine("3", "a", 1), machine("4", "a", 1, True)]
    assert [one.instance.id for one in leaving(group, 2)] == ["3", "1"]
    assert leaving(group, -1) == []
