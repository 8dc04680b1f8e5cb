"""Docker's command lines, built and not run. Options end with ``--`` where Docker lets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

DOCKER = "docker"


@dataclass(frozen=True)
class Mount:
    """A named volume and where the container sees it."""

    volume: str
    path: str


@dataclass(frozen=True)
class Run:
    """One container to start: ``memory`` as Docker writes it (``512m``), ``stop_seconds`` before SIGKILL.

    ``publish`` pairs a port of ``address`` with a port of the container; ``folders`` of the host are seen at the same
    path, read only.
    """

    name: str
    image: str
    network: str
    command: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    env_file: str | None = None
    publish: tuple[tuple[int, int], ...] = ()
    address: str = "127.0.0.1"
    mounts: tuple[Mount, ...] = ()
    folders: tuple[str, ...] = ()
    memory: str | None = None
    stop_seconds: int = 10
    user: str | None = None


def run(container: Run, *, detach: bool = True) -> list[str]:
    """``docker run``: in the background with no restart (a new container has to earn that), or once and removed."""
    argv = [DOCKER, "run", "--detach", "--restart", "no"] if detach else [DOCKER, "run", "--rm"]
    argv += [
        "--name",
        container.name,
        "--init",
        "--network",
        container.network,
        "--pull",
        "never",
    ]
    argv += ["--stop-timeout", str(container.stop_seconds)]
    for name, value in sorted(container.labels.items()):
        argv += ["--label", f"{name}={value}"]
    for name, value in sorted(container.env.items()):
        argv += ["--env", f"{name}={value}"]
    if container.env_file:
        argv += ["--env-file", container.env_file]
    for outside, inside in container.publish:
        argv += ["--publish", f"{container.address}:{outside}:{inside}"]
    for mount in container.mounts:
        argv += ["--mount", f"type=volume,source={mount.volume},target={mount.path}"]
    for folder in container.folders:
        argv += ["--mount", f"type=bind,source={folder},target={folder},readonly"]
    if container.memory:
        argv += ["--memory", container.memory]
    if container.user:
        argv += ["--user", container.user]
    return [*argv, "--", container.image, *container.command]


def pull(image: str) -> list[str]:
    return [DOCKER, "pull", "--quiet", "--", image]


def inspect_image(image: str) -> list[str]:
    return [DOCKER, "image", "inspect", "--", image]


def list_containers(labels: Mapping[str, str]) -> list[str]:
    """Ids of all containers, stopped ones too, that carry every one of ``labels``."""
    argv = [DOCKER, "ps", "--all", "--quiet", "--no-trunc"]
    for name, value in sorted(labels.items()):
        argv += ["--filter", f"label={name}={value}"]
    return argv


def inspect_containers(ids: Sequence[str]) -> list[str]:
    return [DOCKER, "container", "inspect", "--", *ids]


def execute(name: str, command: Sequence[str]) -> list[str]:
    return [DOCKER, "exec", "--", name, *command]


def stop(names: Sequence[str]) -> list[str]:
    """SIGTERM, then SIGKILL after the time each container was started with."""
    return [DOCKER, "stop", "--", *names]


def start(names: Sequence[str]) -> list[str]:
    return [DOCKER, "start", "--", *names]


def remove(names: Sequence[str]) -> list[str]:
    return [DOCKER, "rm", "--force", "--volumes", "--", *names]


def keep_running(names: Sequence[str]) -> list[str]:
    """From now on Docker starts these again after a crash or a reboot."""
    return [DOCKER, "update", "--restart", "unless-stopped", *names]


def logs(name: str, *, lines: int) -> list[str]:
    return [DOCKER, "logs", "--tail", str(lines), "--", name]


def inspect_network(name: str) -> list[str]:
    return [DOCKER, "network", "inspect", "--", name]


def create_network(name: str, labels: Mapping[str, str]) -> list[str]:
    argv = [DOCKER, "network", "create"]
    for key, value in sorted(labels.items()):
        argv += ["--label", f"{key}={value}"]
    return [*argv, "--", name]


def create_volume(name: str, *, folder: str, labels: Mapping[str, str]) -> list[str]:
    """A named volume whose files stand in ``folder`` of the host, where the edge and the backups can read them.

    A named volume, and not a plain bind mount, because Docker fills a new one with the image's files and their owner.
    """
    argv = [DOCKER, "volume", "create", "--driver", "local"]
    argv += ["--opt", "type=none", "--opt", "o=bind", "--opt", f"device={folder}"]
    for key, value in sorted(labels.items()):
        argv += ["--label", f"{key}={value}"]
    return [*argv, "--", name]


def remove_image(reference: str) -> list[str]:
    return [DOCKER, "image", "rm", "--", reference]
