"""An example app on its road through the stages, in the rehearsal's account, with users who do not know of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rehearsal.account import layout
from tests.support import chat
from tests.support.ansible import ROOT, Played, Running
from tests.support.bodies import KEEP, NAMES, client, resolve
from tests.support.report import Ledger, Report, audit, numbers
from tests.support.site import PROOF, STATE, Background, Observed, merged, rehearsal

RATE = 20.0  # requests a second: light, so that machines of two cores have time for what is tested
LONGEST_LEG = 1500.0


@dataclass(frozen=True)
class App:
    """What users of an example app do. ``written`` are the numbers of a run's writes that the app has, doubles kept;
    ``overrides`` are laid over its description, since all these users have one address.
    """

    name: str
    domain: str
    health: str
    mix: str
    field: str
    extra: Mapping[str, str] = field(default_factory=dict)
    written: Callable[[Road, str], list[int]] | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)


def _listed(road: Road, run: str) -> list[int]:
    """As the shop lists its orders to whoever asks."""
    texts: list[str] = []
    after: int | None = 0
    while after is not None:
        status, _headers, body = road.ask(f"/orders?prefix={run}-&after={after}")
        assert status == 200, body[:300]
        page = json.loads(body)
        texts += page["ids"]
        after = page.get("next")
    return numbers(texts, run)


CHAT = App(
    "chat",
    "chat.example.com",
    "/health",
    "GET /messages:7,POST /messages:1,GET /health:2",
    "text",
    written=lambda road, run: chat.stored(road.shell, run),
)
RESEE = App(
    "resee",
    "resee.example.com",
    "/api/health/",
    "GET /api/cards/:6,POST /api/cards/:1,GET /:2,GET /api/health/:1",
    "question",
    {"answer": "4"},
    overrides={"edge": {"rate_limit": None}},
)
SHOP = App(
    "shop",
    "shop.example.com",
    "/actuator/health",
    "GET /orders:7,POST /orders:1,GET /version:2",
    "id",
    {"item": "book"},
    written=_listed,
)


@dataclass(frozen=True)
class Leg:
    """One playbook and what users saw while it ran."""

    title: str
    played: Played
    report: Report

    @property
    def longest_hold(self) -> float:
        """Seconds that a user waited at most, failed requests counted too."""
        return max((row.latency for row in self.report.samples), default=0.0)

    def line(self) -> str:
        """For the log of a test."""
        summary = self.report.summary
        failed = f"{summary.failed} of {summary.sent} failed"
        return f"{self.title:28}{self.played.seconds:6.0f} s  {failed}, longest hold {self.longest_hold:.2f} s"


@dataclass
class Road:
    """One app's walk. ``overrides`` are laid over those of the rehearsal."""

    app: App
    overrides: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    legs: list[Leg] = field(default_factory=list)

    @property
    def inventory(self) -> Path:
        return PROOF / "inventories" / f"road-{self.app.name}"

    def write_inventory(self) -> None:
        """That of the rehearsal's account with ``overrides``; the secrets are the rehearsal's own."""
        source = ROOT / "inventories" / f"rehearsal_account_{self.app.name}"
        folder = self.inventory / "group_vars" / "all"
        folder.mkdir(parents=True, exist_ok=True)
        for path in source.glob("*.yml"):
            (self.inventory / path.name).write_text(path.read_text())
        for path in (source / "group_vars" / "all").glob("*.yml"):
            values = yaml.safe_load(path.read_text())
            if "app_overrides" in values:
                values["app_overrides"] = merged(values["app_overrides"], self.overrides)
            target = folder / path.name
            target.touch(mode=0o600)
            target.write_text(yaml.safe_dump(values, sort_keys=False))

    def images(self) -> None:
        """Both versions are in the rehearsal's registry and in ECR."""
        self.play("registry")
        rehearsal("app", self.app.name, "1", "2", "--ecr")

    def play(self, playbook: str, *more: str, seconds: float = LONGEST_LEG) -> Played:
        """:raises AssertionError: when it fails."""
        played = self.attempt(playbook, *more, seconds=seconds)
        assert played.rc == 0, played.tail(80)
        return played

    def attempt(self, playbook: str, *more: str, seconds: float = LONGEST_LEG) -> Played:
        """The playbook, whatever becomes of it."""
        return self.begin(playbook, *more).wait(seconds)

    def begin(self, playbook: str, *more: str) -> Running:
        """The playbook, on its way."""
        argv = ["nice", "-n", "10", str(ROOT / ".venv/bin/ansible-playbook"), f"playbooks/{playbook}.yml"]
        argv += ["-i", str(self.inventory)]
        for name, value in self.variables.items():
            argv += ["-e", json.dumps({name: value})]
        with _credentials():
            return Running([*argv, *more])

    def leg(self, title: str, playbook: str, *more: str) -> Leg:
        """A playbook under load; what users saw is kept, and told at the end."""
        with self.under_load() as seen:
            played = self.play(playbook, *more)
        made = Leg(title, played, seen.report)
        self.legs.append(made)
        print(made.line(), flush=True)
        return made

    @contextmanager
    def under_load(self, rate: float = RATE) -> Iterator[Observed]:
        """Users for as long as the block lasts, led by the account's name server."""
        observed = Observed()
        run = f"{self.app.name}-{len(self.legs)}-{int(time.time())}"
        out = PROOF / "loads" / f"{run}.json"
        out.parent.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "tests.support.load", f"https://{self.app.domain}/", "--dns", NAMES]
        argv += ["--rate", str(rate), "--seconds", str(LONGEST_LEG), "--json", str(out), "--run", run]
        argv += ["--mix", self.app.mix, "--field", self.app.field, "--extra", json.dumps(dict(self.app.extra))]
        argv += ["--timeout", "30", "--ca", str(STATE / "ca.pem")]
        load = Background(
            subprocess.Popen(
                ["nice", "-n", "-10", *argv], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            ),
            out,
        )
        try:
            time.sleep(2)
            yield observed
            time.sleep(2)
            load.stop()
        finally:
            load.kill()
        observed.report = Report.load(out)

    def ask(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """GET as a user would; status 0 when nothing answered."""
        done = subprocess.run(
            ["curl", "-sS", "-i", "--http1.1", "--max-time", "30", "--cacert", str(STATE / "ca.pem")]
            + [*self._resolved, f"https://{self.app.domain}{path}"],
            capture_output=True,
            check=False,
        )
        head, _blank, body = done.stdout.partition(b"\r\n\r\n")
        if done.returncode or not head:
            return 0, {}, done.stderr
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _c, value in (line.partition(":") for line in lines)}
        return int(status.split(" ")[1]), headers, body

    @property
    def _resolved(self) -> list[str]:
        found = resolve(self.app.domain)[:1]
        return ["--resolve", f"{self.app.domain}:443:{found[0]}"] if found else []

    def version(self) -> str:
        """The version that answers users now; empty when none does."""
        status, headers, _body = self.ask(self.app.health)
        return headers.get("x-app-version", "") if status == 200 else ""

    def ledger(self, report: Report) -> Ledger:
        """The load's writes against what the app has, for an app that can be asked."""
        assert self.app.written is not None
        return audit(report, self.app.written(self, report.run))

    def shell(self, script: str) -> str:
        """What root reads on one of the app's machines."""
        tags = [{"Name": "tag:stairway:app", "Values": [self.app.name]}]
        alive = {"Name": "instance-state-name", "Values": ["running"]}
        found = client("ec2").describe_instances(Filters=[*tags, alive])["Reservations"]
        machine = f"{layout.PREFIX}instance-{found[0]['Instances'][0]['InstanceId']}"
        argv = ["docker", "exec", machine, "sh", "-c", script]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120).stdout

    def told(self) -> str:
        """Every leg on a line."""
        return "\n".join(leg.line() for leg in self.legs)


def walking(app: App) -> Iterator[Road]:
    """A fixture's body: the app's road with both versions in their registries; its legs are told at the end. Then the
    account is empty again: what one app has made there, such as the zone of its names, is not the next one's.
    """
    road = Road(app, merged({}, dict(app.overrides)))
    road.write_inventory()
    road.images()
    yield road
    print("\n" + road.told())
    if not KEEP:
        rehearsal("account", "down")
        rehearsal("account", "up")


@contextmanager
def _credentials() -> Iterator[None]:
    """Playbooks find the account's credentials where a user's shell has them."""
    given = {**layout.CREDENTIALS, "AWS_EC2_METADATA_DISABLED": "true"}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
