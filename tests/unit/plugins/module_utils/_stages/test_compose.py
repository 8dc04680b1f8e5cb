"""Compose documents of the stores on a host, and of a whole app on this machine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._stages.compose import (
    local_compose,
    local_ports,
    stores_compose,
)
from ansible_collections.stairway.cloud.plugins.module_utils._stages.host import host_facts

NASTY = "q'\"$\\üñ@:/?# %&{{x}}`!"


@pytest.fixture
def stores(app: App) -> dict[str, Any]:
    return stores_compose("resee", host_facts(app, "stage1")["stores"])


def test_stores_publish_nothing_and_join_the_apps_network(stores: dict[str, Any]) -> None:
    assert stores["networks"] == {"app": {"external": True, "name": "resee"}}
    for name, service in stores["services"].items():
        assert "ports" not in service
        assert service["networks"] == {"app": {"aliases": [name]}}


def test_stores_have_volumes_health_limits_and_come_back(stores: dict[str, Any]) -> None:
    # a restore names another volume in the file .env beside this one
    assert stores["volumes"] == {
        "db": {"name": "${STAIRWAY_VOLUME_DB:-resee-db}"},
        "cache": {"name": "${STAIRWAY_VOLUME_CACHE:-resee-cache}"},
    }
    for name, service in stores["services"].items():
        assert service["volumes"][0].startswith(f"{name}:/")
        assert service["healthcheck"]["test"]
        assert service["mem_limit"] == "512m"
        assert service["restart"] == "unless-stopped"


def test_no_password_is_in_the_stores_document(stores: dict[str, Any]) -> None:
    assert "üñ" not in json.dumps(stores, ensure_ascii=False)


@pytest.mark.parametrize("key", ["version", "name"])
def test_neither_compose_is_told_a_format(stores: dict[str, Any], app: App, key: str) -> None:
    assert key not in stores
    assert key not in local_compose(app)


def test_dollars_are_doubled_where_compose_would_replace_them(stores: dict[str, Any], app: App) -> None:
    assert "$$(cat" in " ".join(stores["services"]["cache"]["healthcheck"]["test"])
    services = local_compose(app)["services"]
    assert services["worker"]["command"] == ["run", "$$HOME"]
    assert services["worker"]["environment"]["JWT_SECRET"] == NASTY.replace("$", "$$")


def test_local_services_listen_on_this_machine_only(app: App) -> None:
    services = local_compose(app, "2")["services"]
    assert services["api"]["ports"] == ["127.0.0.1:8000:8000"]
    assert services["web"]["ports"] == ["127.0.0.1:8080:80"]
    assert "ports" not in services["worker"]
    assert services["web"]["image"] == "ghcr.io/acme/web:2"


def test_local_services_wait_for_their_stores(app: App) -> None:
    assert local_compose(app)["services"]["api"]["depends_on"] == {
        "db": {"condition": "service_healthy"},
        "cache": {"condition": "service_healthy"},
    }


def test_a_task_is_a_service_of_its_own_profile(app: App) -> None:
    task = local_compose(app)["services"]["task-migrate"]
    assert task["profiles"] == ["tasks"]
    assert task["command"] == ["migrate"]
    assert task["volumes"] == ["static:/app/static"]


def test_local_ports_step_aside(data: dict[str, Any]) -> None:
    data["services"]["web"]["port"] = 8000
    assert local_ports(parse(data)) == {"api": 8000, "web": 8001}


def test_an_app_without_stores(data: dict[str, Any]) -> None:
    data["stores"] = {}
    data["services"]["api"]["env"] = {}
    document = local_compose(parse(data))
    assert "depends_on" not in document["services"]["api"]
    assert document["volumes"] == {"static": {}}
