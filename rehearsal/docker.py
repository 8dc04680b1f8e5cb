"""Command lines of the docker program. Pure: nothing here runs anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .layout import GATEWAY, LABEL, NETWORK, SUBNET, Host, Part

_OPEN = [
    "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
    "--security-opt=systempaths=unconfined",
]
# What lets a host run systemd and a Docker Engine, best first. A machine that withholds CAP_SYS_RESOURCE refuses
# the first; an Engine that never had it, because it runs in a container itself, refuses to drop it.
RIGHTS = {
    "privileged": ["--privileged"],
    "all-but-resource": ["--cap-add=ALL", "--cap-drop=SYS_RESOURCE", *_OPEN],
    "all-there-are": ["--cap-add=ALL", *_OPEN],
}


@dataclass(frozen=True)
class Machine:
    """What this machine's Docker Engine lets a host do: a key of ``RIGHTS``, and 1 or 2."""

    rights: str
    cgroup_version: int


@dataclass(frozen=True)
class Build:
    """One ``docker build``: the context folder and what the Dockerfile is told."""

    tag: str
    context: Path
    arguments: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


def rights(machine: Machine) -> list[str]:
    """What makes systemd and a nested Docker Engine work."""
    cgroup = ["--cgroupns=host", "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw"]
    if machine.rights == "privileged" and machine.cgroup_version == 2:
        cgroup = ["--cgroupns=private"]
    return [*RIGHTS[machine.rights], *cgroup]


def create_host(host: Host, *, image: str, machine: Machine, resolv_conf: Path) -> list[str]:
    """A host: systemd as process 1, a disk for the Engine inside, and a reboot that keeps disk and address."""
    return [
        "docker",
        "create",
        f"--name={host.container}",
        f"--hostname={host.name}",
        f"--label={LABEL}=host",
        f"--label={LABEL}.distribution={host.distribution}",
        f"--network={NETWORK}",
        f"--ip={host.address}",
        *(f"--network-alias={alias}" for alias in (host.name, *host.aliases)),
        f"--volume={resolv_conf}:/etc/resolv.conf:ro",
        "--volume=/var/lib/docker",
        "--volume=/var/lib/containerd",
        "--tmpfs=/run:exec,mode=755",
        "--tmpfs=/run/lock",
        "--env=container=docker",
        "--restart=on-failure",
        "--stop-timeout=20",
        *rights(machine),
        "--",
        image,
        "/sbin/init",
    ]


def create_part(
    part: Part, *, image: str, command: list[str], env: Mapping[str, str], volumes: list[str], secrets: str
) -> list[str]:
    """A part beside the hosts; its ports are published on 127.0.0.1 only. ``secrets`` says whose secrets it has."""
    return [
        "docker",
        "create",
        f"--name={part.container}",
        f"--hostname={part.name}",
        f"--label={LABEL}=part",
        f"--label={LABEL}.secrets={secrets}",
        f"--network={NETWORK}",
        f"--ip={part.address}",
        f"--network-alias={part.domain}",
        *(f"--publish=127.0.0.1:{outside}:{inside}" for outside, inside in part.publish.items()),
        *(f"--env={name}={value}" for name, value in env.items()),
        *(f"--volume={volume}" for volume in volumes),
        "--restart=unless-stopped",
        "--init",
        "--stop-timeout=3",
        "--",
        image,
        *command,
    ]


def try_rights(name: str, image: str) -> list[str]:
    """Succeeds where ``RIGHTS[name]`` is granted."""
    return [
        "docker",
        "run",
        "--rm",
        f"--label={LABEL}=trial",
        *RIGHTS[name],
        "--network=none",
        "--entrypoint=true",
        image,
    ]


def create_network() -> list[str]:
    return [
        "docker",
        "network",
        "create",
        f"--label={LABEL}=network",
        f"--subnet={SUBNET}",
        f"--gateway={GATEWAY}",
        "--opt=com.docker.network.bridge.name=stairway0",
        NETWORK,
    ]


def build(job: Build) -> list[str]:
    return [
        "docker",
        "build",
        "--force-rm",
        f"--tag={job.tag}",
        *(f"--build-arg={name}={value}" for name, value in job.arguments.items()),
        *(f"--label={name}={value}" for name, value in job.labels.items()),
        str(job.context),
    ]


def label_of(image: str, label: str) -> list[str]:
    return ["docker", "image", "inspect", f'--format={{{{index .Config.Labels "{label}"}}}}', "--", image]


def ours(kind: str | None = None) -> list[str]:
    """Ids of our containers, running or not."""
    chosen = LABEL if kind is None else f"{LABEL}={kind}"
    return ["docker", "ps", "--all", "--quiet", f"--filter=label={chosen}"]


def table(kind: str) -> list[str]:
    """Lines of name, state and how long, with tabs between."""
    return [
        "docker",
        "ps",
        "--all",
        f"--filter=label={LABEL}={kind}",
        "--format={{.Names}}\t{{.State}}\t{{.Status}}",
    ]


def addresses() -> list[str]:
    """Lines of container name and address of everything on the rehearsal's network."""
    pattern = "{{range .Containers}}{{.Name}}\t{{.IPv4Address}}\n{{end}}"
    return ["docker", "network", "inspect", f"--format={pattern}", NETWORK]


def login(config: Path, server: str, user: str) -> list[str]:
    """The password comes over standard input."""
    return ["docker", f"--config={config}", "login", f"--username={user}", "--password-stdin", server]


def push(config: Path, target: str) -> list[str]:
    return ["docker", f"--config={config}", "push", "--quiet", "--", target]


def image_id(image: str) -> list[str]:
    return ["docker", "image", "inspect", "--format={{.Id}}", "--", image]


def images_made() -> list[str]:
    """Ids of every image that carries the hash of its inputs."""
    return ["docker", "images", "--all", "--quiet", "--filter=label=stairway.inputs"]


def create_volume(name: str) -> list[str]:
    """It does no harm when the volume exists."""
    return ["docker", "volume", "create", f"--label={LABEL}=volume", name]


def volumes() -> list[str]:
    """Names of the volumes that outlive their container."""
    return ["docker", "volume", "ls", "--quiet", f"--filter=label={LABEL}"]


def forget_replaced() -> list[str]:
    """Images of ours that a newer one took the name from."""
    return ["docker", "image", "prune", "--force", "--filter=label=stairway.inputs"]


def empty_folder(folder: Path, image: str) -> list[str]:
    """Remove all that a container wrote there, whoever owns it."""
    inside = ["--network=none", f"--volume={folder}:/folder", "--entrypoint=find"]
    return ["docker", "run", "--rm", f"--label={LABEL}=trial", *inside, image, "/folder", "-mindepth", "1", "-delete"]
