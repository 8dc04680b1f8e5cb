"""The Docker Engine of this machine: started where nobody starts it, and asked once what it allows."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import docker, state
from .errors import RehearsalError
from .run import check, run, step

START_SECONDS = 180.0
REGISTRY_PROBE = "https://registry-1.docker.io/v2/"


def ensure() -> None:
    """Docker answers when this returns.

    :raises RehearsalError: when it is not installed, not allowed, or does not start.
    """
    asked = run(["docker", "version", "--format={{.Server.Version}}"])
    if asked.ok:
        return
    if "permission denied" in asked.stderr:
        raise RehearsalError("You may not talk to Docker.", fix="run this with sudo, or join the group docker")
    if Path("/run/systemd/system").exists():
        raise RehearsalError("The Docker Engine does not run.", fix="systemctl start docker", log=asked.tail(3))
    with state.locked("dockerd"), step("Starting dockerd, because no service manager does it here"):
        _start()


def machine(image: str) -> docker.Machine:
    """What hosts may do here; tried once with an ``image`` that exists, and remembered.

    :raises RehearsalError: when this machine lets no host run.
    """
    facts = state.known()
    if facts.get("rights") not in docker.RIGHTS or "cgroup_version" not in facts:
        version = check(["docker", "info", "--format={{.CgroupVersion}}"], what="Asking Docker for its cgroup version")
        state.remember(rights=_granted(image), cgroup_version=int(version.strip() or 1))
        facts = state.known()
    return docker.Machine(str(facts["rights"]), int(facts["cgroup_version"]))


def _granted(image: str) -> str:
    log: list[str] = []
    for name in docker.RIGHTS:
        tried = run(docker.try_rights(name, image))
        if tried.ok:
            return name
        log += [f"{name}: {line}" for line in tried.tail(2)]
    raise RehearsalError("Docker lets no host run on this machine.", fix="allow --privileged containers", log=log)


def registry_reachable() -> bool:
    """Whether images can be pulled from Docker Hub; tried once with 4 s of patience and remembered."""
    facts = state.known()
    if "registry" not in facts:
        state.remember(registry=_probe())
        facts = state.known()
    return bool(facts["registry"])


def _probe() -> bool:
    try:
        urllib.request.urlopen(REGISTRY_PROBE, timeout=4).close()
    except urllib.error.HTTPError as answer:
        return answer.code == 401  # what a registry says to a stranger; a proxy that refuses says something else
    except OSError:
        return False
    return True


def _start() -> None:
    if run(["docker", "version"]).ok:
        return
    log = state.shared_cache() / "dockerd.log"
    pidfile = Path("/var/run/docker.pid")
    if not _alive(pidfile):
        pidfile.unlink(missing_ok=True)
    with open(log, "ab") as output:
        try:
            subprocess.Popen(
                ["dockerd"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        except FileNotFoundError as error:
            raise RehearsalError("Docker Engine is not installed.", fix="apt-get install docker.io") from error
    end = time.monotonic() + START_SECONDS
    while not run(["docker", "version"]).ok:
        if time.monotonic() > end:
            why = f"dockerd did not start within {START_SECONDS:g} s."
            raise RehearsalError(why, fix=f"read {log}", log=log.read_text(errors="replace").splitlines()[-15:])
        time.sleep(0.2)


def _alive(pidfile: Path) -> bool:
    """A pid file that a killed dockerd left behind keeps the next one from starting."""
    if not pidfile.exists():
        return False
    try:
        os.kill(int(pidfile.read_text()), 0)
    except (ValueError, ProcessLookupError):
        return False
    return True
