#!/usr/bin/python3
"""Managed by the role stairway.cloud.docker. Stop containers at shutdown, each with its own signal and patience.

With live-restore dockerd leaves them running when it stops, and systemd would then send every process a SIGTERM
and wait 90 s for those that have no handler for it. This runs after dockerd has stopped, so that nobody starts
them again and their restart policy brings them back at the next boot.
"""

from __future__ import annotations

import json
import os
import pathlib
import signal
import time

OPTIONS = pathlib.Path("/etc/docker/daemon.json")
DEFAULT_SECONDS = 10.0


def data_root() -> pathlib.Path:
    """Where dockerd, which does not run any more, keeps its containers."""
    try:
        options = json.loads(OPTIONS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        options = {}
    return pathlib.Path(options.get("data-root") or "/var/lib/docker")


def running() -> dict[int, tuple[int, float]]:
    """The process id of each container's first process to its stop signal and the seconds that it may take."""
    found = {}
    for file in data_root().glob("containers/*/config.v2.json"):
        container = json.loads(file.read_text(encoding="utf-8"))
        pid = container.get("State", {}).get("Pid", 0)
        if pid and alive(pid, container["ID"]):
            config = container.get("Config", {})
            seconds = config.get("StopTimeout")
            patience = DEFAULT_SECONDS if seconds is None or seconds < 0 else float(seconds)
            found[pid] = (number(config.get("StopSignal") or ""), patience)
    return found


def number(name: str) -> int:
    if name.isdigit():
        return int(name)
    found = getattr(signal, name if name.startswith("SIG") else f"SIG{name}", signal.SIGTERM)
    return int(found)


def alive(pid: int, container: str) -> bool:
    """Whether this process is still that container's, and not another one with a reused number."""
    try:
        return container in pathlib.Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
    except OSError:
        return False


def send(pid: int, what: int) -> bool:
    """Whether there was a process to send it to."""
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    waiting = running()
    begun = time.monotonic()
    for pid, (stop, _seconds) in waiting.items():
        send(pid, stop)
    while waiting:
        spent = time.monotonic() - begun
        late = [pid for pid, (_stop, seconds) in waiting.items() if spent > seconds]
        for pid in late:
            send(pid, signal.SIGKILL)
        waiting = {pid: plan for pid, plan in waiting.items() if pid not in late and send(pid, 0)}
        time.sleep(0.1)


if __name__ == "__main__":
    main()
