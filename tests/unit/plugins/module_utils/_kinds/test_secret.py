"""``secret``, on both emulators."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.compare import differences
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _secrets, _secrets_calls
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Found, Sight
from tests.support.aws.trial import Trial

PASSWORD = "correct-horse"


def value_of(trial: Trial, found: Found) -> str:
    return str(trial.account.call("secretsmanager", "get_secret_value", SecretId=found.id)["SecretString"])


def test_whole_life(trial: Trial) -> None:
    found = trial.make("secret", "jwt", value=PASSWORD)
    assert found.aws_name == "shop/jwt"
    found = trial.alter(found, value="another-one")
    assert value_of(trial, found) == "another-one"
    found = trial.alter(found, value="another-one", description="what tokens are signed with")
    found = trial.alter(found, value="another-one", recovery_days=7)
    found = trial.alter(found, value={"current": "a", "previous": ""})
    assert json.loads(value_of(trial, found)) == {"current": "a", "previous": ""}
    trial.retag(found)
    trial.remove(found)


def test_the_value_is_nowhere_in_clear(trial: Trial) -> None:
    text = trial.make("secret", "jwt", value=PASSWORD)
    several = trial.make("secret", "keys", value={"one": PASSWORD})
    assert PASSWORD not in repr(text)
    assert PASSWORD not in repr(several)
    (difference,) = differences(kind("secret"), {"value": "another-one"}, text.attrs)
    assert "another-one" not in repr(difference)


@pytest.mark.parametrize(
    ("generate", "length", "characters"),
    [
        ({}, 32, _secrets.CHARACTERS["letters_digits"]),
        ({"length": 64, "characters": "hex"}, 64, "0123456789abcdef"),
        ({"length": 20, "characters": "punctuation"}, 20, _secrets.CHARACTERS["punctuation"]),
    ],
)
def test_a_generated_value(trial: Trial, generate: dict[str, Any], length: int, characters: str) -> None:
    found = trial.make("secret", "database", generate=generate)
    value = value_of(trial, found)
    assert len(value) == length
    assert set(value) <= set(characters)


def test_a_generated_key_stays_when_others_change(trial: Trial) -> None:
    generate = {"key": "password"}
    found = trial.make("secret", "database", value={"username": "app"}, generate=generate)
    before = json.loads(value_of(trial, found))
    assert set(before) == {"username", "password"}
    found = trial.alter(found, value={"username": "shop", "host": "db"}, generate=generate)
    assert json.loads(value_of(trial, found)) == {"username": "shop", "host": "db", "password": before["password"]}
    found = trial.alter(found, value={"username": "shop"}, generate=generate)
    assert json.loads(value_of(trial, found)) == {"username": "shop", "password": before["password"]}


def test_an_empty_one_is_left_to_be_filled_by_hand(trial: Trial) -> None:
    found = trial.make("secret", "partner")
    trial.account.call("secretsmanager", "put_secret_value", SecretId=found.id, SecretString="by hand")
    again = trial.only(kind("secret"), found.id, str(found.aws_name))
    wanted = {name: None for name in kind("secret").fields}
    assert differences(kind("secret"), wanted, again.attrs) == ()


def test_made_again_it_comes_back_with_its_value(trial: Trial) -> None:
    found = trial.make("secret", "database", generate={}, recovery_days=7)
    before = value_of(trial, found)
    trial.remove(found)
    again = trial.make("secret", "database", generate={}, description="back again", recovery_days=8)
    assert value_of(trial, again) == before


def test_made_again_with_another_value(trial: Trial) -> None:
    trial.remove(trial.make("secret", "jwt", value="old"))
    assert value_of(trial, trial.make("secret", "jwt", value="new")) == "new"


def test_somebody_elses_deleted_one_is_not_brought_back(trial: Trial) -> None:
    trial.account.call("secretsmanager", "create_secret", Name="shop/jwt", SecretString="theirs")
    trial.account.call("secretsmanager", "delete_secret", SecretId="shop/jwt", RecoveryWindowInDays=7)
    with pytest.raises(StairwayError, match="not this app's"):
        trial.make("secret", "jwt", value="ours")


def test_without_recovery_it_is_gone(trial: Trial) -> None:
    trial.remove(trial.make("secret", "jwt", value="old", recovery_days=0))
    again = trial.make("secret", "jwt", generate={})
    assert value_of(trial, again) != "old"


def test_own_path_and_many(trial: Trial) -> None:
    trial.make("secret", "database", path="rds/ecommerce/password", value="x")
    for number in range(24):
        trial.account.call(
            "secretsmanager",
            "create_secret",
            Name=f"shop/n{number}",
            SecretString=str(number),
            Tags=[{"Key": "stairway:app", "Value": "shop"}, {"Key": "stairway:name", "Value": f"n{number}"}],
        )
    trial.account.call("secretsmanager", "create_secret", Name="other/one", SecretString="x")
    found = trial.all("secret")
    assert len(found) == 25
    assert {one.attrs["value"] for one in found} >= {_secrets.digest(str(number)) for number in range(24)}


@pytest.mark.parametrize(
    ("value", "key", "expected"),
    [
        ("plain", "password", "plain"),
        ('{"password": "p", "x": "y"}', "password", "p"),
        ('{"token": "t"}', "token", "t"),
    ],
)
def test_passwords_for_others(on_moto: Trial, value: str, key: str, expected: str) -> None:
    found = on_moto.make("secret", "database", value=value)
    assert _secrets_calls.password(on_moto.account, found.id, key) == expected


def test_no_password_is_an_error_that_shows_none(on_moto: Trial) -> None:
    found = on_moto.make("secret", "database", value={"other": PASSWORD})
    with pytest.raises(StairwayError, match="no password") as caught:
        _secrets_calls.password(on_moto.account, found.id, "password")
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        ({"value": "x", "generate": {}}, "generate"),
        ({"value": "x", "generate": {"key": "password"}}, "generate"),
        ({"value": {"a": "b"}, "generate": {}}, "generate"),
        ({"value": {"password": "b"}, "generate": {"key": "password"}}, "generate.key"),
        ({"recovery_days": 3}, "recovery_days"),
    ],
)
def test_bad_entries(attrs: dict[str, Any], where: str) -> None:
    entry = Entry("secret", "jwt", attrs)
    assert [one.where for one in kind("secret").check(entry, Sight({}, "x"))] == [f"secret/jwt.{where}"]


def test_two_of_one_path() -> None:
    entries = {f"secret/{name}": Entry("secret", name, {"path": "a/b"}) for name in ("one", "two")}
    problems = [p.where for e in entries.values() for p in kind("secret").check(e, Sight(entries, "x"))]
    assert problems == ["secret/two.path"]
