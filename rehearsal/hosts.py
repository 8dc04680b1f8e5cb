"""Hosts: started, rebooted and taken away. A host is ready when SSH answers."""

from __future__ import annotations

import io
import tarfile
import time
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

from . import build, catalogue, docker, engine, keys, layout, network, parts, state
from .errors import RehearsalError
from .layout import Host
from .run import check, run, step

TRUSTED = "/usr/local/share/ca-certificates"
REMOVE_SECONDS = 300
# What takes seconds takes minutes on a machine that has other things to do.
REBOOT_SECONDS, BOOT_SECONDS = 180.0, 300.0


def describe(name: str, *, distribution: str | None, address: str | None, aliases: list[str]) -> Host:
    """The host of that name as the table has it, with what was asked for in its place.

    :raises RehearsalError: when no address is left.
    """
    usual = layout.known_host(name)
    if address is not None:
        chosen = IPv4Address(address)
    elif usual is not None:
        chosen = usual.address
    else:
        held = _addresses()
        free = held.get(f"{layout.PREFIX}{name}") or layout.free_address(set(held.values()))
        if free is None:
            raise RehearsalError("All spare addresses are taken.", fix="python3 -m rehearsal host list")
        chosen = free
    return Host(
        name,
        distribution or (usual.distribution if usual else "debian13"),
        chosen,
        tuple(aliases) or (usual.aliases if usual else ()),
    )


def up(host: Host, *, fresh: bool = False) -> bool:
    """The host answers over SSH when this returns; whether anything had to be done.

    ``fresh`` throws away a host of that name first: its disk, its Docker images, everything.
    """
    if fresh:
        down(host.name)
    image = catalogue.host_image(host.distribution)
    keys.ensure()
    build.ensure([image, catalogue.PARTS])
    network.ensure()
    parts.up(layout.DNS)
    found = _state_of(host)
    if found == "running" and _answers(host):
        return _trust(host)
    with step(f"Starting {host.name} ({host.distribution}, {host.address})"):
        if found in ("", "created"):  # one that was never started may be without its keys
            run(["docker", "rm", "--force", "--volumes", host.container])
            created = docker.create_host(
                host, image=image.tag, machine=engine.machine(image.tag), resolv_conf=state.RESOLV_CONF
            )
            check(created, what=f"Creating {host.name}", fix=f"python3 -m rehearsal host down {host.name}")
            check(["docker", "cp", "-", f"{host.container}:/"], what="Handing over keys", stdin=_handover())
        check(["docker", "start", host.container], what=f"Starting {host.name}")
        wait(host)
        _trust(host)
    return True


def down(name: str) -> bool:
    """The host and its disk are gone when this returns; whether there was one."""
    container = f"{layout.PREFIX}{name}"
    if not run(["docker", "container", "inspect", container]).ok:
        return False
    with step(f"Taking {name} away"):
        quieten(container)
        # Its disk holds images of its own; on a busy machine that takes more than the usual minute.
        check(["docker", "rm", "--force", "--volumes", container], what=f"Removing {name}", timeout=REMOVE_SECONDS)
    return True


def quieten(container: str) -> None:
    """What a host would leave behind if its power were cut is put away first.

    Connections that its own sshd ends are over for Ansible too; cut, they hang. Containers inside it that are not
    removed leave their control groups on this machine, where both share one tree. A broken host goes anyway.
    """
    tidy = "pkill sshd; ! command -v docker >/dev/null || timeout 15 docker ps --quiet | xargs -r docker rm --force"
    run(["docker", "exec", container, "sh", "-c", tidy], timeout=30)


def reboot(name: str) -> None:
    """The host went down, came up with the same disk and address, and answers over SSH.

    It is asked to reboot itself, as a person would; what was running in it is stopped by its own service manager.
    """
    host = describe(name, distribution=None, address=None, aliases=[])
    container = host.container
    address = _addresses().get(container)
    if address is None:
        raise RehearsalError(f"There is no running host {name}.", fix="python3 -m rehearsal host list")
    begun = _started_at(container)
    with step(f"Rebooting {name}"):
        run(["docker", "exec", container, "systemctl", "reboot"])
        end = time.monotonic() + REBOOT_SECONDS
        while _started_at(container) == begun:
            if time.monotonic() > end:
                why = f"{name} did not go down within {REBOOT_SECONDS:g} s."
                raise RehearsalError(why, fix=f"docker restart {container}")
            time.sleep(0.2)
        wait(Host(name, host.distribution, address))


