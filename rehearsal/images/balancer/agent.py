"""A node of a load balancer: runs HAProxy as model.json says, checks targets, and writes what it finds."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import config  # type: ignore[import-not-found]
from checks import DRAINING, INITIAL, Health, Judge, ask  # type: ignore[import-not-found]

FOLDER = Path("/balancer")
MODEL, HEALTH = FOLDER / "model.json", FOLDER / "health.json"
CONFIG = "/run/haproxy.cfg"
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


class Node:
    """Keeps HAProxy as the model wants it, and says how targets are."""

    def __init__(self) -> None:
        self.model: dict[str, Any] = {"frontends": [], "groups": {}, "idle": 60}
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
            self._process = subprocess.Popen(["haproxy", "-W", "-f", CONFIG])
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
        busy = self._connections()
        for name, place, target in leaving:
            late = time.monotonic() >= (target.leaves_at or 0)
            told = self._told.get((name, place))
            if late or (busy is not None and told and not told[2] and not busy.get((name, f"s{place}"))):
                self._command(f"shutdown sessions server {name}/s{place}")
                self.slots[name][place] = None
                self._told.pop((name, place), None)

    def _connections(self) -> dict[tuple[str, str], int] | None:
        said = self._command("show stat -1 4 -1")
        if said is None:
            return None
        rows = [line.split(",") for line in said.splitlines() if line and not line.startswith("#")]
        return {(row[0], row[1]): int(row[4] or 0) for row in rows if len(row) > 4}

    def _command(self, text: str) -> str | None:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(config.SOCKET)
                line.sendall(text.encode() + b"\n")
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
