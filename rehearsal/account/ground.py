"""What the account puts into this machine's own network, and takes out again: addresses, a route, rules."""

from __future__ import annotations

import shutil

from ..run import check, run
from . import layout, packets

_DEVICE = "stairway0"
_BETWEEN = [["-i", one, "-o", other] for one, other in (("sw-+", "sw-+"), ("sw-+", _DEVICE), (_DEVICE, "sw-+"))]


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


def clear() -> None:
    """None of it is left."""
    if shutil.which("nft") is not None:  # without it there never was an account
        run(["nft", "-f", "-"], stdin=packets.removal().encode())
    for rule in _BETWEEN:
        while run(["iptables", "-w", "-D", "DOCKER-USER", *rule, "-j", "ACCEPT"]).ok:
            pass
    run(["ip", "route", "del", str(layout.PUBLIC), "dev", _DEVICE])
    for address in (layout.FRONT, layout.CONTROLLER):
        run(["ip", "address", "del", f"{address}/32", "dev", _DEVICE])
