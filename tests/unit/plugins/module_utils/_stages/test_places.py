"""Where stores live at a stage, and what their URLs say of TLS."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._stages import places, tls
from ansible_collections.stairway.cloud.plugins.module_utils._stages.environment import environment, managed_forms
from tests.support.aws.apps import app as inventory_app

NASTY = "p@ss:/?#%&word"
HERE = {"host": "db.abc.rds.amazonaws.com", "port": 5432, "tls": True}


def sql(data: dict[str, Any], engine: str, version: str) -> App:
    data["stores"]["db"] = {
        "engine": engine,
        "version": version,
        "database": "data",
        "user": "app",
        "password": NASTY,
        "env": {"DATABASE_URL": "url"},
    }
    return parse(data)


@pytest.mark.parametrize(
    ("engine", "version", "expected"),
    [
        ("postgresql", "16", {"sslmode": ["verify-full"], "sslrootcert": [tls.BUNDLE]}),
        ("mysql", "8.4", {"ssl-mode": ["VERIFY_IDENTITY"], "ssl-ca": [tls.BUNDLE]}),
        ("mariadb", "11.4", {"ssl-mode": ["VERIFY_IDENTITY"], "ssl-ca": [tls.BUNDLE]}),
    ],
)
def test_a_managed_database_is_reached_by_tls(
    data: dict[str, Any], engine: str, version: str, expected: dict[str, list[str]]
) -> None:
    store = next(one for one in sql(data, engine, version).stores if one.name == "db")
    forms = managed_forms(store, HERE)
    parts = urlsplit(forms["url"])
    assert parse_qs(parts.query) == expected
    assert (parts.hostname, parts.path, unquote(parts.password or "")) == (HERE["host"], "/data", NASTY)
    assert forms["password"] == NASTY
    assert forms["host"] == HERE["host"]
    assert "?" in forms["jdbc"]
    assert "?" not in managed_forms(store, {**HERE, "tls": False})["url"]


def test_a_cache_has_a_password_over_tls_only() -> None:
    cache = next(one for one in inventory_app("resee").stores if one.name == "cache")
    over_tls = managed_forms(cache, {"host": "c.example", "port": 6379, "tls": True})
    assert over_tls["url"] == f"rediss://:{cache.password}@c.example:6379/0"
    plain = managed_forms(cache, {"host": "c.example", "port": 6379, "tls": False})
    assert (plain["url"], plain["password"]) == ("redis://c.example:6379/0", "")


def test_the_environment_follows_the_stage() -> None:
    app = inventory_app("resee")
    known = {"db": HERE, "cache": {"host": "c.example", "port": 6379, "tls": True}}
    below, above = environment(app, "stage1"), environment(app, "stage3", known)
    assert below == environment(app)
    assert "NODE_EXTRA_CA_CERTS" not in below["api"]
    assert above["api"]["DATABASE_URL"].endswith(tls.query("postgresql"))
    assert above["worker"]["CELERY_BROKER_URL"].startswith("rediss://")
    assert above["api"]["NODE_EXTRA_CA_CERTS"] == tls.BUNDLE


def test_a_store_that_is_nowhere_says_what_to_run() -> None:
    with pytest.raises(StairwayError, match="not known where the store db is") as raised:
        environment(inventory_app("resee"), "stage2", {})
    assert "stage2.yml" in (raised.value.fix or "")


def test_endpoints_come_from_the_outputs_of_a_blueprint() -> None:
    app = inventory_app("resee")
    outputs = {
        "database/db": {"endpoint": "db.rds", "port": 5433},
        "cache/cache": {"endpoint": "c.cache", "port": None},
    }
    assert places.endpoints(app, "stage3", outputs) == {
        "db": {"host": "db.rds", "port": 5433, "tls": True},
        "cache": {"host": "c.cache", "port": 6379, "tls": True},
    }
    assert places.endpoints(app, "stage1", outputs) == {}
    assert places.endpoints(app, "stage2", {}) == {}
    assert places.endpoints(app, "stage2", {}, pending=True)["db"]["host"] == places.PENDING


def test_what_changes_its_place() -> None:
    app = inventory_app("resee")
    before = places.places(app, "stage1")
    assert before == {"db": "container", "cache": "container"}
    journal = {"stage": "stage1", "places": before}
    (move,) = places.moves(app, "stage2", journal, {"db": {**HERE, "secret": "arn"}})
    assert (move["name"], move["from"], move["to"]) == ("db", "container", "managed")
    assert (move["source"], move["target"]) == ({"container": "resee-db"}, {**HERE, "secret": "arn"})
    assert [one["name"] for one in places.moves(app, "stage3", {"stage": "stage1"}, {})] == ["db", "cache"]
    assert places.moves(app, "stage1", journal, {}) == []
    assert places.moves(app, "stage3", {}, {}) == []
    back = places.moves(app, "stage1", {"stage": "stage2", "endpoints": {"db": HERE}}, {})
    assert [(one["source"], one["target"]) for one in back] == [(HERE, {"container": "resee-db"})]


def test_hosts_of_ones_own_need_an_account_for_managed_stores_only() -> None:
    resee = inventory_app("resee")
    assert not places.needs_account(resee, "stage1", own_hosts=True)
    assert places.needs_account(resee, "stage1", own_hosts=False)
    assert places.needs_account(resee, "stage2", own_hosts=True)
