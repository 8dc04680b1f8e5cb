"""A compose project on this host, by ``docker compose`` or, on Debian 12's own packages, ``docker-compose``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
ASKING_SECONDS = 5
WELL = ("healthy", "running")


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


def converge(
    project: Project,
    services: set[str],
    *,
    changed_paths: Sequence[str] = (),
    tasks: Sequence[str] = (),
    build: bool = False,
) -> bool:
    """Make exactly ``services`` of the project run and be healthy; whether any container was made or started again.

    ``changed_paths`` are files that have changed since: Compose sees a new compose file by itself, but not a new file
    behind a mount, so a service is started again when something in a folder of its name changed. ``tasks`` are
    services that run once before the others start. ``build`` builds first what has a build context.

    :raises StairwayError: when Compose fails or a service is not healthy in time; with its last lines.
    """
    found = containers(project)
    if not changed_paths and not build and _stand(found, services):
        return False
    before = _marks(found)
    command = program()
    if build:
        check(project.command(command, "build"), what=f"Building {project.name}", timeout=UP_SECONDS)
    for task in tasks:
        arguments = ("--profile", "tasks", "run", "--rm", task)
        check(project.command(command, *arguments), what=f"The release task {task}", timeout=UP_SECONDS)
    up = ("up", "--detach", "--remove-orphans", *sorted(services))
    check(project.command(command, *up), what=f"Starting {project.name}", timeout=UP_SECONDS)
    stale = sorted(
        name
        for name, mark in _marks(containers(project)).items()
        if before.get(name) == mark and _touched(project, name, changed_paths)
    )
    if stale:
        check(project.command(command, "restart", *stale), what=f"Restarting {', '.join(stale)}", timeout=UP_SECONDS)
    _until_healthy(project, services)
    return _marks(containers(project)) != before


def stands(project: Project, services: set[str]) -> bool:
    """Whether exactly ``services`` of the project run."""
    return _stand(containers(project), services)


def _stand(found: Sequence[Container], services: set[str]) -> bool:
    return _marks(found).keys() == services and all(one.running for one in found)


def _marks(found: Sequence[Container]) -> dict[str, str]:
    """For each service a text that changes when its container is made or started anew."""
    return {one.labels[SERVICE_LABEL]: f"{one.id} {one.started_at}" for one in found}


def _touched(project: Project, service: str, changed_paths: Sequence[str]) -> bool:
    folder = f"{project.file.parent}/{service}/"
    return any(path.startswith(folder) for path in changed_paths)


def _until_healthy(project: Project, services: set[str]) -> None:
    """
    :raises StairwayError: with what was ill at the last look; nobody is asked anew for it.
    """
    ill: dict[str, str] = {}

    def look() -> bool | None:
        states = _states(project)
        ill.clear()
        ill.update((name, states.get(name, "missing")) for name in sorted(services) if states.get(name) not in WELL)
        return None if ill else True

    if wait.until(look, seconds=HEALTHY_SECONDS, every=0.5) is None:
        service, state = next(iter(ill.items()))
        raise _ill(project, service, state)


def _states(project: Project) -> dict[str, str]:
    """For each service ``healthy``, ``starting``, ``unhealthy``, or its status where it has no health check."""
    ids = [one.id for one in containers(project)]
    found = {}
    for item in Docker().inspect(ids):
        state = item["State"]
        word = state["Health"]["Status"] if state["Status"] == "running" and "Health" in state else state["Status"]
        found[item["Config"]["Labels"][SERVICE_LABEL]] = "healthy" if word == "starting" and _is_well(item) else word
    return found


def _is_well(container: Mapping[str, Any]) -> bool:
    """Docker puts the question for the first time when a whole interval is over, which users may wait for. The same
    question, put now, has the same answer.
    """
    kind, *words = (container["Config"].get("Healthcheck") or {}).get("Test") or ["NONE"]
    command = {"CMD": words, "CMD-SHELL": ["/bin/sh", "-c", *words]}.get(kind)
    return command is not None and run(argv.execute(container["Id"], command), timeout=ASKING_SECONDS).ok


def _ill(project: Project, service: str, state: str) -> StairwayError:
    name = next(
        (one.name for one in containers(project) if one.labels.get(SERVICE_LABEL) == service),
        None,
    )
    return StairwayError(
        f"{service} is not healthy.",
        where=f"project {project.name}, {project.file}",
        expected="healthy",
        found=state,
        fix=f"Read its log on the host: docker logs {name or service}",
        log=Docker().last_lines(name) if name else [],
    )
