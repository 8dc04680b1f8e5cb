"""``anomaly_monitor``, on moto with our own Cost Explorer calls: MiniStack has no Cost Explorer."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from tests.support.aws.trial import Trial

MONITOR = kind("anomaly_monitor")
TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:shop-alerts"
MAIL = ["ops@example.com"]


def test_whole_life(on_moto: Trial) -> None:
    monitor = on_moto.make("anomaly_monitor", "spending", emails=MAIL)
    monitor = on_moto.alter(monitor, emails=[*MAIL, "boss@example.com"], least_impact=25, every="weekly")
    monitor = on_moto.alter(monitor, topic=TOPIC, every="immediate")
    monitor = on_moto.alter(monitor, emails=MAIL)
    on_moto.retag(monitor)
    on_moto.remove(monitor)
    assert on_moto.account.call("ce", "get_anomaly_subscriptions")["AnomalySubscriptions"] == []


def test_of_all_services(on_moto: Trial) -> None:
    monitor = on_moto.make("anomaly_monitor", "spending", watch="services", emails=MAIL)
    assert monitor.attrs["watch"] == "services"


def test_goes_on_where_a_run_was_cut(on_moto: Trial) -> None:
    call = on_moto.account.call

    def cut(service: str, operation: str, **parameters: Any) -> Any:
        if operation == "create_anomaly_subscription":
            raise KeyboardInterrupt
        return call(service, operation, **parameters)

    on_moto.account.call = cut  # type: ignore[assignment, method-assign]
    with pytest.raises(KeyboardInterrupt):
        on_moto.make("anomaly_monitor", "spending", emails=MAIL)
    on_moto.account.call = call  # type: ignore[method-assign]
    [monitor] = on_moto.all("anomaly_monitor")
    monitor = on_moto.alter(monitor, emails=MAIL)
    on_moto.remove(monitor)


def test_foreign_monitor_of_our_name_is_shown(on_moto: Trial) -> None:
    foreign = {"MonitorName": "shop-spending", "MonitorType": "DIMENSIONAL", "MonitorDimension": "LINKED_ACCOUNT"}
    on_moto.account.call("ce", "create_anomaly_monitor", AnomalyMonitor=foreign)
    [found] = MONITOR.describe(on_moto.account, Scope("shop", frozenset({"shop-spending"})))
    assert (found.app, found.attrs) == (None, {"watch": "(other words)"})


@pytest.mark.parametrize(
    ("attrs", "fields"),
    [
        ({}, ["emails"]),
        ({"every": "immediate"}, ["topic"]),
        ({"every": "immediate", "topic": "alerts", "emails": MAIL}, ["emails"]),
        ({"every": "weekly", "topic": "alerts", "emails": MAIL}, ["topic"]),
        ({"every": "weekly", "emails": MAIL}, []),
    ],
)
def test_refuses(attrs: dict[str, Any], fields: list[str]) -> None:
    entry = Entry("anomaly_monitor", "a", {"every": "daily", "emails": [], **attrs})
    assert [one.where for one in MONITOR.check(entry, Sight({}, "r"))] == [f"anomaly_monitor/a.{one}" for one in fields]