def wait(host: Host, *, seconds: float = BOOT_SECONDS) -> None:
    """:raises RehearsalError: when SSH does not answer in that time; shows what the host said while booting."""
    end = time.monotonic() + seconds
    while not _answers(host):
        if _is_a_stranger(host):
            raise RehearsalError(
                f"Another checkout has started {host.name}, with keys of its own.",
                fix=f"python3 -m rehearsal host down {host.name} there, or here "
                f"python3 -m rehearsal host up {host.name} --fresh",
            )
        if time.monotonic() > end:
            log = run(["docker", "exec", host.container, "journalctl", "--no-pager", "-n", "30"])
            raise RehearsalError(
                f"{host.name} did not answer over SSH within {seconds:g} s.",
                fix=f"docker logs {host.container}; python3 -m rehearsal host up {host.name} --fresh",
                log=log.tail(30) or run(["docker", "logs", "--tail=30", host.container]).tail(30),
            )
        time.sleep(0.1)


def listing() -> list[tuple[str, str, str]]:
    """Name, address and state of every host."""
    held = _addresses()
    rows = check(docker.table("host"), what="Listing hosts").splitlines()
    return [
        (row.split("\t")[0].removeprefix(layout.PREFIX), str(held.get(row.split("\t")[0], "-")), row.split("\t")[2])
        for row in rows
    ]


def ssh(address: IPv4Address, *command: str) -> list[str]:
    """How this checkout reaches a host as root."""
    options = [
        f"UserKnownHostsFile={state.KNOWN_HOSTS}",
        "StrictHostKeyChecking=yes",
        "BatchMode=yes",
        "ConnectTimeout=2",
    ]
    return ["ssh", "-i", str(state.SSH_KEY), *(f"-o{option}" for option in options), f"root@{address}", "--", *command]


def _answers(host: Host) -> bool:
    return run(ssh(host.address, "true"), timeout=10).ok


def _is_a_stranger(host: Host) -> bool:
    """Whether its keys, which it can be asked for, are not this checkout's: it would never answer."""
    asked = run(["docker", "exec", host.container, "cat", "/etc/ssh/ssh_host_ed25519_key.pub"])
    return asked.ok and asked.stdout != state.HOST_KEY.with_suffix(".pub").read_text()


def _state_of(host: Host) -> str:
    return run(["docker", "container", "inspect", "--format={{.State.Status}}", host.container]).stdout.strip()


def _started_at(container: str) -> str:
    return run(["docker", "container", "inspect", "--format={{.State.StartedAt}}", container]).stdout.strip()


def _addresses() -> dict[str, IPv4Address]:
    lines = run(docker.addresses()).stdout.splitlines()
    return {
        line.split("\t")[0]: IPv4Interface(line.split("\t")[1]).ip for line in lines if "/" in line.partition("\t")[2]
    }


def _handover() -> bytes:
    """What a host has to have before its first boot: who may log in, who it is, whom it trusts."""
    return _tar(
        {
            "root/.ssh/authorized_keys": (state.SSH_KEY.with_suffix(".pub"), 0o600),
            "etc/ssh/ssh_host_ed25519_key": (state.HOST_KEY, 0o600),
            "etc/ssh/ssh_host_ed25519_key.pub": (state.HOST_KEY.with_suffix(".pub"), 0o644),
            f"{TRUSTED}/stairway-rehearsal.crt": (state.OWN_CA, 0o644),
        }
    )


def _tar(files: dict[str, tuple[Path, int]]) -> bytes:
    """A tar of files that belong to root: where each goes, what it holds, its mode."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, (path, mode) in files.items():
            content = path.read_bytes()
            entry = tarfile.TarInfo(name.lstrip("/"))
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _trust(host: Host) -> bool:
    """The host trusts the rehearsal's CA, and what pebble issues with while it runs; whether that was news to it."""
    issuers = {f"{TRUSTED}/stairway-rehearsal-{path.name}": (path, 0o644) for path in state.ISSUERS.glob("*.crt")}
    paths = ["/etc/ssl/certs/stairway-rehearsal.pem", *issuers]
    if run(["docker", "exec", host.container, "ls", *paths]).ok:
        return False
    what = f"Making {host.name} trust the rehearsal's CA"
    check(["docker", "cp", "-", f"{host.container}:/"], what=what, stdin=_tar(issuers))
    check(["docker", "exec", host.container, "update-ca-certificates"], what=what)
    return True
