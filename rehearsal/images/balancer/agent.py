"""A node of a load balancer: runs HAProxy as model.json says, checks targets, and writes what it finds."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import config  # type: ignore[import-not-found]
from checks import DRAINING, INITIAL, Health, Judge, ask  # type: ignore[import-not-found]

FOLDER = Path("/balancer")
MODEL, HEALTH = FOLDER / "model.json", FOLDER / "health.json"
CONFIG, MASTER = "/run/haproxy.cfg", "/run/master.sock"
PAUSE = 0.1
FEWEST_SLOTS = 16


class Target:
    """One slot's target, and the thread that checks it."""

    def __init__(self, spec: dict[str, Any], check: dict[str, Any]) -> None:
        self.spec, self.check = spec, check
        self.health: Health = INITIAL
        self.leaves_at: float | None = None
        self._gone = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def key(self) -> str:
        return f"{self.spec['id']}:{self.spec['port']}"

    def leave(self, seconds: float) -> None:
        self.health, self.leaves_at = DRAINING, time.monotonic() + seconds
        self._gone.set()

    def forget(self) -> None:
        self._gone.set()

    def _watch(self) -> None:
        judge = Judge(int(self.check["rise"]), int(self.check["fall"]))
        while not self._gone.is_set():
            found = judge.take(ask(self.spec["address"], int(self.spec["check_port"]), self.check))
            if not self._gone.is_set():
                self.health = found
            # a new target is looked at often until it has come up once
            pause = (
                min(2.0, float(self.check["interval"])) if found.state == "initial" else float(self.check["interval"])
            )
            self._gone.wait(pause)


@dataclass(frozen=True)
class Worker:
    """One process of HAProxy: the connections of each of its servers, and which address a server has there."""

    process: int  # 0 for the newest
    connections: Counter[str]
    addresses: dict[str, str]

    @classmethod
    def of(cls, process: int, statistics: str) -> Worker:
        rows = [one for one in csv.DictReader(statistics.lstrip("# \n").splitlines()) if one.get("svname")]
        named = [(f"{one['pxname']}/{one['svname']}", one) for one in rows]
        connections = Counter({name: int(one["scur"] or 0) for name, one in named})
        return cls(process, connections, {name: str(one.get("addr") or "") for name, one in named})

    def at(self, group: str, target: Target) -> list[str]:
        """The group's servers that lead to this target: slots change hands, and an old worker knows nothing of it."""
        address = f"{target.spec['address']}:{target.spec['port']}"
        return [name for name, one in self.addresses.items() if one == address and name.startswith(f"{group}/")]


