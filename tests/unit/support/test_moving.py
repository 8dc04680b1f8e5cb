"""When a move of the tests is begun once more, and when it never is."""

from __future__ import annotations

import contextlib
import time
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.support import moving
from tests.support.moving import PATIENT_SECONDS, Stalls, moved

LOST = "The connection to a store was lost."
ENDS: Any = (None, None, None, None)


def begins(monkeypatch: pytest.MonkeyPatch, message: str, stall: float) -> list[dict[str, Any]]:
    """The moves that are begun, with their options: the first fails, and this machine has stood still for so long."""
    begun: list[dict[str, Any]] = []

    def move(*_ends: Any, **options: Any) -> str:
        begun.append(options)
        if len(begun) == 1:
            raise StairwayError(message)
        return "moved"

    monkeypatch.setattr(moving, "_moved", move)
    monkeypatch.setattr(moving, "Stalls", lambda: contextlib.nullcontext(SimpleNamespace(longest=stall)))
    return begun


def test_a_fence_that_a_stall_has_ended_is_closed_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = begins(monkeypatch, LOST, 9.0)
    assert str(moved(*ENDS, fence_seconds=PATIENT_SECONDS, how="follow")) == "moved"
    assert begun == [{"fence_seconds": PATIENT_SECONDS, "how": "follow"}] * 2


@pytest.mark.parametrize(
    ("message", "stall", "fence"),
    [
        pytest.param(LOST, 1.0, PATIENT_SECONDS, id="nothing stood still"),
        pytest.param(LOST, 9.0, 5.0, id="a time is claimed"),
        pytest.param("The target did not catch up in time.", 9.0, PATIENT_SECONDS, id="something else"),
    ],
)
def test_nothing_else_is(monkeypatch: pytest.MonkeyPatch, message: str, stall: float, fence: float) -> None:
    begun = begins(monkeypatch, message, stall)
    with pytest.raises(StairwayError, match=message):
        moved(*ENDS, fence_seconds=fence)
    assert len(begun) == 1


def test_a_stall_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "LOOK_SECONDS", 0.3)
    with Stalls() as stalls:
        until = time.monotonic() + 60
        while not stalls.longest and time.monotonic() < until:
            time.sleep(0.05)
    assert stalls.longest >= 0.3
