"""``budget``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _budgets
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from tests.support.aws.trial import Trial

BUDGET = kind("budget")
TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:shop-alerts"
MAIL = ["ops@example.com"]
SEED = [
    {"percent": 80, "emails": MAIL},
    {"percent": 100, "emails": MAIL, "topic": TOPIC},
    {"of": "forecast", "percent": 100, "emails": MAIL},
]


def test_whole_life(trial: Trial) -> None:
    budget = trial.make("budget", "monthly", monthly_limit=250, notifications=SEED)
    assert budget.id == "shop-monthly"
    budget = trial.alter(budget, monthly_limit=300.5, notifications=SEED)
    more = [*SEED[:2], {**SEED[2], "emails": [*MAIL, "boss@example.com"]}, {"percent": 120, "topic": TOPIC}]
    budget = trial.alter(budget, monthly_limit=250, notifications=more)
    budget = trial.alter(budget, monthly_limit=250, notifications=SEED[:1], tags_counted={"stairway:app": ["shop"]})
    budget = trial.alter(budget, monthly_limit=250, notifications=[], tags_counted={})
    trial.retag(budget)
    assert [one.id for one in trial.all("budget")] == [budget.id]
    trial.remove(budget)


def test_foreign_budget_of_our_name_is_shown(trial: Trial) -> None:
    limit = {"Amount": "1", "Unit": "USD"}
    foreign = {"BudgetName": "shop-monthly", "BudgetType": "COST", "TimeUnit": "DAILY", "BudgetLimit": limit}
    trial.account.call("budgets", "create_budget", AccountId=trial.account.account_id, Budget=foreign)
    [found] = BUDGET.describe(trial.account, Scope("shop", frozenset({"shop-monthly"})))
    assert found.app is None
    assert found.attrs["monthly_limit"] is None, "a limit of a day is none of a month"


@pytest.mark.parametrize("tags", [{}, {"team": ["blue"]}, {"stairway:app": ["chat", "shop"], "team": ["blue"]}])
def test_tags_there_and_back(tags: dict[str, list[str]]) -> None:
    assert _budgets.tags_of_filters(_budgets.filters_of_tags(tags)) == tags


def test_a_notification_in_other_words_differs() -> None:
    theirs = {"NotificationType": "ACTUAL", "ComparisonOperator": "LESS_THAN", "Threshold": 80.0}
    assert _budgets.words_of(theirs, [])["of"] == "(other words)"


@pytest.mark.parametrize(
    ("notifications", "where"),
    [
        ([{"percent": 80}], "[0]"),
        ([{"percent": 80, "emails": MAIL}, {"percent": 80.0, "of": "actual", "topic": TOPIC}], "[1]"),
    ],
)
def test_refuses(notifications: list[dict[str, Any]], where: str) -> None:
    entry = Entry("budget", "a", {"notifications": notifications})
    assert [one.where for one in BUDGET.check(entry, Sight({}, "r"))] == [f"budget/a.notifications{where}"]
