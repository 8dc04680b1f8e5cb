"""The facts of a host."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._stages.host import host_facts, ports

NASTY = "q'\"$\\üñ@:/?# %&{{x}}`!"


def test_no_secret_is_in_the_facts(app: App) -> None:
    text = json.dumps(host_facts(app, "stage1"), ensure_ascii=False)
    assert NASTY not in text
    assert json.dumps(NASTY, ensure_ascii=False)[1:-1] not in text
    assert "hooks.example.com" not in text
    assert "env" not in host_facts(app, "stage1")["release"]["services"][0]


def test_no_secret_is_in_the_repr(app: App) -> None:
    assert "üñ" not in repr(app.stores)
    assert "hooks" not in repr(app.alerts)


def test_the_longest_path_is_the_first_route(app: App) -> None:
    routes = host_facts(app, "stage1")["edge"]["site"]["routes"]
    assert [(route["path"], route["service"]) for route in routes] == [("/admin", "api"), ("/api", "api"), ("/", "web")]


def test_a_route_names_both_colours_of_each_replica(app: App) -> None:
    facts = host_facts(app, "stage1")
    route = facts["edge"]["site"]["routes"][0]
    blue, green = ports("resee", "api", "blue", 1), ports("resee", "api", "green", 1)
    assert route["blue"] == [f"127.0.0.1:{blue}", f"127.0.0.1:{blue + 1}"]
    assert route["green"] == [f"127.0.0.1:{green}", f"127.0.0.1:{green + 1}"]
    assert facts["release"]["services"][0]["ports"] == {"blue": [blue, blue + 1], "green": [green, green + 1]}
    assert route["hold"] == "/run/stairway/resee/api.sock"


@pytest.mark.parametrize(
    ("colour", "replica", "expected"),
    [("blue", 1, 20480), ("blue", 4, 20483), ("green", 1, 20484), ("green", 4, 20487)],
)
def test_ports_of_a_slot(colour: str, replica: int, expected: int) -> None:
    assert ports("chat", "api", colour, replica, slot=60) == expected


def test_ports_stay_in_their_range() -> None:
    found = {
        ports("app", f"service-{number}", colour, replica)
        for number in range(300)
        for colour in ("blue", "green")
        for replica in (1, 4)
    }
    assert min(found) >= 20_000
    assert max(found) < 30_000


def test_kinds_of_services(app: App) -> None:
    services = host_facts(app, "stage1")["release"]["services"]
    assert [service["kind"] for service in services] == ["routed", "routed", "worker", "singleton"]
    assert services[2]["health"] is None
    assert services[2]["ports"] == {"blue": [], "green": []}


def test_a_routed_service_has_health_by_default(app: App) -> None:
    web = host_facts(app, "stage1")["release"]["services"][1]
    assert web["health"] == {"path": "/health", "interval_seconds": 0.5, "timeout_seconds": 2, "start_seconds": 60}


def test_stores_have_images_and_no_passwords(app: App) -> None:
    stores = host_facts(app, "stage1")["stores"]
    assert [store["image"] for store in stores] == ["postgres:16", "redis:7-alpine"]
    assert all("password" not in store for store in stores)


def test_static_files_come_from_the_volume(app: App) -> None:
    assert host_facts(app, "stage1")["edge"]["site"]["static"] == [
        {"path": "/static/", "root": "/var/lib/stairway/resee/volumes/static", "cache_seconds": 86400}
    ]


def test_proof_and_rate_limit(app: App) -> None:
    facts = host_facts(app, "stage1")
    assert facts["release"]["proof"] == {"path": "/api/health", "per_second": 10, "max_failed": 0, "max_p99_ms": 1000}
    assert facts["edge"]["site"]["rate_limit"] == {"requests": 100, "per_seconds": 60, "burst": 50}


def test_stage_0_speaks_plain_http(app: App) -> None:
    facts = host_facts(app, "local")
    assert facts["edge"]["site"]["tls"] is False
    assert facts["release"]["tls"] is False


def test_an_unknown_stage_is_refused(app: App) -> None:
    with pytest.raises(StairwayError, match="no such stage"):
        host_facts(app, "stage9")


def test_a_managed_store_is_refused_until_it_has_a_url(data: dict[str, Any]) -> None:
    with pytest.raises(StairwayError, match="not in a container") as caught:
        host_facts(parse(data), "stage2")
    assert caught.value.where == "app.stores.db"
    data["stores"]["db"] = {"engine": "postgresql", "url": "postgresql://u:p@db.example.net/data"}
    assert [store["name"] for store in host_facts(parse(data), "stage2")["stores"]] == ["cache"]


def test_an_app_may_choose_an_aspect_otherwise(data: dict[str, Any]) -> None:
    data["stage"] = {"database": "container"}
    assert len(host_facts(parse(data), "stage2")["stores"]) == 2
