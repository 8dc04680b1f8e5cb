"""``parameter``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _ssm
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Found, Sight, Wanted
from tests.support.aws.trial import Trial


def value_of(trial: Trial, found: Found) -> str:
    answer = trial.account.call("ssm", "get_parameter", Name=found.id, WithDecryption=True)
    return str(answer["Parameter"]["Value"])


def test_whole_life(trial: Trial) -> None:
    found = trial.make("parameter", "db-host", value="10.0.11.5")
    assert found.id == "/shop/db-host"
    found = trial.alter(found, value="10.0.12.5")
    found = trial.alter(found, value="10.0.12.5", description="where the database is")
    found = trial.alter(found, value="10.0.12.6")
    assert found.attrs["description"] == "where the database is"
    found = trial.alter(found, value="10.0.12.6", tier="advanced")
    trial.retag(found)
    trial.remove(found)


def test_lists_and_secrets(trial: Trial) -> None:
    hosts = trial.make("parameter", "hosts", type="list", value=["b", "a"])
    hosts = trial.alter(hosts, type="list", value=["a", "b", "c"])
    assert value_of(trial, hosts) == "a,b,c"
    token = trial.make("parameter", "token", type="secret", secret_value="correct-horse")
    assert "correct-horse" not in repr(token)
    token = trial.alter(token, type="secret", secret_value="another-one")
    assert value_of(trial, token) == "another-one"


def test_the_address_of_another_entry(trial: Trial) -> None:
    repository = trial.make("repository", "api")
    found = trial.make("parameter", "image", value_of={"repository": repository.outputs["uri"]})
    assert value_of(trial, found) == repository.outputs["uri"]
    found = trial.alter(found, value_of={"repository": "elsewhere"})
    assert value_of(trial, found) == "elsewhere"


def test_many_of_them_in_few_calls(trial: Trial) -> None:
    trial.make("parameter", "own-path", path="/ecommerce/prod/db-host", value="x")
    for number in range(60):
        trial.account.call(
            "ssm",
            "put_parameter",
            Name=f"/shop/n{number}",
            Value="x",
            Type="String",
            Tags=[{"Key": "stairway:app", "Value": "shop"}, {"Key": "stairway:name", "Value": f"n{number}"}],
        )
    trial.account.call("ssm", "put_parameter", Name="/shop/theirs", Value="x", Type="String")
    trial.account.calls.clear()
    assert len(trial.all("parameter")) == 61
    # moto knows pages of ten only
    assert trial.account.calls.total() <= 16, trial.account.calls


def test_the_cloudwatch_agents_have_no_slash_before_them(trial: Trial) -> None:
    found = trial.make("parameter", "agent", path="AmazonCloudWatch-shop", value="{}")
    assert (found.id, found.tags["stairway:name"]) == ("AmazonCloudWatch-shop", "agent")
    found = trial.alter(found, path="AmazonCloudWatch-shop", value='{"agent": {}}')
    assert value_of(trial, found) == '{"agent": {}}'
    assert trial.only(kind("parameter"), found.id, found.id).app == "shop"


def test_a_foreign_one_with_our_name_is_seen(trial: Trial) -> None:
    trial.account.call("ssm", "put_parameter", Name="/shop/db-host", Value="x", Type="String")
    assert trial.only(kind("parameter"), "/shop/db-host", "/shop/db-host").app is None


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        ({"type": "text"}, [""]),
        ({"type": "text", "secret_value": "x"}, [""]),
        ({"type": "secret", "value": "x"}, [""]),
        ({"type": "text", "value": "x", "value_of": {"cache": "main"}}, [""]),
        ({"type": "list", "value_of": {"cache": "main"}}, [""]),
        ({"type": "text", "value": ["x"]}, [".value"]),
        ({"type": "list", "value": "x"}, [".value"]),
        ({"type": "text", "value": "x" * 4097, "tier": "standard"}, [".tier"]),
        ({"type": "secret", "secret_value": "é" * 2049, "tier": "standard"}, [".tier"]),
        ({"type": "text", "value": "x", "path": "/aws/thing"}, [".path"]),
        ({"type": "text", "value": "x", "kms_key": "alias/x"}, [".kms_key"]),
        ({"type": "text", "value": "x" * 4097, "tier": "advanced"}, []),
    ],
)
def test_bad_entries(attrs: dict[str, Any], where: list[str]) -> None:
    entry = Entry("parameter", "one", attrs)
    assert [one.where for one in kind("parameter").check(entry, Sight({}, "x"))] == [f"parameter/one{w}" for w in where]


def test_advanced_stays_advanced() -> None:
    found = Found("parameter", "/shop/one", {"tier": "advanced"})
    wanted = Wanted("parameter", "one", "shop", {"tier": "standard"}, {}, "/shop/one", "")
    assert [p.where for p in _ssm.refuse(found, wanted, frozenset({"tier"}))] == ["parameter/one.tier"]
    assert list(_ssm.refuse(found, wanted, frozenset({"description"}))) == []


def test_price() -> None:
    assert [one.sku for one in _ssm.price({"tier": "advanced"}, None)] == ["ssm/parameter/advanced"]
    assert list(_ssm.price({"tier": "standard"}, None)) == []
