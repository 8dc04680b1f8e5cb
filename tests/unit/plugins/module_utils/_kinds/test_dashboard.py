"""``dashboard``, on both emulators."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _widgets
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from tests.support.aws.trial import Trial

DASHBOARD = kind("dashboard")
ALARM = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:shop-a"
REQUESTS = {
    "title": "Requests",
    "lines": [
        {
            "namespace": "AWS/ApplicationELB",
            "metric": "RequestCount",
            "of": {"LoadBalancer": "app/shop/1"},
            "statistic": "Sum",
            "key": "requests",
        },
        {
            "namespace": "AWS/ApplicationELB",
            "metric": "TargetResponseTime",
            "of": {"LoadBalancer": "app/shop/1"},
            "statistic": "p95",
            "right_axis": True,
            "label": "p95",
            "color": "#d62728",
        },
        {"expression": "requests / 60", "label": "a second"},
    ],
    "period_seconds": 60,
    "least": 0,
    "most": 100,
    "mark": 80,
}
WIDGETS: list[dict[str, Any]] = [
    {"text": "# Shop", "width": 24, "height": 2},
    REQUESTS,
    {"title": "CPU", "lines": [{"namespace": "AWS/RDS", "metric": "CPUUtilization"}], "view": "stacked", "width": 6},
    {"title": "Now", "lines": [{"namespace": "App", "metric": "Orders", "hidden": True}], "view": "number", "width": 6},
    {"title": "Alarms", "alarms": [ALARM], "height": 3},
    {"title": "Errors", "log_query": "fields @message | limit 20", "log_groups": ["/shop/app", "/shop/db"]},
    {"log_query": "stats count(*) by bin(5m)", "log_groups": ["/shop/app"], "view": "bars"},
]


def test_whole_life(trial: Trial) -> None:
    page = trial.make("dashboard", "overview", widgets=WIDGETS)
    assert page.id == "shop-overview"
    page = trial.alter(page, widgets=WIDGETS[:3], past="-P7D")
    page = trial.alter(page, widgets=[WIDGETS[1], WIDGETS[0]])
    page = trial.retag(page)
    trial.remove(page)


def test_tags_of_others_survive_a_change(trial: Trial) -> None:
    page = trial.make("dashboard", "overview", widgets=WIDGETS[:1])
    DASHBOARD.retag(trial.account, page, {"team": "blue"}, [])  # type: ignore[misc]
    [page] = trial.all("dashboard")
    page = trial.alter(page, widgets=WIDGETS[:2])
    assert page.tags["team"] == "blue"


@pytest.mark.parametrize("text", ["{}", json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "x"}}]})])
def test_foreign_page_of_our_name_is_shown(trial: Trial, text: str) -> None:
    trial.account.call("cloudwatch", "put_dashboard", DashboardName="shop-overview", DashboardBody=text)
    [found] = DASHBOARD.describe(trial.account, Scope("shop", frozenset({"shop-overview"})))
    assert found.app is None
    assert trial.all("dashboard") == []


def test_there_and_back() -> None:
    tags = {"stairway:app": "shop", "owner": 'Kim "the" O\'Hara'}
    text = _widgets.body(WIDGETS, "-PT3H", "ap-northeast-2", tags)
    widgets, past, found = _widgets.read(text)
    shape = DASHBOARD.fields["widgets"].shape
    assert list(shape.problems(WIDGETS, "widgets")) == []
    assert shape.canonical(widgets) == shape.canonical(WIDGETS)
    assert (past, found) == ("-PT3H", tags)


def test_no_two_widgets_overlap() -> None:
    page = json.loads(_widgets.body(WIDGETS, "-PT3H", "ap-northeast-2", {}))
    taken: set[tuple[int, int]] = set()
    for one in page["widgets"]:
        cells = {(one["x"] + i, one["y"] + j) for i in range(one["width"]) for j in range(one["height"])}
        assert not cells & taken
        assert max(x for x, _y in cells) < 24
        taken |= cells


def test_metrics_of_global_services_are_drawn_from_their_region() -> None:
    line = {"namespace": "AWS/CloudFront", "metric": "Requests", "of": {"DistributionId": "E1", "Region": "Global"}}
    page = json.loads(_widgets.body([{"lines": [line]}], "-PT3H", "ap-northeast-2", {}))
    assert page["widgets"][0]["properties"]["metrics"][0][-1] == {"region": "us-east-1"}


@pytest.mark.parametrize(
    ("widget", "where"),
    [
        ({"lines": [{"namespace": "AWS/RDS"}]}, ".lines[0]"),
        ({"lines": [{"namespace": "AWS/RDS", "metric": "X", "expression": "a"}]}, ".lines[0]"),
        ({"log_query": "fields @message"}, ".log_groups"),
        ({"log_query": "fields @message", "log_groups": ["app"], "view": "gauge"}, ".view"),
        ({"text": "hello", "title": "Hello"}, ".title"),
    ],
)
def test_refuses(widget: dict[str, Any], where: str) -> None:
    entry = Entry("dashboard", "a", {"widgets": [widget]})
    assert [one.where for one in DASHBOARD.check(entry, Sight({}, "r"))] == [f"dashboard/a.widgets[0]{where}"]


@pytest.mark.parametrize("widget", [{}, {"text": "a", "alarms": ["b"]}, {"text": "a", "width": 25}])
def test_refuses_shape(widget: dict[str, Any]) -> None:
    assert list(DASHBOARD.fields["widgets"].shape.problems([widget], "widgets"))