class Node:
    """Keeps HAProxy as the model wants it, and says how targets are."""

    def __init__(self) -> None:
        self.model: dict[str, Any] = {"frontends": [], "groups": {}, "idle": 60, "keep_alive": 3600}
        self.slots: dict[str, list[Target | None]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._shape = ""
        self._read_at = 0
        self._told: dict[tuple[str, int], tuple[str, int, bool]] = {}
        self._written = ""
        self._looked_at = 0.0

    def run(self) -> None:
        while True:
            self._read()
            self._drain()
            self._tell()
            self._write()
            if self._process is not None and self._process.poll() is not None:
                sys.exit(f"haproxy ended with {self._process.returncode}")
            time.sleep(PAUSE)

    def _read(self) -> None:
        changed = MODEL.stat().st_mtime_ns
        if changed == self._read_at:
            return
        self._read_at = changed
        self.model = json.loads(MODEL.read_text())
        for name, group in self.model["groups"].items():
            self._place(name, group)
        for name in [name for name in self.slots if name not in self.model["groups"]]:
            for target in self.slots.pop(name):
                if target:
                    target.forget()
        shape = config.render(self.model, {name: [None] * len(held) for name, held in self.slots.items()})
        shape += json.dumps(self.model["stamps"])
        if shape != self._shape:
            self._shape = shape
            self._load()

    def _place(self, name: str, group: dict[str, Any]) -> None:
        held = self.slots.setdefault(name, [])
        wanted = {f"{one['id']}:{one['port']}": one for one in group["targets"]}
        for place, target in enumerate(held):
            if target is None:
                continue
            spec = wanted.get(target.key)
            if target.leaves_at is None and spec is None:
                target.leave(float(group["delay"]))
            elif spec is not None and (target.leaves_at or spec != target.spec or group["check"] != target.check):
                same = target.leaves_at is None and spec == target.spec
                target.forget()
                held[place] = new = Target(spec, group["check"])
                new.health = target.health if same else new.health
        there = {target.key for target in held if target}
        for key, spec in wanted.items():
            if key not in there:
                free = next((place for place, target in enumerate(held) if target is None), None)
                if free is None:
                    free = len(held)
                    held.append(None)
                held[free] = Target(spec, group["check"])
        while len(held) < FEWEST_SLOTS:
            held.append(None)

    def _load(self) -> None:
        text = config.render(self.model, {name: self._now(name) for name in self.slots})
        Path(CONFIG).write_text(text)
        checked = subprocess.run(["haproxy", "-c", "-q", "-f", CONFIG], check=False)
        if checked.returncode:
            print(text, flush=True)
            return
        if self._process is None:
            self._process = subprocess.Popen(["haproxy", "-W", "-S", MASTER, "-f", CONFIG])
        else:
            self._process.send_signal(signal.SIGUSR2)
        self._told.clear()
        self._looked_at = time.monotonic() + 1  # the old workers answer a moment longer

    def _now(self, name: str) -> list[dict[str, Any] | None]:
        held = self.slots[name]
        serving = self._serving(name)
        return [
            None
            if target is None
            else {"address": target.spec["address"], "port": target.spec["port"], "serves": place in serving}
            for place, target in enumerate(held)
        ]

    def _serving(self, name: str) -> set[int]:
        """Healthy ones; all that are registered where none is, as AWS "fails open"."""
        held = [(place, target) for place, target in enumerate(self.slots[name]) if target]
        well = {place for place, target in held if target.health.state == "healthy"}
        if well or any(target.health.state == "initial" for _place, target in held):
            return well
        return {place for place, target in held if target.health.state == "unhealthy"}

    def _tell(self) -> None:
        """HAProxy learns what changed since it was last told; after a reload, everything once more."""
        lines: list[str] = []
        told: dict[tuple[str, int], tuple[str, int, bool]] = {}
        for name in self.slots:
            for place, slot in enumerate(self._now(name)):
                if slot is None:
                    continue
                told[name, place] = now = (str(slot["address"]), int(slot["port"]), bool(slot["serves"]))
                if self._told.get((name, place)) != now:
                    server = f"{name}/s{place}"
                    if (self._told.get((name, place)) or ("", 0))[:2] != now[:2]:
                        lines.append(f"set server {server} addr {now[0]} port {now[1]}")
                    lines.append(f"set server {server} state {'ready' if now[2] else 'maint'}")
        heard = not lines or self._command(";".join(lines)) is not None
        if heard and time.monotonic() > self._looked_at:
            self._told = told

    def _drain(self) -> None:
        """Who leaves is gone when its time is over, or at once when nothing of it is under way."""
        leaving = [
            (name, place, target)
            for name, held in self.slots.items()
            for place, target in enumerate(held)
            if target and target.leaves_at is not None
        ]
        if not leaving:
            return
        workers = self._workers()
        for name, place, target in leaving:
            late = time.monotonic() >= (target.leaves_at or 0)
            told = self._told.get((name, place))
            held = [(worker, server) for worker in workers for server in worker.at(name, target)]
            busy = sum(worker.connections[server] for worker, server in held)
            if late or (workers and told and not told[2] and not busy):
                for worker, server in held:
                    self._end_sessions(worker.process, server)
                self.slots[name][place] = None
                self._told.pop((name, place), None)

    def _end_sessions(self, process: int, server: str) -> None:
        """A worker of before a reload shuts no server any more, but each of its sessions by name."""
        if not process:
            self._command(f"shutdown sessions server {server}")
            return
        backend, _, name = server.partition("/")
        for line in (self._command("show sess", process) or "").splitlines():
            if f" be={backend} srv={name} " in line:
                self._command(f"shutdown session {line.partition(':')[0]}", process)

    def _workers(self) -> list[Worker]:
        """The one that takes requests, and those that a reload left with the connections that they had."""
        old = (self._command("show proc", None) or "").partition("# old workers")[2].splitlines()
        processes = [int(line.split()[0]) for line in old if line[:1].isdigit()]
        found = [(number, self._command("show stat -1 4 -1", number)) for number in (0, *processes)]
        return [Worker.of(number, said) for number, said in found if said] if found[0][1] else []

    def _command(self, text: str, process: int | None = 0) -> str | None:
        """What the worker says to it: 0 is the newest, ``None`` is the master of all."""
        path, text = (config.SOCKET, text) if process == 0 else (MASTER, f"@!{process} {text}" if process else text)
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(path)
                line.sendall(text.encode() + b"\n")
                if process != 0:  # the master waits for more until there can be no more
                    line.shutdown(socket.SHUT_WR)
                with line.makefile("rb") as file:
                    return file.read().decode(errors="replace")
        except OSError:
            return None

    def _write(self) -> None:
        health = {
            name: {target.key: vars(target.health) for target in held if target} for name, held in self.slots.items()
        }
        text = json.dumps({"stamp": self.model.get("stamp"), "groups": health})
        if text != self._written and self._process is not None:
            part = HEALTH.with_suffix(".part")
            part.write_text(text)
            os.replace(part, HEALTH)
            self._written = text


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Node().run()


if __name__ == "__main__":
    main()
