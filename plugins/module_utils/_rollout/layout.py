"""Where everything of an app stands on a host, and what its containers are called. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .._docker.argv import Mount, Run
from .model import Document, Service, Task

LABEL = "stairway"
AUTHORITIES = "/etc/stairway/ca"


@dataclass(frozen=True)
class Layout:
    """The folders of one app; ``root`` is ``/`` but in tests."""

    app: str
    root: Path = Path("/")

    @property
    def record(self) -> Path:
        return self.root / "etc/stairway" / f"{self.app}.json"

    @property
    def environment(self) -> Path:
        """What the role has written for the next release."""
        return self.root / "etc/stairway" / self.app / "env"

    def settings(self, number: int) -> Path:
        """The same as release ``number`` was started with."""
        return self.root / "etc/stairway" / self.app / "settings" / str(number)

    @property
    def state(self) -> Path:
        return self.root / "var/lib/stairway" / self.app

    @property
    def edge(self) -> Path:
        return self.state / "edge"

    @property
    def releases(self) -> Path:
        return self.state / "releases"

    @property
    def history(self) -> Path:
        return self.state / "history.jsonl"

    @property
    def volumes(self) -> Path:
        return self.state / "volumes"

    @property
    def logs(self) -> Path:
        """Links to the output of each container."""
        return self.root / "var/log/stairway"

    @property
    def folders(self) -> tuple[str, ...]:
        """What every container sees: the authorities that sign for managed stores, once a stage has brought them."""
        return (AUTHORITIES,) if (self.root / AUTHORITIES.lstrip("/")).is_dir() else ()

    @property
    def lock(self) -> Path:
        """In ``/run``, so that a reboot ends every lock."""
        return self.root / "run/stairway" / self.app / "lock"


@dataclass(frozen=True)
class Candidate:
    """A container that a release wants: which service's, which replica, how it is started, where it listens."""

    service: Service
    run: Run
    port: int | None

    @property
    def name(self) -> str:
        return self.run.name


def volume_name(app: str, volume: str) -> str:
    return f"{app}-{volume}"


def candidates(
    document: Document,
    layout: Layout,
    *,
    colour: str,
    number: int,
    version: str,
    images: dict[str, str],
    mark: str,
) -> list[Candidate]:
    """Every container of a release in ``colour``, in the order of the document.

    ``images`` has the pinned image of each service, ``mark`` the fingerprint of document and environment.
    """
    found = []
    for service in document.services:
        for replica in range(1, service.replicas + 1):
            port = service.ports[colour][replica - 1] if service.ports else None
            labels = {
                f"{LABEL}.app": document.app,
                f"{LABEL}.service": service.name,
                f"{LABEL}.colour": colour,
                f"{LABEL}.release": str(number),
                f"{LABEL}.version": version,
                f"{LABEL}.mark": mark,
            }
            run = Run(
                name=f"{document.app}-{service.name}-{colour}-{replica}",
                image=images[service.name],
                network=document.app,
                command=service.command,
                labels=labels,
                env_file=str(layout.settings(number) / service.name),
                publish=((port, service.port),) if port and service.port else (),
                mounts=_mounts(document.app, service),
                folders=layout.folders,
                memory=service.memory,
                stop_seconds=service.stop_seconds,
                user=service.user,
            )
            found.append(Candidate(service, run, port))
    return found


def task_run(document: Document, layout: Layout, task: Task, *, image: str, number: int) -> Run:
    """The throw-away container of a release task, in its service's image, environment, network and volumes."""
    service = document.service(task.service)
    return Run(
        name=f"{document.app}-task-{task.name}",
        image=image,
        network=document.app,
        command=task.command,
        labels={
            f"{LABEL}.app": document.app,
            f"{LABEL}.task": task.name,
            f"{LABEL}.release": str(number),
        },
        env_file=str(layout.settings(number) / service.name),
        mounts=_mounts(document.app, service),
        folders=layout.folders,
        memory=service.memory,
        stop_seconds=service.stop_seconds,
        user=service.user,
    )


def _mounts(app: str, service: Service) -> tuple[Mount, ...]:
    return tuple(Mount(volume_name(app, name), path) for name, path in service.volumes)
