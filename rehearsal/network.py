"""The network that hosts and parts share."""

from __future__ import annotations

from . import docker, layout, state
from .run import check, run


def ensure() -> bool:
    """The network exists when this returns; whether it had to be made."""
    with state.locked("network"):
        if run(["docker", "network", "inspect", layout.NETWORK]).ok:
            return False
        check(
            docker.create_network(),
            what=f"Making the network {layout.NETWORK}",
            fix=f"something else uses {layout.SUBNET}: docker network ls, ip route",
        )
        return True


def remove() -> bool:
    """The network is gone when this returns; whether there was one."""
    if not run(["docker", "network", "inspect", layout.NETWORK]).ok:
        return False
    check(["docker", "network", "rm", layout.NETWORK], what=f"Removing the network {layout.NETWORK}")
    return True
