"""The environment of services: stores' URLs, references, and who wins."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._stages.environment import (
    environment,
    store_forms,
    store_passwords,
    url,
)

NASTY = "q'\"$\\üñ@:/?# %&{{x}}`!"


def test_a_service_gets_the_apps_the_stores_and_its_own_variables(app: App) -> None:
    worker = environment(app)["worker"]
    assert worker["MODE"] == "production"
    assert worker["COUNT"] == "3"
    assert worker["DB_HOST"] == "db"
    assert worker["DB_PASSWORD"] == NASTY
    assert worker["JDBC"] == "jdbc:postgresql://db:5432/resee"
    assert "BROKER" not in worker


def test_a_services_own_variable_wins(app: App) -> None:
    assert environment(app)["api"]["MODE"] == "api"


def test_a_reference_is_replaced_and_a_doubled_dollar_is_not(app: App) -> None:
    api = environment(app)["api"]
    assert api["BROKER"] == url("redis", "cache", 6379, None, NASTY) + "/1"
    assert api["PRICE"] == "$5 ${db.url}"


@pytest.mark.parametrize("variable", ["DATABASE_URL", "REDIS_URL"])
def test_any_password_survives_in_a_url(app: App, variable: str) -> None:
    parts = urlsplit(environment(app)["api"][variable])
    assert unquote(parts.password or "") == NASTY
    assert parts.hostname in ("db", "cache")
    assert parts.port in (5432, 6379)


@pytest.mark.parametrize(
    ("engine", "version", "expected"),
    [
        ("mongodb", "7", "mongodb://app:p%40s@db:27017/data"),
        ("postgresql", "16", "postgresql://app:p%40s@db:5432/data"),
        ("mysql", "8.4", "mysql://app:p%40s@db:3306/data"),
        ("mariadb", "11.4", "mysql://app:p%40s@db:3306/data"),
    ],
)
def test_url_of_an_engine(data: dict[str, Any], engine: str, version: str, expected: str) -> None:
    data["stores"]["db"] = {"engine": engine, "version": version, "database": "data", "user": "app", "password": "p@s"}
    assert store_forms(parse(data).stores[0])["url"] == expected


def test_redis_has_a_url_without_a_user(app: App) -> None:
    forms = store_forms(app.stores[1])
    assert forms["url"].startswith("redis://:q%27")
    assert forms["url"].endswith("@cache:6379/0")
    assert forms["user"] == "default"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgresql://u:p%40@db.example.net/data?sslmode=require", ("db.example.net", "5432", "u", "p@", "data")),
        ("postgres://u:p@db.example.net:6543/data", ("db.example.net", "6543", "u", "p", "data")),
    ],
)
def test_an_external_store_tells_what_its_url_says(
    data: dict[str, Any], address: str, expected: tuple[str, ...]
) -> None:
    data["stores"]["db"] = {"engine": "postgresql", "url": address, "env": {"DATABASE_URL": "url"}}
    app = parse(data)
    forms = store_forms(app.stores[0])
    assert tuple(forms[form] for form in ("host", "port", "user", "password", "database")) == expected
    assert environment(app)["api"]["DATABASE_URL"] == address
    assert store_passwords(app) == {"cache": NASTY}


def test_a_url_of_atlas_has_no_port(data: dict[str, Any]) -> None:
    data["stores"]["db"] = {"engine": "mongodb", "url": "mongodb+srv://u:p@cluster.example.net/chat?w=majority"}
    assert store_forms(parse(data).stores[0])["port"] == "27017"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("http", "host"), "http://host"),
        (("http", "host", 80), "http://host:80"),
        (("redis", "c", 6379, None, "p:w", "0"), "redis://:p%3Aw@c:6379/0"),
        (("amqp", "q", None, "u", "p", "/"), "amqp://u:p@q/%2F"),
        (("x", "h", None, "u"), "x://u@h"),
    ],
)
def test_url(arguments: tuple[Any, ...], expected: str) -> None:
    assert url(*arguments) == expected
