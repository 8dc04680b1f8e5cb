"""``alarm``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _alarms
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from ansible_collections.stairway.cloud.plugins.module_utils._resource.types import Unknown
from tests.support.aws.trial import Trial

ALARM = kind("alarm")
TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:shop-alerts"
OTHER = "arn:aws:sns:ap-northeast-2:123456789012:shop-pager"
CPU = {
    "namespace": "AWS/RDS",
    "metric": "CPUUtilization",
    "of": {"DBInstanceIdentifier": "shop-main"},
    "threshold": 85,
}
RATE = {
    "expression": "errors / requests * 100",
    "metrics": {
        "errors": {
            "namespace": "AWS/ApplicationELB",
            "metric": "HTTPCode_Target_5XX_Count",
            "of": {"LoadBalancer": "app/shop/1"},
            "statistic": "Sum",
        },
        "requests": {"namespace": "AWS/ApplicationELB", "metric": "RequestCount", "statistic": "Sum"},
    },
    "threshold": 5,
}


def test_metric(trial: Trial) -> None:
    alarm = trial.make("alarm", "database-cpu", **CPU)
    assert alarm.id == "shop-database-cpu"
    alarm = trial.alter(alarm, **CPU, topics=[TOPIC], ok_topics=[TOPIC], no_data_topics=[OTHER])
    alarm = trial.alter(alarm, **CPU, topics=[TOPIC, OTHER], periods=3, periods_over=2, period_seconds=60)
    alarm = trial.alter(alarm, **{**CPU, "threshold": 90.5, "statistic": "p99"}, compare=">=", missing_data="bad")
    alarm = trial.alter(alarm, **CPU, statistic="Maximum", compare="<", missing_data="good", description="Look!")
    alarm = trial.alter(alarm, **{**CPU, "of": {}, "metric": "FreeStorageSpace"}, compare="<=", enabled=False)
    trial.retag(alarm)
    assert trial.all("alarm")[0].tags == alarm.tags
    trial.remove(alarm)


def test_what_the_entry_leaves_alone_stays(trial: Trial) -> None:
    alarm = trial.make("alarm", "a", **CPU, periods=3, periods_over=3, period_seconds=60, missing_data="ignore")
    changed = trial.alter(alarm, **{**CPU, "threshold": 80})
    assert (changed.attrs["periods"], changed.attrs["period_seconds"]) == (3, 60)
    changed = trial.alter(changed, **CPU, periods=2)
    assert changed.attrs["periods_over"] is None


def test_instance_action(trial: Trial) -> None:
    status = {
        "namespace": "AWS/EC2",
        "metric": "StatusCheckFailed_System",
        "of": {"InstanceId": "i-1234567890abcdef0"},
        "statistic": "Maximum",
        "threshold": 0,
    }
    alarm = trial.make("alarm", "recover", **status, instance_action="recover", topics=[TOPIC])
    alarm = trial.alter(alarm, **{**status, "metric": "StatusCheckFailed_Instance"}, instance_action="reboot")
    alarm = trial.alter(alarm, **status, actions=["arn:aws:ssm:ap-northeast-2:123456789012:opsitem:1"])
    trial.alter(alarm, **status, topics=[TOPIC])


def test_formula(on_moto: Trial) -> None:
    # MiniStack forgets the metrics of a formula
    alarm = on_moto.make("alarm", "error-rate", **RATE)
    alarm = on_moto.alter(alarm, **{**RATE, "expression": "errors / requests"})
    alarm = on_moto.alter(alarm, **{**RATE, "metrics": {**RATE["metrics"], "all": RATE["metrics"]["requests"]}})  # type: ignore[dict-item, index]
    alarm = on_moto.alter(alarm, **CPU)
    assert alarm.attrs.get("expression") is None
    on_moto.alter(alarm, **RATE)


def test_of_other_alarms(trial: Trial) -> None:
    one, two = (trial.make("alarm", name, **CPU) for name in ("one", "two"))
    both = trial.make("alarm", "both", all_of=[one.id, two.id], topics=[TOPIC])
    both = trial.alter(both, any_of=[one.id, two.id], description="One of the two.")
    both = trial.alter(both, any_of=[one.id])
    trial.retag(both)
    assert len(trial.all("alarm")) == 3
    trial.remove(both)


def test_one_form_becomes_another(trial: Trial) -> None:
    one = trial.make("alarm", "one", **CPU)
    two = trial.make("alarm", "two", **CPU)
    two = trial.alter(two, any_of=[one.id])
    two = trial.alter(two, **CPU)
    assert len(trial.all("alarm")) == 2


def test_two_calls_for_all(trial: Trial) -> None:
    for name in "abcde":
        trial.make("alarm", name, **CPU)
    trial.account.calls.clear()
    assert len(trial.all("alarm")) == 5
    assert dict(trial.account.calls) == {"cloudwatch:DescribeAlarms": 1, "resourcegroupstaggingapi:GetResources": 1}


def test_foreign_alarm_of_our_name_is_shown(trial: Trial) -> None:
    trial.account.call(
        "cloudwatch", "put_metric_alarm", AlarmName="shop-a", **_alarms.parameters({**_alarms.USUAL, **CPU})
    )
    [found] = ALARM.describe(trial.account, Scope("shop", frozenset({"shop-a"})))
    assert found.app is None


METRIC = {"namespace": "App", "metric": "Errors", "threshold": 1}


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        ({}, "alarm/a"),
        ({**METRIC, "any_of": ["b"]}, "alarm/a"),
        ({"metric": "Errors", "namespace": "App"}, "alarm/a.threshold"),
        ({"metric": "Errors", "threshold": 1}, "alarm/a.namespace"),
        ({"expression": "a", "threshold": 1}, "alarm/a.metrics"),
        ({"expression": "a", "threshold": 1, "metrics": {"a": {"metric": "X"}}}, "alarm/a.metrics.a.namespace"),
        ({"expression": "a", "threshold": 1, "metrics": {"result": METRIC}}, "alarm/a.metrics.result"),
        ({**METRIC, "period_seconds": 45}, "alarm/a.period_seconds"),
        ({**METRIC, "namespace": "AWS/EC2", "period_seconds": 10}, "alarm/a.period_seconds"),
        ({**METRIC, "period_seconds": 300, "periods": 300}, "alarm/a.periods"),
        ({**METRIC, "periods": 2, "periods_over": 3}, "alarm/a.periods_over"),
        ({**METRIC, "instance_action": "reboot"}, "alarm/a.instance_action"),
        ({**METRIC, "instance_action": "recover", "of": {"instance": "app"}}, "alarm/a.instance_action"),
        ({**METRIC, "of": {"distribution": "main"}}, "alarm/a.of"),
    ],
)
def test_refuses(attrs: dict[str, Any], where: str) -> None:
    entry = Entry("alarm", "a", {"instance_action": "none", **attrs})
    assert [one.where for one in ALARM.check(entry, Sight({}, "ap-northeast-2"))] == [where]


def test_ten_seconds_are_fine_for_own_metrics() -> None:
    entry = Entry("alarm", "a", {"instance_action": "none", **METRIC, "period_seconds": 10})
    assert list(ALARM.check(entry, Sight({}, "ap-northeast-2"))) == []


@pytest.mark.parametrize(
    ("of", "dimensions"),
    [
        (
            {"load_balancer": "main", "target_group": "app"},
            {"LoadBalancer": "app/m/1", "TargetGroup": "targetgroup/a/2"},
        ),
        ({"cache": "main"}, {"CacheClusterId": "shop-main-001"}),
        ({"cache": "one"}, {"CacheClusterId": "shop-one"}),
        ({"ecs_service": "api"}, {"ClusterName": "shop-main", "ServiceName": "shop-api"}),
        ({"path": "/", "fstype": "ext4"}, {"path": "/", "fstype": "ext4"}),
    ],
)
def test_whose_metric(of: dict[str, str], dimensions: dict[str, str]) -> None:
    answers = {
        ("load_balancer", "main"): "app/m/1",
        ("target_group", "app"): "targetgroup/a/2",
        ("cache", "main"): "arn:aws:elasticache:r:1:replicationgroup:shop-main",
        ("cache", "one"): "arn:aws:elasticache:r:1:cluster:shop-one",
        ("ecs_service", "api"): "arn:aws:ecs:r:1:service/shop-main/shop-api",
    }
    shape = ALARM.fields["of"].shape
    assert list(shape.problems(of, "of")) == []
    assert shape.resolve(of, lambda ref, name: answers[ref.kind, name]) == dimensions
    assert shape.canonical(dimensions) == dimensions


def test_whose_metric_is_not_there_yet() -> None:
    shape = ALARM.fields["of"].shape
    assert isinstance(shape.resolve({"database": "a"}, lambda ref, name: Unknown(ref.kind, name)), Unknown)


@pytest.mark.parametrize(("key", "meant"), [("databse", "database"), ("load_balancers", "load_balancer")])
def test_mistyped_kind(key: str, meant: str) -> None:
    [problem] = ALARM.fields["of"].shape.problems({key: "main"}, "of")
    assert problem.suggestion == meant


@pytest.mark.parametrize("rule", ['NOT ALARM("a")', 'ALARM("a") OR (ALARM("b") AND OK("c"))'])
def test_rule_in_other_words_differs(rule: str) -> None:
    [words] = _alarms._of_rule(rule)["any_of"]
    assert rule in words


@pytest.mark.parametrize(
    ("attrs", "sku", "quantity"),
    [
        (METRIC, "cloudwatch/alarm", 1),
        (RATE, "cloudwatch/alarm", 2),
        ({**METRIC, "period_seconds": 10}, "cloudwatch/alarm/high_resolution", 1),
        ({"any_of": ["a"]}, "cloudwatch/alarm/composite", 1),
    ],
)
def test_price(attrs: dict[str, Any], sku: str, quantity: float) -> None:
    assert [(one.sku, one.quantity) for one in ALARM.price(attrs, lambda *_: None)] == [(sku, quantity)]
