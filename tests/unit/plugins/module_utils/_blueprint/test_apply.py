"""How long the parts of an apply took, whatever the machine that runs it does meanwhile."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint import apply
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Plan, Step
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry

from .toys import KINDS, found

SECONDS = 0.05


@pytest.mark.parametrize(
    ("verb", "state", "took"), [("keep", "ready", False), ("keep", "pending", True), ("change", "ready", True)]
)
def test_what_had_nothing_to_do_took_no_time_however_late_its_thread_came(
    monkeypatch: pytest.MonkeyPatch, verb: Any, state: Any, took: bool
) -> None:
    monkeypatch.setattr(apply.Worker, "do", lambda *_given: time.sleep(SECONDS))
    hall = replace(found("room", "hall", "r-1", size=1), state=state)
    step = Step(verb, "room", "hall", "r-1", entry=Entry("room", "hall", {"size": 1}), found=hall)
    goal, plan = Goal("shop", "stage1", "here", (), {}), Plan("shop", "stage1", "here", (step,))
    (timed,) = apply.apply(None, goal, plan, KINDS).times
    assert (timed.ended - timed.began >= SECONDS) is took
    assert took or timed.ended == timed.began
