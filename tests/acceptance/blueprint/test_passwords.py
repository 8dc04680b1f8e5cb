"""A new password in the app's vault: what reads it follows, and what Stairway made by itself stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.aws.apps import resources
from tests.support.aws.emulators import Emulator
from tests.support.aws.runs import converge, planned, verbs

NEW = "another-Password-4-all-of-them"


def held(emulator: Emulator, path: str) -> dict[str, str]:
    answer = emulator.account().call("secretsmanager", "get_secret_value", SecretId=path)
    value: dict[str, str] = json.loads(answer["SecretString"])
    return value


def another(entries: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The blueprint with another password of one store."""
    return [
        {**one, "value": {**one["value"], "password": NEW}} if one.get("secret") == name else one for one in entries
    ]


@pytest.mark.parametrize("stage", ["stage3", "stage4"])
def test_a_cache_takes_the_new_one_and_goes_on_to_take_the_old(emulator: Emulator, stage: str) -> None:
    before = resources("shop", stage, on=emulator.name)
    converge(emulator.account(), before)
    after = another(before, "cache")
    plan = planned(emulator.account(), after)
    assert verbs(plan) == {"secret/cache": "change", "cache/cache": "change"}
    steps = {step.key: step for step in plan.steps}
    assert steps["secret/cache"].why.startswith("another value of password; who uses it follows")
    assert [one.field for one in steps["cache/cache"].differences] == ["password_version"]

    account = emulator.account()
    converge(account, after)
    assert held(emulator, "shop/cache")["password"] == NEW
    assert verbs(planned(emulator.account(), after)) == {}
    # and back again: each change sets it
    converge(emulator.account(), before)
    assert verbs(planned(emulator.account(), before)) == {}


def test_what_redis_is_told(on_moto: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    before = resources("shop", "stage3")
    converge(on_moto.account(), before)
    account = on_moto.account()
    told: list[dict[str, Any]] = []
    call = type(account).call

    def spy(self: Any, service: str, operation: str, **given: Any) -> Any:
        if operation == "modify_replication_group":
            told.append(given)
        return call(self, service, operation, **given)

    monkeypatch.setattr(type(account), "call", spy)
    converge(account, another(before, "cache"))
    assert [(one["AuthToken"], one["AuthTokenUpdateStrategy"]) for one in told] == [(NEW, "ROTATE")]


@pytest.mark.parametrize("stage", ["stage2", "stage3", "stage4"])
def test_a_database_keeps_its_administrators_password(emulator: Emulator, stage: str) -> None:
    before = resources("shop", stage, on=emulator.name)
    converge(emulator.account(), before)
    (path,) = {one.get("path") for one in before if one.get("secret") == "db"}
    path = path or "shop/db"
    old = held(emulator, path)
    after = another(before, "db")
    plan = planned(emulator.account(), after)
    # the app's user is the server's own: the run logs in as administrator and gives it the new one (store_user)
    assert verbs(plan) == {"secret/db": "change"}
    why = {step.key: step.why for step in plan.steps}["secret/db"]
    assert why.startswith("another value of password; admin_password stays as it is; who uses it follows")
    converge(emulator.account(), after)
    assert held(emulator, path) == {**old, "password": NEW}
    assert old["password"] != NEW


def test_no_password_is_in_the_plan(on_moto: Emulator) -> None:
    before = resources("shop", "stage3")
    converge(on_moto.account(), before)
    plan = planned(on_moto.account(), another(another(before, "db"), "cache"))
    assert NEW not in repr([(step.differences, step.why) for step in plan.steps])
