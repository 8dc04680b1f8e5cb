"""How a fence ends; that it stands is shown in tests/acceptance/moves."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql import fence as fences
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.fence import Fence
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server


class Frozen:
    """It answers what makes the fence, and nothing later. Whoever gives it no time waits for ever."""

    def __init__(self, *_end: Any) -> None:
        self.open = True
        self.until: float | None = None
        self.asked: list[tuple[str, float | None]] = []

    def within(self, until: float) -> None:
        self.until = until

    def run(self, sql: str) -> None:
        self.asked.append((sql, self.until))
        if not sql.startswith("SET "):
            self.open = False
            raise StairwayError("The store db did not answer in time.")

    def close(self) -> None:
        self.open = False


@pytest.fixture
def fence(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(fences, "Connection", Frozen)
    return Fence(Server("db", "mysql", "10.0.0.1", 3306, False, "mysql:8", "/nowhere"), Login("root", "", ""))


def test_a_server_that_says_nothing_keeps_nobody(fence: Any) -> None:
    begun = time.monotonic()
    fence.open()
    sql, until = fence.connection.asked[-1]
    assert sql == "UNLOCK TABLES"
    assert until is not None
    assert until > begun
    assert not fence.connection.open


def test_whether_it_stood_is_not_waited_for_either(fence: Any) -> None:
    begun = time.monotonic()
    with pytest.raises(StairwayError, match="did not answer in time"):
        fence.stood()
    assert fence.connection.until is not None
    assert fence.connection.until > begun


def test_at_the_switch_a_busy_server_has_the_rest_of_the_fences_time(fence: Any) -> None:
    ends: list[float] = []
    fence.pulse.start, fence.pulse.end = lambda: None, ends.append
    fence.close_off([], 1234.5)
    with pytest.raises(StairwayError):
        fence.stood()
    assert ends == [1234.5]
