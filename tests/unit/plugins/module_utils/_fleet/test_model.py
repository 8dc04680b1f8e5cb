"""What stands in Parameter Store, there and back."""

from __future__ import annotations

import json

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._fleet import model

from .agent.test_containers import RELEASE

STORE = model.StoreAt("db", "postgresql", "postgres:17", "db.x", 5432, True, "shop/db", "shop", "shop")
WHOLE = model.Release(**{**RELEASE.__dict__, "stores": (STORE,), "domain": "shop.example.com"})


def test_a_release_comes_back_as_it_was() -> None:
    assert model.release(WHOLE.text(), "/stairway/shop/release") == WHOLE
    assert len(WHOLE.text()) < 4096


def test_keys_of_later_versions_do_no_harm_to_a_service() -> None:
    data = json.loads(WHOLE.text())
    data["services"][0]["colours"] = ["blue"]
    data["news"] = 1
    assert model.release(json.dumps(data), "x") == WHOLE


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"app": "a"}', WHOLE.text().replace('"command"', '"comand"')])
def test_what_is_none_is_said(text: str) -> None:
    with pytest.raises(StairwayError, match=r"(?s)no release document.*/stairway/shop/release"):
        model.release(text, "/stairway/shop/release")


def test_how_long_a_preparation_may_take() -> None:
    assert WHOLE.prepare_seconds == 600


def test_states_come_back() -> None:
    one = model.Machine("i-1", model.FAILED, "now", "r1", "7", {"message": "no"}, 1.5, 20)
    assert model.machine(model.written(one)) == one
    other = model.Prepared(model.RUNNING, "i-1", 12.5)
    assert model.prepared(model.written(other)) == other
    assert model.machine_path("shop", "i-1") == "/stairway/shop/machines/i-1"
