"""Instances: hosts with systemd and cloud-init, each with the private address that the API says.

States move as at AWS: pending until the machine listens for SSH, stopping until it is off, shutting-down until it is
gone. Stopped machines keep their disk.
"""

from __future__ import annotations

import io
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from moto.ec2.models.instances import Instance

from ... import engine, hosts, state
from ...docker import RIGHTS
from .. import images, layout, trust
from ..account import Account
from ..body import Interface, NotYet, Plain, Standing
from . import scaling
from .network import Vpc, bridge

AT_ONCE = 3  # machines that boot side by side
BOOT_SECONDS = 300
_PENDING, _RUNNING, _SHUTTING, _GONE, _STOPPING, _STOPPED = 0, 16, 32, 48, 64, 80
_NAMES = {
    _PENDING: "pending",
    _RUNNING: "running",
    _SHUTTING: "shutting-down",
    _GONE: "terminated",
    _STOPPING: "stopping",
    _STOPPED: "stopped",
}


@dataclass(frozen=True)
class Machine:
    """``boots`` counts the restarts that somebody asked for."""

    id: str
    image: str
    vpc: str
    address: str
    hostname: str
    on: bool = True
    boots: int = 0

    @property
    def container(self) -> str:
        return layout.container("instance", self.id)


class Instances(Plain[Machine]):
    """One container for each instance, also for those that an Auto Scaling group started."""

    name = "instances"

    def __init__(self) -> None:
        self._boot = threading.BoundedSemaphore(AT_ONCE)
        _move_as_at_aws()

    def wanted(self, account: Account) -> dict[str, Machine]:
        return {
            one.id: Machine(
                one.id,
                images.of(one.image_id).tag,
                str(one.vpc_id),
                str(one.private_ip),
                str(one.private_dns_name).partition(".")[0],
                one._state.code in (_PENDING, _RUNNING),
                getattr(one, "stairway_boots", 0),
            )
            for one in instances(account)
            if one._state.code not in (_SHUTTING, _GONE)
        }

    def make(self, account: Account, key: str, spec: Machine) -> None:
        network = Vpc(spec.vpc, "").network
        if not any(one["Name"] == network for one in account.docker.call("GET", "/networks")):
            raise NotYet(f"the network of {spec.vpc}")
        found = account.docker.inspect(spec.container)
        if found is None or found["State"]["Status"] == "created":  # the latter may be without its files
            images.ensure_for(spec.image)
            account.docker.create(spec.container, _config(account, spec, network))
            account.docker.put(spec.container, _handover(spec))
        if spec.on:
            self._power_on(account, spec)

    def change(self, account: Account, key: str, old: Machine, new: Machine) -> None:
        if replace(old, on=new.on, boots=new.boots) != new:
            raise NotYet("an address or image that changed: AWS has no such thing")
        if old.on and (not new.on or new.boots != old.boots):
            _power_off(account, old)
        if new.on:
            self._power_on(account, new)

    def remove(self, account: Account, key: str, old: Machine) -> None:
        instance = next((one for one in instances(account) if one.id == key), None)
        if instance is not None and not getattr(instance, "stairway_abrupt", True):
            for group in scaling.drains(account, key):
                raise NotYet(f"{group} to let go of it")
        if account.containers.get(old.container):
            _power_off(account, old)
            account.docker.remove(old.container)

    def state(self, account: Account, bodies: Mapping[str, Standing[Machine]]) -> None:
        for one in instances(account):
            code, body = one._state.code, bodies.get(one.id)
            if code == _SHUTTING and body is None:
                _set(one, _GONE)
                for address in one._private_ips:
                    account.subnet(one.nics[0].subnet.id).del_subnet_ip(address)
            elif body is None or body.phase != "standing":
                continue
            elif code == _PENDING and body.spec.on:
                _set(one, _RUNNING)
            elif code == _STOPPING and not body.spec.on:
                _set(one, _STOPPED)
            elif code == _RUNNING and body.spec.on and _went_down(account, body):
                _set(one, _SHUTTING if one.instance_initiated_shutdown_behavior == "terminate" else _STOPPING)

    def interfaces(self, account: Account) -> Iterator[Interface]:
        for one in instances(account):
            if one._state.code == _GONE:
                continue
            for eni in list(one.nics.values())[:1]:
                yield Interface(
                    owner=one.id,
                    address=str(eni.private_ip_address),
                    vpc=str(eni.subnet.vpc_id),
                    subnet=eni.subnet.id,
                    zone=eni.subnet.availability_zone,
                    groups=tuple(sorted({group.id for group in eni.group_set})),
                    public=eni.public_ip,
                    names=(str(one.private_dns_name), *([str(one.public_dns_name)] if eni.public_ip else [])),
                    hops=one.metadata_options.http_put_response_hop_limit,
                )

    def _power_on(self, account: Account, spec: Machine) -> None:
        with self._boot:
            account.docker.start(spec.container)
            _let_back_in(spec.vpc)
            until = time.monotonic() + BOOT_SECONDS
            while time.monotonic() < until:
                found = account.docker.inspect(spec.container)
                if found is None:
                    raise NotYet("a machine that went away while it booted")
                process = found["State"]["Pid"]
                if process and Path(f"/proc/{process}/root/run/sshd.pid").exists():
                    return
                time.sleep(0.25)
        raise TimeoutError(f"{spec.container} does not listen for SSH after {BOOT_SECONDS} s: docker exec it and look")


