"""What runs on a machine of a fleet, what may be shown of it, and what is in the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._docker import argv
from ansible_collections.stairway.cloud.plugins.module_utils._docker.parse import Container
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.agent import containers
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.model import Release, Secret
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.model import Health, Service, Task

API = Service("api", "routed", "r/api", Health("/health"), port=8000, replicas=3, memory="512m", stop_seconds=30)
WORKER = Service(
    "worker", "worker", "r/api", Health(None), command=("work", "-v"), replicas=2, volumes=(("files", "/f"),)
)
RELEASE = Release(
    app="shop",
    release="r1",
    version="7",
    at="now",
    by="me",
    images={"api": "r/api@sha256:1", "worker": "r/api@sha256:1"},
    services=(API, WORKER),
    env=Secret("shop/fleet/env", "v1"),
    tasks=(Task("migrate", "api", ("migrate",)),),
    ports={"api": 8080},
)


def _line(number: int) -> str:
    return " ".join(argv.run(containers.candidates(RELEASE, ("/etc/stairway/ca",), alone=True)[number].run))


def test_a_routed_service_runs_once_where_the_balancer_sends_to() -> None:
    found = containers.candidates(RELEASE, (), alone=True)
    assert [(one.name, one.port) for one in found] == [
        ("shop-api-1", 8080),
        ("shop-worker-1", None),
        ("shop-worker-2", None),
    ]
    assert "--publish 0.0.0.0:8080:8000" in _line(0)
    assert "--env-file /run/stairway/shop/env/api" in _line(0)
    assert "--stop-timeout 30" in _line(0)
    assert _line(0).endswith("-- r/api@sha256:1")


def test_a_worker_has_no_door() -> None:
    assert "--publish" not in _line(1)
    assert "source=shop-files,target=/f" in _line(1)
    assert "source=/etc/stairway/ca,target=/etc/stairway/ca,readonly" in _line(1)
    assert _line(1).endswith("-- r/api@sha256:1 work -v")


def test_a_singleton_runs_on_one_machine() -> None:
    beat = replace(WORKER, name="beat", kind="singleton", replicas=1, alone=True)
    release = replace(RELEASE, services=(API, beat), images={"api": "i", "beat": "i"})
    names = {
        alone: [one.service.name for one in containers.candidates(release, (), alone=alone)] for alone in (True, False)
    }
    assert names == {True: ["api", "beat"], False: ["api"]}


def test_a_task_has_its_services_image_and_environment() -> None:
    line = " ".join(argv.run(containers.task_run(RELEASE, RELEASE.tasks[0], ()), detach=False))
    assert line.startswith("docker run --rm --name shop-task-migrate")
    assert "--env-file /run/stairway/shop/env/api" in line
    assert line.endswith("-- r/api@sha256:1 migrate")


def _standing(name: str, release: str, status: str = "running") -> Container:
    return Container(name, name, "i", status, 0, False, 0, "", "no", {"stairway.release": release})


def test_what_is_of_another_release_or_has_ended_goes() -> None:
    found = [
        _standing("shop-api-1", "r1"),
        _standing("shop-worker-1", "r0"),
        _standing("shop-worker-2", "r1", "exited"),
        _standing("shop-gone-1", "r1"),
    ]
    stale = containers.stale(found, containers.candidates(RELEASE, (), alone=True))
    assert [one.name for one in stale] == ["shop-worker-1", "shop-worker-2", "shop-gone-1"]


def test_an_environment_file() -> None:
    assert containers.env_text("api", {"B": "two words", "A": "1=2"}) == "A=1=2\nB=two words\n"
    with pytest.raises(StairwayError, match=r"(?s)api has several lines.*where: KEY"):
        containers.env_text("api", {"KEY": "a\nb", "OTHER": "secret"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no route to postgresql://u:p%40ss%20word@db/x", "no route to postgresql://u:***@db/x"),
        ("password authentication failed: p@ss word", "password authentication failed: ***"),
        ("token abcdef123 is bad", "token *** is bad"),
        ("mode production", "mode production"),
    ],
)
def test_nothing_secret_is_shown(text: str, shown: str) -> None:
    environment = {
        "api": {
            "DATABASE_URL": "postgresql://u:p%40ss%20word@db/x",
            "API_TOKEN": "abcdef123",
            "MODE": "production",
            "EMPTY_KEY": "",
        }
    }
    assert containers.hidden(text, environment) == shown
