"""What a bare machine lacks: Docker, whom to trust, a login to the registry."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..._common import atomic, wait
from ..._common.errors import StairwayError
from ..._common.run import check, run
from ..._docker import argv
from .aws import Aws
from .settings import Settings

DAEMON = Path("/etc/docker/daemon.json")
TRUSTED = Path("/usr/local/share/ca-certificates")
LOGIN = Path("/run/stairway/docker")
PACKAGES_SECONDS = 900
DOCKER_SECONDS = 60
# Where no Docker stands yet: the distribution's own, as the role docker's «distribution».
OPTIONS = {
    "log-driver": "json-file",
    "log-opts": {"max-size": "20m", "max-file": "5"},
    # clear of 10/8 and of AWS's default VPC
    "default-address-pools": [{"base": "172.24.0.0/14", "size": 24}],
    "shutdown-timeout": 120,
}
ECR = re.compile(r"\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
APT = ("apt-get", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Options::=--force-confold")


def daemon(found: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """What daemon.json is to hold; what an image has set there itself stays. Pure."""
    ours = {"registry-mirrors": list(settings.mirrors), "insecure-registries": list(settings.insecure)}
    return {**OPTIONS, **found, **{name: one for name, one in ours.items() if one}}


def packages(policy: str) -> list[str]:
    """What to install, by what ``apt-cache policy docker-cli`` says: Debian 13 has the client by itself. Pure."""
    return ["docker.io", "ca-certificates", *(["docker-cli"] if "Candidate: (none)" not in policy and policy else [])]


def ready(settings: Settings) -> None:
    """Docker runs, and trusts whom it is told to.

    :raises StairwayError: when it cannot be installed or does not start.
    """
    changed = _trust(settings) | _configure(settings)
    if shutil.which("docker") is None:
        _install()
    elif changed:
        run(["systemctl", "restart", "docker"], timeout=PACKAGES_SECONDS)
    if wait.until(lambda: run(["docker", "version"]).ok or None, seconds=DOCKER_SECONDS, every=0.5) is None:
        check(
            ["systemctl", "start", "docker"], what="Starting Docker", fix="on the machine: journalctl -u docker -n 50"
        )


def _trust(settings: Settings) -> bool:
    paths = {TRUSTED / f"stairway-{number}.crt": text for number, text in enumerate(settings.ca)}
    new = [path for path, text in paths.items() if not path.is_file() or path.read_text() != text]
    for path in new:
        atomic.write(path, paths[path], mode=0o644)
    if new:
        check(["update-ca-certificates"], what="Trusting the given authorities")
    return bool(new)


def _configure(settings: Settings) -> bool:
    found = json.loads(DAEMON.read_text() or "{}") if DAEMON.is_file() else {}
    wanted = daemon(found, settings)
    if wanted != found:
        atomic.write(DAEMON, json.dumps(wanted, indent=2) + "\n", mode=0o644)
    return bool(wanted != found)


def _install() -> None:
    if shutil.which("apt-get") is None:
        raise StairwayError(
            "There is no Docker on this machine, and no apt-get to install it.",
            expected="Debian or Ubuntu, or an image that has Docker",
            where="cloud.compute.image",
            fix="take debian-13, or bake Docker into your image",
        )
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    fix = "let the machines reach their distribution's packages, or bake Docker into cloud.compute.image"
    # what a run that was cut off may have left
    run(["dpkg", "--configure", "-a"], timeout=PACKAGES_SECONDS)
    updated = wait.until(lambda: run([*APT, "update"], timeout=300).ok or None, seconds=60, every=5)
    names = packages(run(["apt-cache", "policy", "docker-cli"]).stdout)
    command = [*APT, "install", "--no-install-recommends", *names]
    what = "Installing Docker" if updated else "Installing Docker (the lists of packages cannot be had)"
    check(command, what=what, fix=fix, timeout=PACKAGES_SECONDS)


def log_in(aws: Aws, images: Iterable[str]) -> None:
    """Give Docker a password for each ECR registry that ``images`` name; it is good for twelve hours, and in memory.

    :raises StairwayError: when AWS refuses.
    """
    hosts = {image.split("/")[0]: found for image in images if (found := ECR.fullmatch(image.split("/")[0]))}
    auths = {}
    for host, found in sorted(hosts.items()):
        answer = aws.call("ecr", "GetAuthorizationToken", region=found[1])
        auths[host] = {"auth": answer["authorizationData"][0]["authorizationToken"]}
    if auths:
        LOGIN.mkdir(parents=True, exist_ok=True)
        LOGIN.chmod(0o700)
        atomic.write(LOGIN / "config.json", json.dumps({"auths": auths}), mode=0o600)
        os.environ["DOCKER_CONFIG"] = str(LOGIN)


def pull(image: str) -> None:
    """:raises StairwayError: when it does not come."""
    done = run(argv.pull(image), timeout=PACKAGES_SECONDS)
    if not done.ok:
        raise StairwayError(
            f"The image {image} cannot be pulled.",
            where=image,
            found=(done.tail(1) or ["nothing"])[0],
            fix="see that the registry has it, that the machines' role may read it, and that they have a way out",
            log=done.tail(5),
        )
