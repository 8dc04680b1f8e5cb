"""The containers of a release on a machine of a fleet. Pure.

A machine of a fleet has no edge of its own, and no second colour: the load balancer speaks to the services, and sends
nothing to a machine that is being changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

from ..._common.errors import StairwayError
from ..._docker.argv import Mount, Run
from ..._docker.parse import Container
from ..._rollout.layout import LABEL, Candidate, volume_name
from ..._rollout.model import Service, Task
from ..model import Release

_SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY|DSN|AUTH", re.IGNORECASE)
HIDDEN = "***"
SHORTEST = 6


def envs(app: str) -> Path:
    """In memory: nothing secret of ours is on a machine's disk."""
    return Path("/run/stairway") / app / "env"


def env_text(service: str, values: Mapping[str, str]) -> str:
    """As ``docker run --env-file`` reads it: no quoting, one variable on a line.

    :raises StairwayError: when a value has several lines.
    """
    several = sorted(name for name, value in values.items() if "\n" in value or "\r" in value)
    if several:
        raise StairwayError(
            f"A variable of {service} has several lines, which no environment file can hold.",
            where=", ".join(several),
            fix="write it in one line: base64, or \\n for each line break where the program reads that",
        )
    return "".join(f"{name}={value}\n" for name, value in sorted(values.items()))


def candidates(release: Release, folders: tuple[str, ...], *, alone: bool) -> list[Candidate]:
    """What has to run here. A routed service runs once: the balancer knows one port of a machine. A singleton without
    a port runs on the machine that is ``alone``: two machines would run it twice.
    """
    found = []
    for service in release.services:
        if service.alone and not service.port and not alone:
            continue
        for replica in range(1, 1 + (1 if service.port else service.replicas)):
            port = release.ports.get(service.name) if service.port else None
            run = _run(release, service, f"{release.app}-{service.name}-{replica}", service.command, folders)
            if port and service.port:
                run = Run(**{**run.__dict__, "publish": ((port, service.port),), "address": "0.0.0.0"})  # noqa: S104
            found.append(Candidate(service, run, port))
    return found


def task_run(release: Release, task: Task, folders: tuple[str, ...]) -> Run:
    """The throw-away container of a release task."""
    service = next(one for one in release.services if one.name == task.service)
    return _run(release, service, f"{release.app}-task-{task.name}", task.command, folders)


def _run(release: Release, service: Service, name: str, command: tuple[str, ...], folders: tuple[str, ...]) -> Run:
    return Run(
        name=name,
        image=release.images[service.name],
        network=release.app,
        command=command,
        labels={
            f"{LABEL}.app": release.app,
            f"{LABEL}.service": service.name,
            f"{LABEL}.release": release.release,
            f"{LABEL}.version": release.version,
        },
        env_file=str(envs(release.app) / service.name),
        mounts=tuple(Mount(volume_name(release.app, volume), path) for volume, path in service.volumes),
        folders=folders,
        memory=service.memory,
        stop_seconds=service.stop_seconds,
        user=service.user,
    )


def stale(found: Iterable[Container], wanted: Iterable[Candidate]) -> list[Container]:
    """Those of ours that are of another release, or do not run."""
    labels = {one.name: one.run.labels[f"{LABEL}.release"] for one in wanted}
    return [one for one in found if not one.running or labels.get(one.name) != one.labels.get(f"{LABEL}.release")]


def hidden(text: str, environment: Mapping[str, Mapping[str, str]]) -> str:
    """``text`` without the passwords and keys of the environment: a status is read by many."""
    values = {pair for one in environment.values() for pair in one.items()}
    found = {value for name, value in values if _SECRET.search(name)}
    for _name, value in values:
        # user:password@ of a URL, as it stands there and as it was
        password = value.partition("://")[2].rpartition("@")[0].partition(":")[2]
        found |= {password, unquote(password)}
    for value in sorted(found, key=len, reverse=True):
        text = text.replace(value, HIDDEN) if len(value) >= SHORTEST else text
    return text
