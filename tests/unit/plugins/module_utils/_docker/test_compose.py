"""A service is well as soon as its own question says so, whenever Docker would put it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.run import Finished
from ansible_collections.stairway.cloud.plugins.module_utils._docker import compose

from .conftest import Program


@pytest.mark.parametrize(
    ("config", "asked"),
    [
        ({"Healthcheck": {"Test": ["CMD", "pg_isready", "--quiet"]}}, ["pg_isready", "--quiet"]),
        ({"Healthcheck": {"Test": ["CMD-SHELL", "ping | grep PONG"]}}, ["/bin/sh", "-c", "ping | grep PONG"]),
        ({"Healthcheck": {"Test": ["NONE"]}}, None),
        ({"Healthcheck": {"Test": []}}, None),
        ({"Healthcheck": None}, None),
        ({}, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("answer", [0, 1])
def test_the_question_is_put_at_once(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, Any], asked: list[str] | None, answer: int
) -> None:
    calls: list[list[str]] = []

    def run(argv: list[str], *, timeout: float) -> Finished:
        calls.append(argv)
        return Finished(tuple(argv), answer, "", "")

    monkeypatch.setattr(compose, "run", run)
    assert compose._is_well({"Id": "abc", "Config": config}) is (asked is not None and answer == 0)
    assert calls == ([["docker", "exec", "--", "abc", *asked]] if asked else [])


# A store answers the first question and, on a host that is busy, not the next one. What is up are the files in `up`.
BUSY = """case "$1" in
compose) case "$*" in *\\ up\\ *) mkdir up; cp made/* up/ ;; esac ;;
ps) ls up 2>/dev/null || true ;;
container) shift 3; printf '['; for one; do printf '%s' "$comma"; cat "up/$one"; comma=,; done; printf ']' ;;
exec) test ! -e "asked.$3" && touch "asked.$3" ;;
logs) echo "$5 says why" ;;
esac
"""


def made(folder: Path, *services: str, status: str = "running") -> compose.Project:
    (folder / "made").mkdir()
    for name in services:
        told = {
            "Id": name,
            "Name": f"/chat-{name}",
            "State": {
                "Status": status,
                "ExitCode": 0,
                "StartedAt": "2026-11-21T04:00:00Z",
                "Health": {"Status": "starting"},
            },
            "HostConfig": {"RestartPolicy": {"Name": "always"}},
            "Config": {
                "Image": "postgres",
                "Labels": {compose.SERVICE_LABEL: name},
                "Healthcheck": {"Test": ["CMD", "true"]},
            },
        }
        (folder / "made" / name).write_text(json.dumps(told))
    return compose.Project("chat-stores", folder / "compose.yml")


def test_who_was_well_once_is_not_asked_again(docker: Program) -> None:
    folder = docker(BUSY)
    assert compose.converge(made(folder, "cache", "db"), {"cache", "db"})
    assert sorted(one.name for one in folder.glob("asked.*")) == ["asked.cache", "asked.db"]


@pytest.mark.parametrize(
    ("services", "status", "found", "log"),
    [(["db"], "running", "missing", []), (["cache", "db"], "exited", "exited", ["chat-cache says why"])],
)
def test_what_is_not_well_in_time_is_named(
    docker: Program,
    monkeypatch: pytest.MonkeyPatch,
    services: list[str],
    status: str,
    found: str,
    log: list[str],
) -> None:
    monkeypatch.setattr(compose, "HEALTHY_SECONDS", 0.1)
    folder = docker(BUSY)
    with pytest.raises(StairwayError, match="cache is not healthy") as caught:
        compose.converge(made(folder, *services, status=status), {"cache", "db"})
    assert (caught.value.found, caught.value.log) == (found, log)
