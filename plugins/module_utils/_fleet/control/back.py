"""The way back: every machine serves the release that served before, whatever the rollout has left of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from ..._common.errors import StairwayError
from . import calls, order
from .lease import Lost
from .machines import CANCEL_SECONDS, Machines
from .note import Note
from .view import IN_SERVICE


def back(machines: Machines, release: str, kept: Note) -> None:
    """The document names ``release`` again already; machines that start from now on start it.

    :raises StairwayError: when machines do not come back to it.
    """
    _keep(machines, release)
    stop(machines)
    if kept.kind == order.ROLLING:
        with machines.resting(kept):
            _in_place(machines, release)
    _by_replacing(machines, release)


def _keep(machines: Machines, release: str) -> None:
    """Those that serve it stay: a cancelled refresh leaves one machine too many, and the group chooses which."""
    right = machines.look().serving(release)
    calls.protect(machines.aws, machines.group, [one.instance for one in right if not one.protected], on=True)


def stop(machines: Machines) -> None:
    """No refresh goes on.

    :raises StairwayError: when it does not end.
    """
    calls.cancel_refresh(machines.aws, machines.group)
    _patiently(machines, lambda: not _running(machines), CANCEL_SECONDS, "The instance refresh did not stop.")


def _running(machines: Machines) -> bool:
    return any(one["Status"] not in order.ENDED for one in calls.refreshes(machines.aws, machines.group))


def _in_place(machines: Machines, release: str) -> None:
    """As forward, but one that cannot is ended: the group starts another."""
    while True:
        with contextlib.suppress(StairwayError):  # the group's own check takes away who stays ill
            machines.readmit(machines.look(), release)
        view = machines.look()
        machines.tell(view, release)
        wrong = [one for one in order.astray(view, release) if one.lifecycle == IN_SERVICE]
        batch = sorted(wrong, key=lambda one: (one.well, one.zone, one.instance))[: machines.strategy.batch]
        if not batch:
            return
        try:
            machines.change(tuple(batch), release)
        except Lost:
            raise
        except StairwayError as error:
            machines.say(f"{', '.join(one.instance for one in batch)}: does not come back ({error.message})")
            calls.end(machines.aws, [one.instance for one in batch])


def _by_replacing(machines: Machines, release: str) -> None:
    started = False

    def step() -> bool:
        nonlocal started
        view = machines.look()
        machines.tell(view, release)
        running = _running(machines)
        todo = order.back(view, release, refreshing=running)
        calls.protect(machines.aws, machines.group, todo.protect, on=True)
        if todo.end:
            machines.say(f"{', '.join(todo.end)}: taken away")
            calls.end(machines.aws, todo.end)
        elif todo.replace and not started:
            # without alarms: one that fires because of the release that is taken back would stop this
            wanted = order.preferences(order.Strategy(batch=machines.strategy.batch, watch_seconds=0), view.desired)
            calls.start_refresh(machines.aws, machines.group, wanted)
            started = True
        return todo.done and not running

    size = machines.look().desired
    patience = machines.strategy.timeout_seconds * (1 + size / machines.strategy.batch)
    _patiently(machines, step, patience, f"Not every machine came back to {release}.")


def _patiently(machines: Machines, there: Callable[[], bool], seconds: float, message: str) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        if time.monotonic() > deadline:
            raise StairwayError(
                message,
                expected=f"it within {seconds:.0f} s",
                found="; ".join(
                    f"{one.instance}: {one.why_ill or one.lifecycle}, {one.release}" for one in machines.look().members
                ),
                where=machines.group,
                fix="see the group's activities and instance refreshes; then run rollback.yml: it goes on",
            )
        machines.rest()
