"""Fleets as a look at them would answer, made in a line."""

from __future__ import annotations

from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control.view import Member, Target, View
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.model import FAILED, SERVING, STARTING, Machine

OLD, NEW = "20261121T100000Z-1", "20261121T110000Z-2"


def said(instance: str, release: str | None, state: str, **more: object) -> Machine:
    return Machine(instance, state, "2026-11-21T11:00:00Z", release, more.pop("version", None), **more)  # type: ignore[arg-type]


def serving(name: str, release: str, *, zone: str = "a", protected: bool = False) -> Member:
    return Member(name, "InService", True, zone, protected, {"web": Target("healthy")}, said(name, release, SERVING))


def ill(name: str, release: str) -> Member:
    targets = {"web": Target("unhealthy", "Target.ResponseCodeMismatch 500")}
    return Member(name, "InService", targets=targets, machine=said(name, release, SERVING))


def starting(name: str, release: str | None) -> Member:
    return Member(name, "InService", targets={"web": Target("initial")}, machine=said(name, release, STARTING))


def silent(name: str) -> Member:
    return Member(name, "Pending", targets={"web": None})


def failed(name: str, release: str) -> Member:
    error = {"message": "api is not healthy after 20 s", "found": "HTTP 500", "log": ["the fault was built in"]}
    targets = {"web": Target("unhealthy")}
    return Member(name, "InService", targets=targets, machine=said(name, release, FAILED, error=error))


def view(*members: Member, desired: int = 2, gone: tuple[Member, ...] = ()) -> View:
    return View(desired, members, gone)
