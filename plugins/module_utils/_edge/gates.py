"""Beginning and ending a hold on a host. Standard library only.

``hold`` starts the gate (``gate.py``) as a transient unit of systemd, so it outlives the SSH session that asked for it,
and returns when requests wait. ``release_hold`` lets them go. ``held`` does both around a block::

    with held("chat", seconds=30):
        stop_old()
        start_new()
        EdgeState.of("chat").switch("green")
"""

from __future__ import annotations

import json
import pkgutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._common import atomic
from .._common.errors import StairwayError
from .._common.run import check
from .._common.wait import until
from . import gate
from .switch import EdgeState

LONGEST_SECONDS = 300
PROGRAM = "gate.py"

Ports = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Released:
    """What became of the requests of a hold. ``dropped``: the client hung up while it waited; ``refused``: got a 503
    because nothing answered on the serving colour; ``expired``: nobody ended the hold in time."""

    held: int
    forwarded: int
    refused: int
    dropped: int
    expired: bool
    held_seconds: float


def hold(app: str, seconds: float, services: Ports | None = None, state: EdgeState | None = None) -> None:
    """Let every request of ``app`` wait from now on, for ``seconds`` at most. An older hold is ended first.

    ``services``: ``{service: {"blue": [ports], "green": [ports]}}``; by default what the edge's role wrote.

    :raises StairwayError: when the gate cannot be started; requests are then not held.
    """
    if not 0 < seconds <= LONGEST_SECONDS:
        raise StairwayError(
            "A hold has to end before users give up.", expected=f"1 to {LONGEST_SECONDS} seconds", found=f"{seconds:g}"
        )
    switch = state or EdgeState.of(app)
    ports = services if services is not None else routes(switch)
    switch.prepare()
    release_hold(app, switch)
    program = switch.runtime.parent / PROGRAM
    atomic.write(program, source())
    order = order_of(switch, ports, seconds, stamp=time.monotonic_ns())
    check(
        start_argv(app, order, str(program)),
        what="Starting the gate that holds requests",
        fix=f"journalctl -u 'stairway-gate-{app}:*' -n 30",
        timeout=30,
    )


def release_hold(app: str, state: EdgeState | None = None) -> Released | None:
    """Let what waits go to the colour that serves now; ``None`` when nothing was held.

    Returns when the waiting requests are on their way, not when they are answered.
    """
    switch = state or EdgeState.of(app)
    if not switch.hold_link.exists():
        return None
    result = Path(f"{switch.hold_file.resolve()}.result")
    switch.end_hold()
    text = until(lambda: _read(result), seconds=10, every=0.02)
    return None if text is None else Released(**json.loads(text))


@contextmanager
def held(app: str, seconds: float, services: Ports | None = None, state: EdgeState | None = None) -> Iterator[None]:
    """Hold the requests while the block runs, and let them go also when it fails."""
    hold(app, seconds, services, state)
    try:
        yield
    finally:
        release_hold(app, state)


def routes(switch: EdgeState) -> dict[str, dict[str, Any]]:
    """The routed services and their ports as the role of the edge wrote them.

    :raises StairwayError: when that role never ran for this app.
    """
    text = _read(switch.routes_file)
    if text is None:
        raise StairwayError(
            "This host does not know which ports the app serves on.",
            where=str(switch.routes_file),
            expected="a file that the role caddy or nginx writes",
            found="no such file",
            fix="ansible-playbook playbooks/stage1.yml",
        )
    services: dict[str, dict[str, Any]] = json.loads(text)
    return services


def order_of(switch: EdgeState, services: Ports, seconds: float, stamp: int) -> dict[str, Any]:
    """What the gate is told; ``stamp`` tells this hold from every other one since the machine started."""
    return {
        "state": str(switch.path),
        "link": str(switch.hold_file),
        "hold": f"{switch.hold_file}.{stamp}",
        "seconds": seconds,
        "services": {
            name: {
                "socket": str(switch.socket(name)),
                "blue": list(ports["blue"]),
                "green": list(ports["green"]),
            }
            for name, ports in services.items()
        },
    }


def start_argv(app: str, order: Mapping[str, Any], program: str) -> list[str]:
    """How systemd starts the gate. It has to say that it is ready, and however it ends its hold ends with it.

    Each gate has a unit of its own (``:`` stands in no name of an app): an older one may still carry a WebSocket.
    """
    stamp = str(order["hold"]).rpartition(".")[2]
    properties = (
        f"ExecStopPost=-/bin/rm -f {order['hold']} {order['hold']}.result",
        "LimitNOFILE=65536",
        "TimeoutStartSec=10",
        "TimeoutStopSec=30",
    )
    return [
        "systemd-run",
        "--quiet",
        "--collect",
        f"--unit=stairway-gate-{app}:{stamp}",
        f"--description=Stairway: requests of {app} wait here during a switch",
        "--service-type=notify",
        *(f"--property={one}" for one in properties),
        "--",
        *gate_argv(order, program),
    ]


def gate_argv(order: Mapping[str, Any], program: str) -> list[str]:
    """The gate itself, isolated from whatever the environment does to Python."""
    return [sys.executable or "/usr/bin/python3", "-I", program, json.dumps(order, separators=(",", ":"))]


def source() -> str:
    """The text of ``gate.py``; it may stand in the zip file that Ansible sends."""
    data = pkgutil.get_data(gate.__package__ or "", PROGRAM)
    if data is None:
        raise StairwayError("The gate's program is missing from the collection.", where=str(gate.__file__))
    return data.decode()


def services_of(names: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """``services`` for ``hold`` from the services of a release document."""
    return {one["name"]: dict(one["ports"]) for one in names if one["kind"] == "routed"}


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
