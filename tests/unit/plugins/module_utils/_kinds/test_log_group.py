"""``log_group``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _logs
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from tests.support.aws.trial import Trial

GROUP = kind("log_group")
ERRORS = {"pattern": "ERROR", "namespace": "Shop", "metric": "Errors", "default_value": 0}
FAILED = {"pattern": '{ $.event = "order.failed" }', "namespace": "Shop", "metric": "FailedOrders", "unit": "Count"}


def test_whole_life(trial: Trial) -> None:
    group = trial.make("log_group", "app", keep_days=7, metrics={"errors": ERRORS})
    assert group.id == "/shop/app"
    group = trial.alter(group, keep_days=0, metrics={"errors": {**ERRORS, "pattern": "FATAL"}, "failed": FAILED})
    group = trial.alter(group, keep_days=30, metrics={"failed": FAILED}, writers=["events"])
    group = trial.alter(group, keep_days=30, metrics={}, writers=[])
    trial.retag(group)
    trial.remove(group)


def test_name_that_aws_dictates(trial: Trial) -> None:
    name = "/aws/rds/instance/shop-main/error"
    trial.account.call("logs", "create_log_group", logGroupName=name + "/older")
    group = trial.make("log_group", "database-errors", keep_days=7, log_name=name, writers=["delivery", "route53"])
    assert group.id == name
    assert [one.id for one in trial.all("log_group")] == [name]
    trial.remove(group)
    assert trial.account.call("logs", "describe_resource_policies")["resourcePolicies"] == []


def test_key(on_moto: Trial) -> None:
    # MiniStack has no AssociateKmsKey
    key = "arn:aws:kms:ap-northeast-2:123456789012:key/1"
    group = on_moto.make("log_group", "app", keep_days=7, kms_key=key)
    group = on_moto.alter(group, keep_days=7, kms_key="")
    on_moto.alter(group, keep_days=7, kms_key=key + "2")


def test_infrequent_access(on_ministack: Trial) -> None:
    # moto knows no classes
    group = on_ministack.make("log_group", "app", **{"keep_days": 1, "class": "infrequent_access"})
    assert group.attrs["class"] == "infrequent_access"


def test_few_calls(trial: Trial) -> None:
    for name in ("a", "b", "c", "d"):
        trial.make("log_group", name, keep_days=7)
    trial.account.call("logs", "create_log_group", logGroupName="/other/a")
    trial.account.calls.clear()
    assert [one.name for one in trial.all("log_group")] == ["a", "b", "c", "d"]
    assert sum(trial.account.calls.values()) == 3


def test_foreign_group_of_our_name_is_shown(trial: Trial) -> None:
    trial.account.call("logs", "create_log_group", logGroupName="/shop/app")
    [found] = GROUP.describe(trial.account, Scope("shop", frozenset({"/shop/app"})))
    assert found.app is None
    assert trial.all("log_group") == []


@pytest.mark.parametrize(
    ("attrs", "where", "suggestion"),
    [
        ({"keep_days": 10}, "log_group/app.keep_days", "7"),
        ({"keep_days": 3000}, "log_group/app.keep_days", "2922"),
        ({"class": "infrequent_access", "metrics": {"e": ERRORS}}, "log_group/app.metrics", None),
        ({"metrics": {"e": {**ERRORS, "namespace": "AWS/EC2"}}}, "log_group/app.metrics.e.namespace", "App"),
    ],
)
def test_refuses(attrs: dict[str, Any], where: str, suggestion: str | None) -> None:
    entry = Entry("log_group", "app", {"keep_days": 7, "class": "standard", "metrics": {}, **attrs})
    [problem] = GROUP.check(entry, Sight({}, "ap-northeast-2"))
    assert (problem.where, problem.suggestion) == (where, suggestion)


@pytest.mark.parametrize("bad", ["two words", "a:b", "", "x" * 513])
def test_refuses_name(bad: str) -> None:
    assert list(GROUP.fields["log_name"].shape.problems(bad, "log_name"))


@pytest.mark.parametrize("writers", [[], ["events"], ["delivery", "events", "opensearch", "route53"]])
def test_writers_there_and_back(writers: list[str]) -> None:
    assert _logs.writers_of(_logs.policy_of(writers, "arn:aws:logs:r:1:log-group:g")) == writers


def test_a_policy_of_somebody_else_is_no_writer() -> None:
    assert _logs.writers_of('{"Statement": {"Sid": "events", "Principal": {"Service": "ec2.amazonaws.com"}}}') == []


def test_price_grows_with_the_days() -> None:
    used = {one.sku: one.quantity for one in GROUP.price({"keep_days": 30, "metrics": {"a": {}}}, lambda *_: None)}
    assert used["cloudwatch/metric"] == 1
    longer = {one.sku: one.quantity for one in GROUP.price({"keep_days": 365}, lambda *_: None)}
    assert longer["cloudwatch/logs/storage"] > used["cloudwatch/logs/storage"]
