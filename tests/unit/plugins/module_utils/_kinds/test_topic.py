"""``topic``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.compare import differences
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _sns
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from tests.support.aws.trial import Trial

TOPIC = kind("topic")
ARN = "arn:aws:sns:ap-northeast-2:123456789012:shop-alerts"
MAIL = {"email": "ops@example.com"}
PHONE = {"sms": "+821012345678"}
HOOK = {"https": "https://hooks.example.com/x"}


def test_whole_life(trial: Trial) -> None:
    topic = trial.make("topic", "alerts", subscriptions=[MAIL, PHONE, HOOK], display_name="Shop")
    assert topic.id.endswith(":shop-alerts")
    topic = trial.alter(topic, subscriptions=[PHONE, HOOK, MAIL, {"email": "two@example.com"}], publishers=["events"])
    topic = trial.alter(topic, subscriptions=[PHONE], publishers=[], display_name="Alerts", kms_key="alias/own")
    topic = trial.alter(topic, subscriptions=[], kms_key="")
    trial.retag(topic)
    assert [one.id for one in trial.all("topic")] == [topic.id]
    trial.remove(topic)


def test_foreign_topic_of_our_name_is_shown(trial: Trial) -> None:
    trial.account.call("sns", "create_topic", Name="shop-alerts")
    [found] = TOPIC.describe(trial.account, Scope("shop", frozenset({"shop-alerts"})))
    assert found.app is None


def _listed(protocol: str, endpoint: str, arn: str) -> dict[str, str]:
    return {"SubscriptionArn": arn, "Protocol": protocol, "Endpoint": endpoint, "TopicArn": ARN, "Owner": "1"}


@pytest.mark.parametrize(
    ("listed", "same"),
    [
        ([_listed("email", "ops@example.com", "arn:s:1")], True),
        ([_listed("email", "ops@example.com", "PendingConfirmation")], True),
        # taken out of the blueprint before anybody confirmed: nothing can be done about it, nothing has to be
        ([_listed("email", "ops@example.com", "arn:s:1"), _listed("email", "x@y.zz", "PendingConfirmation")], True),
        ([_listed("email", "ops@example.com", "arn:s:1"), _listed("email", "x@y.zz", "arn:s:2")], False),
        ([_listed("email", "ops@example.com", "Deleted")], False),
        ([], False),
    ],
    ids=["confirmed", "pending", "pending and unwanted", "confirmed and unwanted", "unsubscribed", "missing"],
)
def test_pending_is_no_drift(listed: list[dict[str, str]], same: bool) -> None:
    found = _sns.to_found({"TopicArn": ARN}, listed, {})
    assert (differences(TOPIC, {"subscriptions": [MAIL]}, found.attrs) == ()) is same


def test_publishers_there_and_back() -> None:
    text = _sns.policy(["events", "budgets"], ARN)
    assert _sns.publishers_of(text) == ["budgets", "events"]
    assert '"aws:SourceAccount": "123456789012"' in text


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        ({"subscriptions": [MAIL, PHONE, MAIL]}, "topic/a.subscriptions[2]"),
        ({"kms_key": "alias/aws/sns"}, "topic/a.kms_key"),
    ],
)
def test_refuses(attrs: dict[str, Any], where: str) -> None:
    entry = Entry("topic", "a", {"subscriptions": [], "kms_key": "", "publishers": ["cloudwatch"], **attrs})
    assert [one.where for one in TOPIC.check(entry, Sight({}, "r"))] == [where]


@pytest.mark.parametrize(
    "bad", [{}, {"email": "ops"}, {"sms": "010-1234"}, {"https": "http://x"}, {**MAIL, **PHONE}, {"slack": "#ops"}]
)
def test_refuses_subscription(bad: dict[str, str]) -> None:
    assert list(TOPIC.fields["subscriptions"].shape.problems([bad], "subscriptions"))


def test_price_is_for_sms() -> None:
    assert list(TOPIC.price({"subscriptions": [MAIL]}, lambda *_: None)) == []
    assert [one.sku for one in TOPIC.price({"subscriptions": [PHONE]}, lambda *_: None)] == ["sns/sms"]
