from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._docker.parse import Container
from ansible_collections.stairway.cloud.plugins.module_utils._edge.switch import EdgeState
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import cutover as turns
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import rollout as module
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.layout import Layout
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.model import document
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.rollout import Host, Rollout

DOCKER = """#!/bin/sh
cd "$(dirname "$0")/containers"
case "$1" in
ps) if test -e ../silent.at.last && test -e ../etc/stairway/chat.json; then exit 1; fi; ls ;;
container) shift 3; printf '['; for one; do printf '%s' "$comma"; cat "$one"; comma=,; done; printf ']' ;;
image) printf '[{"RepoDigests": ["r/b@sha256:1"]}]' ;;
run) echo "$*" >> ../runs
  for one; do case "$one" in stairway.colour=*) colour=${one#*=} ;; stairway.release=*) number=${one#*=} ;; esac; done
  while test "$1" != --name; do shift; done
  sed "s/NAME/$2/g; s/COLOUR/$colour/; s/NUMBER/$number/" ../new > "$2" ;;
rm) shift 4; rm -f -- "$@" ;;
start) shift 2; test ! -e ../broken && sed -i 's/"exited"/"running"/' "$@" ;;
esac
"""


@dataclass(frozen=True)
class Containers:
    """Containers are files, and ``docker`` is a small program over them.

    It can become ``silent.at.last``: it answers no more when a release was good; ``broken``: nothing starts again.
    """

    folder: Path

    def put(self, name: str, status: str, release: int) -> None:
        (self.folder / "containers" / name).write_text(self.inspected(name, status, release))

    def become(self, state: str) -> None:
        (self.folder / state).touch()

    def environment(self, name: str) -> str:
        """What the container ``name`` was started with last."""
        runs = [line.split() for line in (self.folder / "runs").read_text().splitlines()]
        (words,) = [words for words in runs if words[words.index("--name") + 1] == name][-1:]
        return Path(words[words.index("--env-file") + 1]).read_text()

    def inspected(self, name: str, status: str, release: int | str, **labels: str) -> str:
        told_of = {"stairway.app": "chat", "stairway.release": str(release)}
        told = {
            "Id": name,
            "Name": f"/{name}",
            "State": {"Status": status, "ExitCode": 0, "StartedAt": "2026-11-21T04:00:00Z"},
            "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}},
            "Config": {"Image": "r", "Labels": {**told_of, **labels}},
        }
        return json.dumps(told)


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Containers:
    (tmp_path / "containers").mkdir()
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = Containers(tmp_path)
    (tmp_path / "new").write_text(found.inspected("NAME", "running", "NUMBER", **{"stairway.colour": "COLOUR"}))
    return found


# --- a rollout, with Docker and the edge written down ----------------------------------------------------------------

SERVICES: list[dict[str, Any]] = [
    {
        "name": "api",
        "kind": "routed",
        "image": "r/api",
        "port": 3000,
        "ports": {"blue": [20000], "green": [20004]},
        "health": {"path": "/h"},
    },
    {
        "name": "worker",
        "kind": "worker",
        "image": "r/api",
        "port": None,
        "ports": {"blue": [], "green": []},
        "health": None,
    },
    {"name": "beat", "kind": "singleton", "image": "r/api"},
]
TASKS = [{"name": "migrate", "service": "api", "command": ["migrate"], "timeout_seconds": 5}]


class Diary:
    """Stands for Docker: keeps containers in a dict and writes down what was asked, in order."""

    def __init__(self):
        self.lines = []
        self.running = {}
        self.fail_at = self.fail_too = None

    def _write(self, line):
        self.lines.append(line)
        if line in (self.fail_at, self.fail_too):
            raise StairwayError(f"{line} failed.")

    def containers(self, _labels):
        return list(self.running.values())

    def start(self, run):
        self._write(f"start {run.name}")
        self.running[run.name] = Container(run.name, run.name, run.image, "running", 0, False, 0, "", "no", run.labels)

    def run_once(self, run, *, seconds):
        self._write(f"task {run.command[0]} within {seconds:g}")

    def stop(self, names, *, seconds):
        for name in names:
            self._write(f"stop {name}")

    def start_again(self, names):
        for name in names:
            self._write(f"start again {name}")

    def remove(self, names):
        for name in names:
            self._write(f"remove {name}")
            self.running.pop(name, None)

    def keep_running(self, names):
        self._write(f"keep {' '.join(names)}")

    def ensure_network(self, name, _labels):
        return False

    def last_lines(self, _name, lines=15):
        return ["last words"]


class Edge(EdgeState):
    diary: Diary

    def switch(self, colour):
        changed = super().switch(colour)
        if changed:
            self.diary._write(f"switch to {colour}")
        return changed


@pytest.fixture
def diary(monkeypatch):
    found = Diary()
    monkeypatch.setattr(
        module, "drained", lambda ports, *, seconds: found.lines.append(f"drain {sorted(ports)} {seconds:g}")
    )
    monkeypatch.setattr(
        module.Vigil,
        "until_healthy",
        lambda _self, group: found._write("healthy " + " ".join(one.name for one in group)),
    )
    monkeypatch.setattr(module.Vigil, "stay", lambda _self, seconds, _also: found._write(f"watch {seconds:g}"))
    return found


@pytest.fixture
def host(tmp_path, diary):
    edge = Edge(tmp_path / "edge", tmp_path / "run")
    object.__setattr__(edge, "diary", diary)
    edge.prepare()
    return Host(diary, edge, Layout("chat", tmp_path))


DATA = {"app": "chat", "services": SERVICES, "tasks": TASKS, "watch_seconds": 3, "drain_seconds": 4}


def make(host, number, data=None, **more):
    images = {name: f"r/api@sha256:{number}" for name in ("api", "worker", "beat")}
    return Rollout(host, document(data or DATA), version=str(number), number=number, images=images, mark="m", **more)


@pytest.fixture
def second(host, diary):
    """A host on which release 1 serves in green; the diary is empty again."""
    first = make(host, 1)
    first.run()
    first.retire_old()
    diary.lines.clear()
    return make(host, 2)


@pytest.fixture
def cutover(host, diary, monkeypatch):
    """What a move does in the middle, and what holds users, written down."""
    held = []

    def hold(app, seconds, ports):
        diary._write(f"hold {seconds:g}")
        held.append(app)

    def release(app):
        if held:
            held.clear()
            diary._write("release")

    monkeypatch.setattr(turns, "hold", hold)
    monkeypatch.setattr(turns, "release_hold", release)
    monkeypatch.setattr(turns, "drained", lambda ports, *, seconds: diary._write(f"under way {sorted(ports)}"))

    def over(turn):
        turn.hold(15, 0)
        try:
            diary._write("move")
            turn.flip()
        finally:
            turn.release()

    return over
