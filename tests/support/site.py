"""One host of the rehearsal with the chat app on it, and everything a test does to it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.ansible import ROOT, Played, Running, command
from tests.support.report import Report
from tests.support.websocket import Held

STATE = ROOT / ".cache" / "rehearsal"
PROOF = ROOT / ".cache" / "proof"
HOOKS = "http://10.213.0.6:8080"
REGISTRY = "registry.stairway.test:5000"
SSH_OPTIONS = [
    "-i",
    str(STATE / "id_ed25519"),
    "-o",
    f"UserKnownHostsFile={STATE / 'known_hosts'}",
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=5",
    "-o",
    "LogLevel=ERROR",
]
# Words that must be found nowhere but where they belong; see test_07.
MARKERS = {
    "vault_db_password": "mrk3r-db-pass",
    "vault_cache_password": "mrk3r-cache-pass",
    "vault_jwt_secret": "mrk3r-jwt-secret-0123456789abcdef",
}
HOOK_MARKER = "mrk3r-hook-path"


def rehearsal(*arguments: str, seconds: float = 900) -> str:
    """``python3 -m rehearsal ...``; what it printed.

    :raises subprocess.CalledProcessError: when it failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "rehearsal", *arguments],
        cwd=ROOT,
        check=True,
        timeout=seconds,
        text=True,
        stdout=subprocess.PIPE,
    )
    return done.stdout


def notices() -> list[str]:
    """Every notice that the webhook receiver holds, as text."""
    with urllib.request.urlopen(HOOKS + "/", timeout=5) as answer:
        return [json.dumps(one) for one in json.load(answer)]


def forget_notices() -> None:
    request = urllib.request.Request(HOOKS + "/", method="DELETE")
    urllib.request.urlopen(request, timeout=5).close()


@dataclass
class Background:
    """A load or a set of WebSockets that runs beside the test."""

    process: subprocess.Popen[str]
    out: Path

    def stop(self) -> None:
        """End it and wait for its report."""
        if self.process.poll() is None:
            self.process.terminate()
        said, _none = self.process.communicate(timeout=30)
        if self.process.returncode:
            raise RuntimeError(f"{self.process.args!r} ended with {self.process.returncode}: {said}")

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


