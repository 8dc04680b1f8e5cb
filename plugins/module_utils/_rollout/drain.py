"""Taking a colour out of service without cutting anyone off."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from .._common import wait
from .probe import open_connections

# A request that looked at the switch just before it was thrown needs a moment to connect.
LEAST_SECONDS = 0.5
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def drained(ports: Collection[int], *, seconds: float) -> bool:
    """Wait until the edge has no connection to ``ports`` any more, at most ``seconds``; whether that came true.

    The edge closes idle connections to an upstream after 2 s, so what stays open is in use: a WebSocket, a download.
    """
    wanted = set(ports)
    wait.pause(min(LEAST_SECONDS, seconds))
    return (
        wait.until(
            lambda: _connections(wanted) == 0 or None,
            seconds=seconds - LEAST_SECONDS,
            every=0.25,
        )
        is not None
    )


def _connections(ports: set[int]) -> int:
    return sum(open_connections(ports, table.read_text()) for table in TABLES if table.exists())
