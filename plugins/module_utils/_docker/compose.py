"""A compose project on this host, by ``docker compose`` or, on Debian 12's own packages, ``docker-compose``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from .._common import wait
from .._common.errors import StairwayError
from .._common.run import check, run
from . import argv
from .engine import Docker
from .parse import Container

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
UP_SECONDS = 900
HEALTHY_SECONDS = 180


@dataclass(frozen=True)
class Project:
    """A compose project: its ``name`` and its ``file``."""

    name: str
    file: Path

    def command(self, program: list[str], *arguments: str) -> list[str]:
        return [
            *program,
            "--project-name",
            self.name,
            "--file",
            str(self.file),
            *arguments,
        ]


def program() -> list[str]:
    """How Compose is called here.

    :raises StairwayError: when neither of the two is installed.
    """
    if run(["docker", "compose", "version"]).ok:
        return ["docker", "compose"]
    try:
        if run(["docker-compose", "version"]).ok:
            return ["docker-compose"]
    except StairwayError as error:
        raise StairwayError(
            "Docker Compose is not installed on the host.",
            fix="Run stage1.yml; its role docker installs it.",
        ) from error
    raise StairwayError(
        "Docker Compose does not work on the host.",
        fix="See what it says: docker compose version",
    )


def containers(project: Project) -> list[Container]:
    return Docker().containers({PROJECT_LABEL: project.name})


def stands(project: Project, services: set[str]) -> bool:
    """Whether every one of ``services`` runs, and nothing else of the project does."""
    found = containers(project)
    return {one.labels.get(SERVICE_LABEL) for one in found} == services and all(one.running for one in found)


def up(project: Project, services: set[str]) -> None:
    """Create and start the project, and wait until each of its services is healthy.

    :raises StairwayError: when Compose fails or a service is not healthy in time; with its last lines.
    """
    command = project.command(program(), "up", "--detach", "--remove-orphans")
    check(command, what=f"Starting the stores of {project.name}", timeout=UP_SECONDS)
    wait.until(lambda: _all_healthy(project) or None, seconds=HEALTHY_SECONDS, every=0.5)
    for service in sorted(services):
        _raise_if_ill(project, service)


def _all_healthy(project: Project) -> bool:
    return all(state in ("healthy", "running") for state in _states(project).values())


def _states(project: Project) -> dict[str, str]:
    """For each service ``healthy``, ``starting``, ``unhealthy``, or its status where it has no health check."""
    ids = [one.id for one in containers(project)]
    if not ids:
        return {}
    found = {}
    for item in json.loads(run(argv.inspect_containers(ids)).stdout or "[]"):
        state = item["State"]
        word = state["Health"]["Status"] if state["Status"] == "running" and "Health" in state else state["Status"]
        found[item["Config"]["Labels"][SERVICE_LABEL]] = word
    return found


def _raise_if_ill(project: Project, service: str) -> None:
    state = _states(project).get(service, "missing")
    if state in ("healthy", "running"):
        return
    name = next(
        (one.name for one in containers(project) if one.labels.get(SERVICE_LABEL) == service),
        None,
    )
    raise StairwayError(
        f"The store {service} is not healthy.",
        where=f"project {project.name}, {project.file}",
        expected="healthy",
        found=state,
        fix=f"Read its log on the host: docker logs {name or service}",
        log=Docker().last_lines(name) if name else [],
    )
