"""``event_rule``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _events
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from tests.support.aws.trial import Trial

RULE = kind("event_rule")
START = "ap-northeast-2:123456789012"
TOPIC = f"arn:aws:sns:{START}:shop-alerts"
LOGS = f"arn:aws:logs:{START}:log-group:/shop/events"
AUTOMATION = f"arn:aws:ssm:{START}:automation-definition/shop-recover:$DEFAULT"
COMMAND = f"arn:aws:ssm:{START}:document/shop-restart"
ROLE = "arn:aws:iam::123456789012:role/shop-events"
ALARMS = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}


def test_whole_life(trial: Trial) -> None:
    rule = trial.make("event_rule", "alarms", pattern=ALARMS, targets={"people": {"topic": TOPIC}})
    assert rule.id == "shop-alarms"
    targets: dict[str, Any] = {
        "people": {"topic": TOPIC, "input_paths": {"n": "$.detail.alarmName"}, "input_template": '"Alarm <n>"'},
        "history": {"log_group": LOGS},
    }
    rule = trial.alter(rule, pattern={**ALARMS, "detail": {"state": {"value": ["ALARM"]}}}, targets=targets)
    targets = {
        "repair": {"automation": AUTOMATION, "role": ROLE, "input": {"InstanceId": ["i-1"]}},
        "history": {"log_group": LOGS},
    }
    rule = trial.alter(rule, pattern=ALARMS, targets=targets, description="Repairs.")
    rule = trial.alter(rule, pattern=ALARMS, targets={}, enabled=False)
    trial.retag(rule)
    assert [one.id for one in trial.all("event_rule")] == [rule.id]
    trial.remove(rule)


def test_at_a_time(trial: Trial) -> None:
    targets = {"restart": {"command": COMMAND, "role": ROLE, "instances": {"tag:stairway:app": ["shop"]}}}
    rule = trial.make("event_rule", "nightly", schedule="cron(0 18 * * ? *)", targets=targets)
    rule = trial.alter(rule, schedule="rate(5 minutes)", targets=targets)
    trial.remove(rule)


def test_with_targets_it_can_be_deleted(trial: Trial) -> None:
    rule = trial.make("event_rule", "alarms", pattern=ALARMS, targets={"people": {"topic": TOPIC}})
    trial.remove(rule)


def test_few_calls(trial: Trial) -> None:
    for name in ("a", "b"):
        trial.make("event_rule", name, pattern=ALARMS, targets={"people": {"topic": TOPIC}})
    trial.account.calls.clear()
    assert len(trial.all("event_rule")) == 2
    assert sum(trial.account.calls.values()) == 4


def test_foreign_rule_of_our_name_is_shown(trial: Trial) -> None:
    trial.account.call("events", "put_rule", Name="shop-alarms", ScheduleExpression="rate(5 minutes)")
    [found] = RULE.describe(trial.account, Scope("shop", frozenset({"shop-alarms"})))
    assert found.app is None


def test_a_target_that_failed_is_an_error() -> None:
    class Region:
        region = "r"

    failed = {"FailedEntryCount": 1, "FailedEntries": [{"TargetId": "a", "ErrorCode": "Bad", "ErrorMessage": "no"}]}
    with pytest.raises(AwsError, match="PutTargets"):
        _events._checked(Region(), failed, "PutTargets")


def _entry(**attrs: Any) -> Entry:
    return Entry("event_rule", "a", {"pattern": ALARMS, "targets": {}, **attrs})


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        ({"pattern": None}, ""),
        ({"schedule": "rate(1 minutes)"}, ".schedule"),
        ({"schedule": "rate(5 minute)"}, ".schedule"),
        ({"schedule": "rate(0 days)"}, ".schedule"),
        ({"schedule": "cron(0 3 * * *)"}, ".schedule"),
        ({"schedule": "cron(0 3 * * * *)"}, ".schedule"),
        ({"schedule": "cron(0 3 ? * ? *)"}, ".schedule"),
        ({"targets": {"t": {"arn": TOPIC}}}, ".targets.t.arn"),
        ({"targets": {"t": {"automation": "recover"}}}, ".targets.t.role"),
        ({"targets": {"t": {"command": "restart", "role": "r"}}}, ".targets.t.instances"),
        ({"targets": {"t": {"topic": TOPIC, "input": {}, "input_template": "x"}}}, ".targets.t.input"),
        ({"targets": {"t": {"topic": TOPIC, "input_paths": {"a": "$"}}}}, ".targets.t.input_paths"),
        ({"targets": {"t": {"topic": "quiet"}}}, ".targets.t.topic"),
        ({"targets": {"t": {"log_group": "app"}}}, ".targets.t.log_group"),
    ],
)
def test_refuses(attrs: dict[str, Any], where: str) -> None:
    quiet = Entry("topic", "quiet", {"publishers": ["budgets"]})
    group = Entry("log_group", "app", {"writers": []})
    sight = Sight({quiet.key: quiet, group.key: group}, "ap-northeast-2")
    assert [one.where for one in RULE.check(_entry(**attrs), sight)] == [f"event_rule/a{where}"]


@pytest.mark.parametrize("schedule", ["rate(1 minute)", "rate(12 hours)", "cron(0/15 * ? * MON-FRI *)"])
def test_takes_schedules(schedule: str) -> None:
    assert list(RULE.check(_entry(schedule=schedule), Sight({}, "r"))) == []
