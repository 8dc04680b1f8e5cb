"""Parts and hosts that a run which was cut off, or Docker itself, has left in whatever state."""

from __future__ import annotations

from contextlib import nullcontext
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from rehearsal import hosts, parts, state
from rehearsal.docker import Machine
from rehearsal.layout import ACME, DNS, Host
from rehearsal.run import Finished


class Engine:
    """Docker as far as one container is concerned; ``did`` is what was asked of it that changes something."""

    def __init__(self, status: str) -> None:
        self.status, self.root = status, "root 1\n"
        self.has = ["image", "secrets"]
        self.did: list[str] = []

    def run(self, argv: list[str], **_given: Any) -> Finished:
        if argv[1] == "container":
            words = [self.status, *self.has] if "{{.Image}}" in argv[3] else [self.status]
            return Finished(0, " ".join(words) if self.status else "", "")
        if argv[1:3] == ["image", "inspect"]:
            return Finished(0, "image", "")
        if argv[1] == "exec":
            return Finished(0, self.root, "")
        self.did.append(argv[1])
        self.status = {"rm": "", "create": "created", "start": "running"}.get(argv[1], self.status)
        return Finished(0, "", "")

    def check(self, argv: list[str], **given: Any) -> str:
        return self.run(argv, **given).stdout


@pytest.fixture
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    found = Engine(getattr(request, "param", "running"))
    for module in (parts, hosts):
        monkeypatch.setattr(module, "run", found.run)
        monkeypatch.setattr(module, "check", found.check)
    monkeypatch.setattr(parts, "_wait", lambda _part: found.did.append("waits"))
    monkeypatch.setattr(parts, "_secrets", lambda _part: "secrets")
    monkeypatch.setattr(parts, "_FILES", {})
    monkeypatch.setattr(state, "locked", nullcontext)
    for name in ("ISSUERS", "CA", "OWN_CA"):
        monkeypatch.setattr(state, name, tmp_path / name)
    state.OWN_CA.write_text("own\n")
    return found


def test_a_root_that_is_new_since_docker_started_it_again_is_trusted(engine: Engine) -> None:
    assert not parts.up(ACME)
    engine.root = "root 2\n"
    assert not parts.up(ACME), "nothing had to be done to the part"
    assert sorted(state.CA.read_text().splitlines()) == ["own", "root 1", "root 2"]
    assert len(list(state.ISSUERS.iterdir())) == 2
    assert engine.did == ["waits", "waits"]


@pytest.mark.parametrize(
    ("engine", "steps"),
    [
        ("running", ["waits"]),
        ("exited", ["start", "waits"]),
        ("", ["create", "cp", "start", "waits"]),
        ("created", ["rm", "create", "cp", "start", "waits"]),
    ],
    indirect=["engine"],
)
def test_a_part_that_was_never_started_is_made_anew(engine: Engine, steps: list[str]) -> None:
    assert parts.up(DNS) is ("start" in steps)
    assert engine.did == steps


@pytest.mark.parametrize(
    ("engine", "steps"),
    [
        ("running", []),
        ("exited", ["start"]),
        ("", ["rm", "create", "cp", "start"]),
        ("created", ["rm", "create", "cp", "start"]),
    ],
    indirect=["engine"],
)
def test_a_host_that_was_never_started_is_made_anew(
    engine: Engine, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((hosts.keys, "ensure"), (hosts.build, "ensure"), (hosts.network, "ensure")):
        monkeypatch.setattr(module, name, lambda *_given: None)
    monkeypatch.setattr(parts, "up", lambda _part: False)
    monkeypatch.setattr(hosts.engine, "machine", lambda _tag: Machine("privileged", 2))
    monkeypatch.setattr(hosts, "_answers", lambda _host: engine.status == "running")
    monkeypatch.setattr(hosts, "_handover", lambda: b"")
    assert hosts.up(Host("one", "debian13", IPv4Address("10.213.0.200"))) is bool(steps)
    assert engine.did == steps