def instances(account: Account) -> list[Any]:
    """moto's instances, in every region, in whatever state."""
    return [
        one
        for _region, backend in account.backends("ec2")
        for reservation in list(backend.reservations.values())
        for one in list(reservation.instances)
    ]


def _let_back_in(vpc: str) -> None:
    """A machine may ask its own public address: the bridge sends back through the port that a packet came from."""
    for port in Path(f"/sys/class/net/{bridge(vpc)}/brif").glob("*/hairpin_mode"):
        with suppress(OSError):  # a port that has just gone
            port.write_text("1")


def _power_off(account: Account, spec: Machine) -> None:
    hosts.quieten(spec.container)
    account.docker.stop(spec.container, 10)


def _went_down(account: Account, body: Standing[Machine]) -> bool:
    """It shut itself down; a reboot is none, Docker starts that again."""
    found = account.containers.get(body.spec.container)
    return found is not None and found.state == "exited" and time.monotonic() - body.since > 5


def _set(instance: Any, code: int) -> None:
    instance._state.code, instance._state.name = code, _NAMES[code]


def _move_as_at_aws() -> None:
    """moto's instances are what they are to be at once; ours get there."""
    begin, start, stop, end, reboot = (
        Instance.__init__,
        Instance.start,
        Instance.stop,
        Instance.terminate,
        Instance.reboot,
    )

    def new(self: Any, *arguments: Any, **keywords: Any) -> None:
        begin(self, *arguments, **keywords)
        _set(self, _PENDING)

    def after(method: Any, code: int, unless: tuple[int, ...]) -> Any:
        def call(self: Any) -> Any:
            before = self._state.code
            answer = method(self)
            _set(self, before if before in unless else code)
            return answer

        return call

    def again(self: Any) -> None:
        reboot(self)
        self.stairway_boots = getattr(self, "stairway_boots", 0) + 1

    Instance.__init__ = new  # type: ignore[method-assign]
    Instance.start = after(start, _PENDING, (_RUNNING,))  # type: ignore[method-assign]
    Instance.stop = after(stop, _STOPPING, (_STOPPED,))  # type: ignore[method-assign]
    Instance.terminate = after(end, _SHUTTING, (_GONE,))  # type: ignore[method-assign]
    Instance.reboot = again  # type: ignore[method-assign]


def _config(account: Account, spec: Machine, network: str) -> dict[str, Any]:
    """What ``docker.create_host`` says on a command line, for the Engine's API."""
    machine = engine.machine(spec.image)
    rights: dict[str, Any] = {"Privileged": True}
    if machine.rights != "privileged":
        drop = [one.removeprefix("--cap-drop=") for one in RIGHTS[machine.rights] if one.startswith("--cap-drop=")]
        rights = {
            "CapAdd": ["ALL"],
            "CapDrop": drop,
            "SecurityOpt": ["seccomp=unconfined", "apparmor=unconfined"],
            "MaskedPaths": [],
            "ReadonlyPaths": [],
        }
    shared = machine.rights != "privileged" or machine.cgroup_version == 1
    resolv = account.folder("instance", spec.id) / "resolv.conf"
    state.write(resolv, f"search {layout.REGION}.compute.internal\nnameserver {layout.RESOLVER}\n")
    return {
        "Image": spec.image,
        "Cmd": ["/sbin/init"],
        "Hostname": spec.hostname,
        "Env": ["container=docker"],
        "Labels": {layout.LABEL: account.number, layout.BODY: f"instances/{spec.id}"},
        "Volumes": {"/var/lib/docker": {}, "/var/lib/containerd": {}},
        "StopTimeout": 10,
        "HostConfig": {
            **rights,
            "CgroupnsMode": "host" if shared else "private",
            "Binds": [f"{resolv}:/etc/resolv.conf:ro", *(["/sys/fs/cgroup:/sys/fs/cgroup:rw"] if shared else [])],
            "Tmpfs": {"/run": "exec,mode=755", "/run/lock": ""},
            "RestartPolicy": {"Name": "on-failure"},
            "NetworkMode": network,
        },
        "NetworkingConfig": {"EndpointsConfig": {network: {"IPAMConfig": {"IPv4Address": spec.address}}}},
    }


def _handover(spec: Machine) -> bytes:
    """What the machine has before its first boot: whom it trusts, and a sign that it is a machine of EC2."""
    files = trust.files(spec.image) | {"etc/ec2-uuid": b"ec2" + spec.id.encode()[-29:] + b"\n"}
    return tar(files)


def tar(files: Mapping[str, bytes], mode: int = 0o644) -> bytes:
    """A tar of files that belong to root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), mode, int(time.time())
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
