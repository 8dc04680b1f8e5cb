"""What a run finds that was cut off before it; containers are files, and ``docker`` is a small program over them."""

from __future__ import annotations

import json
import os
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

DOCKER = """#!/bin/sh
cd "$(dirname "$0")/containers"
case "$1" in
ps) ls ;;
container) shift 3; printf '['; for one; do printf '%s' "$comma"; cat "$one"; comma=,; done; printf ']' ;;
rm) shift 4; rm -f -- "$@" ;;
start) shift 2; test ! -e ../broken && sed -i 's/"exited"/"running"/' "$@" ;;
esac
"""


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
def standing(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Standing:
    """Release 1 was confirmed in blue."""
    (tmp_path / "containers").mkdir()
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
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


def put(path: Path, name: str, status: str, release: int) -> None:
    labels = {"stairway.app": "chat", "stairway.release": str(release)}
    inspected = {
        "Id": name,
        "Name": f"/{name}",
        "State": {"Status": status, "ExitCode": 0, "StartedAt": "2026-11-21T04:00:00Z"},
        "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}},
        "Config": {"Image": "r", "Labels": labels},
    }
    (path / "containers" / name).write_text(json.dumps(inspected))


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
    standing: Standing, tmp_path: Path, switched: bool
) -> None:
    """Docker leaves alone what somebody has stopped, ``unless-stopped`` or not."""
    put(tmp_path, "chat-api-blue-1", "running", 1)
    put(tmp_path, "chat-beat-blue-1", "exited", 1)
    put(tmp_path, "chat-api-green-1", "exited", 2)
    put(tmp_path, "chat-beat-green-1", "running", 2)
    if switched:
        standing.host.edge.switch("green")
    standing.recover()
    assert standing.host.edge.colour() == "blue"
    assert statuses(standing) == {"chat-api-blue-1": "running", "chat-beat-blue-1": "running"}


def test_what_does_not_start_again_hinders_no_release(standing: Standing, tmp_path: Path) -> None:
    put(tmp_path, "chat-beat-blue-1", "exited", 1)
    (tmp_path / "broken").touch()
    standing.recover()
    assert statuses(standing) == {"chat-beat-blue-1": "exited"}
