"""What the account puts into this machine, and takes out: addresses, a route, rules, and a way to its registry."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from .. import state
from ..run import check, run
from . import layout, packets

_DEVICE = "stairway0"
_HOSTS, _CERTIFICATES = Path("/etc/hosts"), Path("/etc/docker/certs.d")
_REGISTRY = f"{layout.ACCOUNT}.dkr.ecr.{layout.REGION}.amazonaws.com"
_LINE = f"{layout.FRONT} {_REGISTRY} # the rehearsal's account\n"
_OURS = f"{layout.BRIDGE}+"
_BETWEEN = [["-i", one, "-o", other] for one, other in ((_OURS, _OURS), (_OURS, _DEVICE), (_DEVICE, _OURS))]


def prepare() -> None:
    """AWS's endpoints have an address, public addresses a way, and bridges may talk: the packet filter decides."""
    for address in (layout.FRONT, layout.CONTROLLER):
        check(["ip", "address", "replace", f"{address}/32", "dev", _DEVICE], what=f"Taking the address {address}")
    route = ["ip", "route", "replace", str(layout.PUBLIC), "dev", _DEVICE, "src", str(layout.CONTROLLER)]
    check(route, what=f"Making a way to {layout.PUBLIC}")
    run(["sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=1", "net.ipv4.ip_forward=1"])
    for rule in _BETWEEN:
        if not run(["iptables", "-w", "-C", "DOCKER-USER", *rule, "-j", "ACCEPT"]).ok:
            check(["iptables", "-w", "-I", "DOCKER-USER", *rule, "-j", "ACCEPT"], what="Letting bridges talk")
    _show_registry()


def clear() -> None:
    """None of it is left."""
    _hide_registry()
    if shutil.which("nft") is not None:  # without it there never was an account
        run(["nft", "-f", "-"], stdin=packets.removal().encode())
    for rule in _BETWEEN:
        while run(["iptables", "-w", "-D", "DOCKER-USER", *rule, "-j", "ACCEPT"]).ok:
            pass
    run(["ip", "route", "del", str(layout.PUBLIC), "dev", _DEVICE])
    for address in (layout.FRONT, layout.CONTROLLER):
        run(["ip", "address", "del", f"{address}/32", "dev", _DEVICE])


def _show_registry() -> None:
    """``docker push`` from this machine finds ECR, and trusts it; everything else here is told an endpoint."""
    if not layout.FIRST:
        return
    state.write(_CERTIFICATES / _REGISTRY / "ca.crt", state.OWN_CA.read_text())
    text = _HOSTS.read_text()
    if _LINE not in text:
        _HOSTS.write_text(_without_line(text) + _LINE)  # in its place: in a container it is a mount


def _hide_registry() -> None:
    if not layout.FIRST:
        return
    shutil.rmtree(_CERTIFICATES / _REGISTRY, ignore_errors=True)
    with suppress(OSError):
        _CERTIFICATES.rmdir()
    text = _HOSTS.read_text() if _HOSTS.exists() else ""
    if _without_line(text) != text:
        _HOSTS.write_text(_without_line(text))


def _without_line(text: str) -> str:
    kept = [line for line in text.splitlines(keepends=True) if f" {_REGISTRY} " not in line]
    whole = "".join(kept)
    return whole if whole.endswith("\n") or not whole else f"{whole}\n"
