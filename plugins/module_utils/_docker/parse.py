"""What Docker prints, read. Samples of Docker 20.10, 26.1 and 28 are in the tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Container:
    """One container as ``docker container inspect`` describes it.

    ``status`` is Docker's word (``created running paused restarting removing exited dead``), ``started_at`` an RFC 3339
    time, ``restart`` the name of its restart policy (``no`` or ``unless-stopped`` where it is ours),
    ``log_path`` the file of its output where the log driver keeps one.
    """

    id: str
    name: str
    image: str
    status: str
    exit_code: int
    oom_killed: bool
    restarts: int
    started_at: str
    restart: str
    labels: Mapping[str, str] = field(default_factory=dict)
    log_path: str = ""

    @property
    def running(self) -> bool:
        return self.status == "running"


def items(stdout: str, gone: str) -> list[dict[str, Any]]:
    """Read the answer of ``docker container inspect``. Where a container has gone meanwhile, Docker fails but
    still describes the others; ``gone`` is what it then complains of.

    :raises ValueError: when it complains of anything else, or this is no JSON.
    """
    if any("No such container" not in line for line in gone.splitlines()):
        raise ValueError(gone)
    return list(json.loads(stdout))


def container(item: Mapping[str, Any]) -> Container:
    """One of them."""
    state = item["State"]
    return Container(
        id=item["Id"],
        name=item["Name"].lstrip("/"),
        image=item["Config"]["Image"],
        status=state["Status"],
        exit_code=state["ExitCode"],
        oom_killed=bool(state.get("OOMKilled")),
        restarts=int(item.get("RestartCount", 0)),
        started_at=state["StartedAt"],
        restart=item["HostConfig"]["RestartPolicy"]["Name"] or "no",
        labels=item["Config"].get("Labels") or {},
        log_path=item.get("LogPath") or "",
    )


def digest_reference(output: str, image: str) -> str | None:
    """The ``repository@sha256:...`` under which ``image`` was pulled, from ``docker image inspect``.

    ``None`` for an image that never came from a registry.
    """
    repository = repository_of(image)
    for item in json.loads(output or "[]"):
        for reference in item.get("RepoDigests") or []:
            if reference.rsplit("@", 1)[0] in (repository, _familiar(repository)):
                return str(reference)
    return None


def repository_of(image: str) -> str:
    """``registry:5000/team/app`` of ``registry:5000/team/app:1.2`` or of ``registry:5000/team/app@sha256:...``."""
    name = image.split("@", 1)[0]
    head, colon, tail = name.rpartition(":")
    return head if colon and "/" not in tail else name


def _familiar(repository: str) -> str:
    """Docker leaves its own registry's name out of what it prints."""
    for prefix in ("docker.io/library/", "docker.io/"):
        if repository.startswith(prefix):
            return repository[len(prefix) :]
    return repository


# What `docker pull` says and what that means for the person who reads it:
# (part of the message, what is wrong, what to do).
PULL_PROBLEMS: tuple[tuple[str, str, str], ...] = (
    (
        "no space left on device",
        "The disk of the host is full.",
        "Free some space (docker image prune; journalctl --vacuum-size=200M) or make the disk larger.",
    ),
    (
        "manifest unknown",
        "The registry has no such version of the image.",
        "Look at the version's spelling, and whether the build has pushed it.",
    ),
    (
        "not found",
        "The registry has no such image.",
        "Look at services.<name>.image in app.yml and at the version's spelling.",
    ),
    (
        "repository does not exist",
        "The registry has no such image, or does not show it without a login.",
        "Look at services.<name>.image in app.yml, and at docker_registries for the login.",
    ),
    (
        "unauthorized",
        "The registry refused the login.",
        "Look at docker_registries (server, username, password) and run stage1.yml again.",
    ),
    (
        "no basic auth credentials",
        "The registry wants a login and the host has none for it.",
        "Add it to docker_registries (server, username, password) and run stage1.yml again.",
    ),
    (
        "denied",
        "The registry refused access.",
        "Look at docker_registries and at the rights of that user.",
    ),
    (
        "connection refused",
        "The registry does not answer.",
        "Look whether the registry is up, and whether the host may reach it; then run the same command again.",
    ),
    (
        "no such host",
        "The registry's name does not resolve on the host.",
        "Look at the name, and at the host's DNS.",
    ),
    (
        "i/o timeout",
        "The registry did not answer in time.",
        "Look at the host's network and firewall; then run the same command again.",
    ),
    (
        "timeout",
        "The registry did not answer in time.",
        "Look at the host's network and firewall; then run the same command again.",
    ),
    (
        "server gave http response to https client",
        "The registry speaks plain HTTP.",
        "Give it a certificate, or name it in docker_insecure_registries.",
    ),
    (
        "x509",
        "The registry's certificate is not trusted by the host.",
        "Give it a certificate of a known authority, or install its authority on the host.",
    ),
    (
        "toomanyrequests",
        "The registry allows no more pulls for now.",
        "Log in (docker_registries), use a mirror (docker_registry_mirrors), or wait.",
    ),
)


def pull_problem(stderr: str) -> tuple[str, str] | None:
    """What is wrong and what to do, from the error text of ``docker pull``; ``None`` for a text nobody has met yet."""
    text = stderr.lower()
    for part, wrong, fix in PULL_PROBLEMS:
        if part in text:
            return wrong, fix
    return None
