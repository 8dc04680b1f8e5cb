"""Machines whose making was cut off."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.account.bodies import instances
from rehearsal.account.bodies.instances import Instances, Machine
from rehearsal.account.bodies.network import Vpc

ONE = Machine("i-1", "image", "vpc-1", "10.0.0.4", "ip-10-0-0-4")


class Docker:
    def __init__(self, status: str) -> None:
        self.status, self.did = status, []

    def call(self, *_given: Any) -> Any:
        return [{"Name": Vpc("vpc-1", "").network}]

    def inspect(self, _name: str) -> Any:
        return {"State": {"Status": self.status}} if self.status else None

    def create(self, *_given: Any) -> None:
        self.did.append("create")

    def put(self, *_given: Any) -> None:
        self.did.append("put")


@pytest.mark.parametrize(
    ("status", "steps"),
    [("", ["create", "put", "on"]), ("created", ["create", "put", "on"]), ("exited", ["on"]), ("running", ["on"])],
)
def test_a_machine_that_was_never_started_is_made_anew(
    status: str, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    docker: Any = Docker(status)
    account: Any = SimpleNamespace(docker=docker)
    monkeypatch.setattr(instances, "_move_as_at_aws", lambda: None)
    monkeypatch.setattr(instances, "_config", lambda *_given: {})
    monkeypatch.setattr(instances, "_handover", lambda _spec: b"")
    monkeypatch.setattr(instances.images, "ensure_for", lambda _image: None)
    monkeypatch.setattr(Instances, "_power_on", lambda *_given: docker.did.append("on"))
    Instances().make(account, "i-1", ONE)
    assert docker.did == steps
