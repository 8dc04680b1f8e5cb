"""What a run makes of what one has left that was cut off before it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._docker.engine import Docker
from ansible_collections.stairway.cloud.plugins.module_utils._edge.switch import EdgeState
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import record
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.layout import Layout
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.record import Records, Release
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.recovery import Standing
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.rollout import Host

from .conftest import Containers


class Well(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """Where the blue api answers; nobody answers for the green one."""
    server = HTTPServer(("127.0.0.1", 0), Well)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def standing(tmp_path: Path, port: int, docker: Containers) -> Standing:
    """Release 1 was confirmed in blue."""
    api = {"name": "api", "kind": "routed", "image": "r/api", "port": 3000, "health": {"path": "/h"}}
    services = [{**api, "ports": {"blue": [port], "green": [1]}}, {"name": "beat", "kind": "singleton", "image": "r/b"}]
    images = {"api": "r/api@sha256:1", "beat": "r/b@sha256:1"}
    document = {"app": "chat", "services": services}
    first = Release(1, "1", record.GOOD, "2026-11-21T04:00:00Z", "me", images, "m", document=document)
    layout = Layout("chat", tmp_path)
    records = Records(layout)
    records.save(first)
    records.stand(first, colour="blue")
    return Standing(Host(Docker(), EdgeState(layout.edge, layout.lock.parent), layout), records)


def statuses(standing: Standing) -> dict[str, str]:
    return {one.name: one.status for one in standing.host.containers()}


@pytest.mark.parametrize(("keeper", "mode"), [("move", "serving"), ("", "maintenance")])
def test_maintenance_of_a_run_that_was_killed_ends_and_a_persons_does_not(
    standing: Standing, keeper: str, mode: str
) -> None:
    standing.host.edge.maintain(keeper)
    standing.recover()
    assert standing.host.edge.mode() == mode


@pytest.mark.parametrize("switched", [False, True])
def test_what_a_killed_run_had_stopped_is_started_again_and_never_beside_the_new_one(
    standing: Standing, docker: Containers, switched: bool
) -> None:
    """Docker leaves alone what somebody has stopped, ``unless-stopped`` or not."""
    docker.put("chat-api-blue-1", "running", 1)
    docker.put("chat-beat-blue-1", "exited", 1)
    docker.put("chat-api-green-1", "exited", 2)
    docker.put("chat-beat-green-1", "running", 2)
    if switched:
        standing.host.edge.switch("green")
    standing.recover()
    assert standing.host.edge.colour() == "blue"
    assert statuses(standing) == {"chat-api-blue-1": "running", "chat-beat-blue-1": "running"}


def test_what_does_not_start_again_hinders_no_release(standing: Standing, docker: Containers) -> None:
    docker.put("chat-beat-blue-1", "exited", 1)
    docker.become("broken")
    standing.recover()
    assert statuses(standing) == {"chat-beat-blue-1": "exited"}
