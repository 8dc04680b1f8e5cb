from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

DOCKER = """#!/bin/sh
cd "$(dirname "$0")/containers"
case "$1" in
ps) if test -e ../silent.at.last && test -e ../etc/stairway/chat.json; then exit 1; fi; ls ;;
container) shift 3; printf '['; for one; do printf '%s' "$comma"; cat "$one"; comma=,; done; printf ']' ;;
image) printf '[{"RepoDigests": ["r/b@sha256:1"]}]' ;;
run) while test "$1" != --name; do shift; done; sed "s/NAME/$2/g" ../new > "$2" ;;
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

    def inspected(self, name: str, status: str, release: int) -> str:
        told = {
            "Id": name,
            "Name": f"/{name}",
            "State": {"Status": status, "ExitCode": 0, "StartedAt": "2026-11-21T04:00:00Z"},
            "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}},
            "Config": {"Image": "r", "Labels": {"stairway.app": "chat", "stairway.release": str(release)}},
        }
        return json.dumps(told)


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Containers:
    (tmp_path / "containers").mkdir()
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = Containers(tmp_path)
    (tmp_path / "new").write_text(found.inspected("NAME", "running", 1))
    return found