@dataclass
class Site:
    """The app ``chat`` on one host. ``overrides`` go into ``app_overrides``, ``variables`` beside it."""

    name: str
    ip: str
    edge: str
    distribution: str = "debian13"
    app: str = "chat"
    overrides: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    _count: int = 0

    @property
    def domain(self) -> str:
        return f"chat-{self.name.removeprefix('accept-')}.stairway.test"

    @property
    def inventory(self) -> Path:
        return PROOF / "inventories" / self.name

    # --- the host ----------------------------------------------------------------------------------------------------

    def up(self, *, fresh: bool) -> None:
        arguments = ["host", "up", self.name, "--distribution", self.distribution, "--ip", self.ip]
        rehearsal(*arguments, "--alias", self.domain, *(["--fresh"] if fresh else []))

    def down(self) -> None:
        rehearsal("host", "down", self.name)

    def sh(self, script: str, *, check: bool = True, seconds: float = 60) -> str:
        """Run ``script`` by the host's shell as root; its standard output.

        :raises AssertionError: when it fails and ``check`` is set.
        """
        argv = ["ssh", *SSH_OPTIONS, f"root@{self.ip}", "--", script]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=seconds, check=False)
        if check and done.returncode:
            raise AssertionError(
                f"on {self.name}: {script!r} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    # --- playbooks ---------------------------------------------------------------------------------------------------

    def write_inventory(self, **changes: Any) -> None:
        """The overlay that makes ``inventories/chat`` this host; ``changes`` are merged over ``overrides`` once."""
        overrides = merged(self.base_overrides(), merged(self.overrides, changes))
        folder = self.inventory / "group_vars" / "all"
        folder.mkdir(parents=True, exist_ok=True)
        host = {
            "ansible_host": self.ip,
            "ansible_user": "root",
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_private_key_file": str(STATE / "id_ed25519"),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={STATE / 'known_hosts'}",
        }
        _json(self.inventory / "hosts.yml", {"all": {"children": {"app": {"hosts": {self.name: host}}}}})
        _json(folder / "overrides.yml", {"app_overrides": overrides})
        _json(folder / "host.yml", {**self.base_variables(), **self.variables})
        _json(folder / "secrets.yml", {**MARKERS, "vault_slack_webhook": f"{HOOKS}/{HOOK_MARKER}"})
        for path in folder.iterdir():
            path.chmod(0o600)

    def base_overrides(self) -> dict[str, Any]:
        return {
            "domains": [self.domain],
            "services": {"api": {"image": f"{REGISTRY}/chat-api"}},
            "edge": {
                "server": self.edge,
                "acme_directory": "https://acme.stairway.test:14000/dir",
                "acme_ca": "/usr/local/share/ca-certificates/stairway-rehearsal.crt",
                "rate_limit": None,
            },
            "release": {"watch_seconds": 2, "drain_seconds": 4, "proof": None},
        }

    def base_variables(self) -> dict[str, Any]:
        password = (STATE / "registry-password").read_text().strip()
        return {
            "app_version": "1",
            "docker_source": "distribution",
            "caddy_source": "distribution",
            "docker_registry_mirrors": ["http://mirror.stairway.test:5000"],
            "docker_insecure_registries": [REGISTRY],
            "docker_registries": [{"server": REGISTRY, "username": "stairway", "password": password}],
        }

    def start_play(self, playbook: str, *more: str, **variables: str) -> Running:
        if not (self.inventory / "hosts.yml").exists():
            self.write_inventory()
        inventories = [ROOT / "inventories" / self.app, self.inventory]
        return Running(command(playbook, inventories, self.name, variables, *more))

    def play(self, playbook: str, *more: str, seconds: float = 600, **variables: str) -> Played:
        """Run a playbook to its end; ``variables`` are given with ``-e``."""
        return self.start_play(playbook, *more, **variables).wait(seconds)

    def good(self, playbook: str, *more: str, **variables: str) -> Played:
        """As :meth:`play`, and it has to succeed."""
        played = self.start_play(playbook, *more, **variables).wait()
        assert played.rc == 0, played.tail()
        return played

    def stand_on(self, version: str) -> None:
        """Have ``version`` serve, whatever was before."""
        if self.version() != version:
            self.good("release.yml", version=version)
        assert self.version() == version

    # --- what stands there -------------------------------------------------------------------------------------------

    def record(self) -> dict[str, Any]:
        text = self.sh(f"cat /etc/stairway/{self.app}.json", check=False)
        found: dict[str, Any] = json.loads(text) if text.strip() else {}
        return found

    def releases(self) -> list[dict[str, Any]]:
        """Each release's own file, oldest first."""
        text = self.sh(f"for f in /var/lib/stairway/{self.app}/releases/*.json; do cat $f; printf '\\0'; done")
        return sorted((json.loads(one) for one in text.split("\0") if one.strip()), key=lambda one: one["number"])

    def containers(self, *, of_app: bool = True) -> dict[str, dict[str, str]]:
        """name -> id, state, image, release, colour, version of the app's containers (its stores left out)."""
        wanted = f"--filter label=stairway.app={self.app} --filter label=stairway.release" if of_app else ""
        labels = " ".join(f'{{{{.Label "stairway.{name}"}}}}' for name in ("release", "colour", "version"))
        form = shlex.quote(f"{{{{.Names}}}} {{{{.ID}}}} {{{{.State}}}} {{{{.Image}}}} {labels}")
        rows = self.sh(f"docker ps -a --no-trunc {wanted} --format {form}").splitlines()
        keys = ("id", "state", "image", "release", "colour", "version")
        return {row.split(" ")[0]: dict(zip(keys, row.split(" ")[1:], strict=False)) for row in rows}

    def fetch(self, path: str, **options: str) -> tuple[int, dict[str, str], bytes]:
        """GET over HTTPS as a user would: status, headers, body; status 0 when nothing answered."""
        done = subprocess.run(
            ["curl", "-sS", "-i", "--http1.1", "--max-time", "10", "--cacert", str(STATE / "ca.pem")]
            + ["--resolve", f"{self.domain}:443:{self.ip}", f"https://{self.domain}{path}"],
            capture_output=True,
            check=False,
        )
        head, _blank, body = done.stdout.partition(b"\r\n\r\n")
        if done.returncode or not head:
            return 0, {}, done.stderr
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _c, value in (line.partition(":") for line in lines)}
        return int(status.split(" ")[1]), headers, body

    def version(self) -> str:
        """The version that answers users now; empty when none does."""
        status, headers, _body = self.fetch("/health")
        return headers.get("x-app-version", "") if status == 200 else ""

    def wait_until_served(self, seconds: float) -> str:
        """The version that answers, as soon as one does."""
        until = time.monotonic() + seconds
        while not (version := self.version()):
            assert time.monotonic() < until, f"{self.domain} did not answer within {seconds:g} s"
            time.sleep(0.5)
        return version

    # --- traffic -----------------------------------------------------------------------------------------------------

    def start_load(
        self, seconds: float, *, rate: float = 200, mix: str | None = None, port: int = 443, verify: bool = True
    ) -> Background:
        self._count += 1
        run = f"{self.name}-{int(time.time())}-{self._count}"
        out = _folder("loads") / f"{run}.json"
        argv = [sys.executable, "-m", "tests.support.load", f"https://{self.domain}:{port}/", "--ip", self.ip]
        argv += ["--rate", str(rate), "--seconds", str(seconds), "--json", str(out), "--run", run]
        argv += ["--ca", str(STATE / "ca.pem")] if verify else ["--insecure"]
        return Background(_spawn([*argv, *(["--mix", mix] if mix else [])]), out)

    def start_sockets(self, seconds: float, count: int = 20) -> Background:
        self._count += 1
        out = _folder("loads") / f"{self.name}-{int(time.time())}-{self._count}-ws.json"
        argv = [sys.executable, "-m", "tests.support.websocket", f"wss://{self.domain}/ws", "--ip", self.ip]
        argv += ["--sockets", str(count), "--seconds", str(seconds), "--json", str(out), "--ca", str(STATE / "ca.pem")]
        return Background(_spawn(argv), out)

    @contextmanager
    def under_load(self, seconds: float = 900, *, rate: float = 200, mix: str | None = None) -> Iterator[Observed]:
        """Traffic for as long as the block lasts; afterwards ``observed.report`` has what it saw."""
        observed = Observed()
        load = self.start_load(seconds, rate=rate, mix=mix)
        try:
            time.sleep(1)
            yield observed
            time.sleep(1)
            load.stop()
        finally:
            load.kill()
        observed.report = Report.load(load.out)


class Observed:
    """What a load saw; there once its block has ended."""

    report: Report
    sockets: Held


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``above`` over ``below``, mappings key by key."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def _spawn(argv: list[str]) -> subprocess.Popen[str]:
    # Traffic comes from elsewhere in life: this machine's busy cores must not delay the one who measures.
    return subprocess.Popen(
        ["nice", "-n", "-10", *argv], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def _folder(name: str) -> Path:
    folder = PROOF / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n")  # JSON is YAML
