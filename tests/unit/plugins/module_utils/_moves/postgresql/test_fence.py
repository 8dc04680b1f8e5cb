"""How a fence becomes a lasting one; that it stands is shown in tests/acceptance/moves."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql import fence as fences
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.fence import Fence
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server


class Frozen:
    """It says nothing. Whoever gives it no time waits for ever."""

    def __init__(self, *_end: Any) -> None:
        self.until: float | None = None

    def within(self, until: float) -> None:
        self.until = until

    def run(self, sql: str) -> None:
        assert self.until is not None, f"{sql} is waited for for ever"
        raise StairwayError("The store db did not answer in time.")


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(fences, "Connection", Frozen)
    server = Server("db", "postgresql", "10.0.0.1", 5432, False, "postgres:17", "/nowhere")
    return Fence(server, Login("stairway", "", "shop"))


def test_a_server_that_says_nothing_holds_no_switch(one: Any) -> None:
    begun = time.monotonic()
    with pytest.raises(StairwayError, match="did not answer in time"):
        one.for_good(["REVOKE INSERT ON t FROM shop"])
    assert one.connection.until > begun


def test_at_the_switch_a_busy_server_has_the_rest_of_the_fences_time(one: Any) -> None:
    ends: list[float] = []
    one.pulse.end = ends.append
    one.close_off([], 1234.5)
    with pytest.raises(StairwayError):
        one.for_good([])
    assert ends == [1234.5]
