"""Which stores take their data along, and what the module is told about them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.engines import ENGINES
from ansible_collections.stairway.cloud.plugins.module_utils._stages import moving
from tests.support.aws.apps import app as inventory_app

HERE = {"container": "resee-db"}
THERE = {"host": "db.abc.rds.amazonaws.com", "port": 5432, "tls": True, "secret": "arn"}
DB = {
    "name": "db",
    "engine": "postgresql",
    "image": "postgres:15",
    "user": "resee",
    "database": "resee",
    "from": "container",
    "to": "managed",
    "source": HERE,
    "target": THERE,
}
ROAD: dict[str, Any] = {
    "to_fleet": False,
    "from_fleet": False,
    # of the second nobody knows where it goes
    "moves": [DB, {**DB, "name": "messages", "engine": "mongodb", "to": "external", "target": {}}],
}
KNOWN = [{"item": "arn", "value": {"admin_password": "secret"}}, {"item": "other", "value": {}}]


def test_both_lists_of_engines_agree() -> None:
    assert set(moving.TRAVELLING) == set(ENGINES)


def test_what_the_module_is_told() -> None:
    (one,) = moving.moving(inventory_app("resee"), ROAD, KNOWN, how="follow", replace="cache,db", way_back="cache")
    assert (one["name"], one["from"], one["to"], one["how"]) == ("db", "container", "managed", "follow")
    assert one["source"] == HERE
    assert one["target"] == {
        "host": "db.abc.rds.amazonaws.com",
        "port": 5432,
        "tls": True,
        "admin_password": "secret",
    }
    assert (one["replace_target"], one["way_back"]) == (True, False)


def test_without_the_administrator_nothing_is_made_up() -> None:
    (one,) = moving.moving(inventory_app("resee"), ROAD, [])
    assert "admin_password" not in one["target"]
    assert one["replace_target"] is False


@pytest.mark.parametrize(
    ("road", "left_behind"),
    [
        (ROAD, "cache,db"),
        ({**ROAD, "to_fleet": True}, ""),
        ({**ROAD, "from_fleet": True}, ""),
        ({**ROAD, "moves": [{**DB, "target": {}}]}, ""),
    ],
    ids=["named", "to a fleet", "from a fleet", "nowhere"],
)
def test_what_does_not_travel(road: dict[str, Any], left_behind: str) -> None:
    assert moving.moving(inventory_app("resee"), road, KNOWN, left_behind=left_behind) == []


ATLAS = {
    **DB,
    **{"name": "db", "engine": "mongodb", "image": "mongo:7", "to": "external", "target": {}},
}


def test_a_mongodb_that_somebody_else_runs_travels_by_its_url() -> None:
    app = inventory_app("chat")
    (one,) = moving.moving(app, {**ROAD, "moves": [ATLAS]}, [])
    assert one["source"] == HERE
    assert one["target"] == {"url": app.stores[0].managed.url}
    assert one["target"]["url"].startswith("mongodb+srv://")
    back = {**ATLAS, "from": "external", "to": "container", "source": {}, "target": HERE}
    (one,) = moving.moving(app, {**ROAD, "moves": [back]}, [])
    assert (one["source"], one["target"]) == ({"url": app.stores[0].managed.url}, HERE)


def test_a_store_at_another_place() -> None:
    app = inventory_app("resee")
    assert moving.placed(app, {}, "db", "managed") == {"stage": {"database": "managed"}}
    given = {"domains": ["x"], "stage": {"edge": "http"}}
    assert moving.placed(app, given, "cache", "container") == {
        "domains": ["x"],
        "stage": {"edge": "http", "cache": "container"},
    }


@pytest.mark.parametrize(("store", "to"), [("nothing", "managed"), ("db", "moon")])
def test_what_is_not_there_is_named(store: str, to: str) -> None:
    with pytest.raises(StairwayError, match="There is no such"):
        moving.placed(inventory_app("resee"), {}, store, to)
