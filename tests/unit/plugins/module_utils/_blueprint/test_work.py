"""Waiting until something is gone: what goes while it is looked at is gone soon, any other refusal is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint import work
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Plan, Step
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.tasks import Task

from .toys import ROOM, found

HALL = found("room", "hall", "r-1", size=1)


def _remove(monkeypatch: pytest.MonkeyPatch, error: AwsError) -> int:
    """Take the hall away. The first look finds it, the second breaks off, the third finds nothing: how many it took."""
    looks: list[Any] = []

    def describe(*_given: Any) -> Iterator[Any]:
        looks.append(1)
        if len(looks) == 2:
            raise error
        yield from [HALL] if len(looks) == 1 else []

    monkeypatch.setattr(work, "pause", lambda _seconds: None)
    kind = replace(ROOM, describe=describe, delete=lambda *_given: None)
    step = Step("delete", "room", "hall", "r-1", found=HALL)
    goal, plan = Goal("shop", "stage1", "here", (), {}), Plan("shop", "stage1", "here", (step,))
    worker = work.Worker(None, goal, plan, {"room": kind}, "token", lambda *_said: None)
    worker.do(Task("room/hall", "remove", step))
    return len(looks)


@pytest.mark.parametrize(
    ("code", "text"),
    [("NoSuchEntity", ""), ("ValidationError", "AutoScalingGroup name not found - AutoScalingGroup 'x' not found")],
    ids=["by its code", "in words"],
)
def test_what_goes_between_two_calls_of_one_look_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, code: str, text: str
) -> None:
    assert _remove(monkeypatch, AwsError("toy:ListDoors", code, text, region="here")) == 3


@pytest.mark.parametrize("code", ["AccessDenied", "ValidationError"])
def test_any_other_refusal_is_told(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    with pytest.raises(AwsError, match=code):
        _remove(monkeypatch, AwsError("toy:ListDoors", code, "no", region="here"))
