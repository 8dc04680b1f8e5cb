"""Whom a move ends, and whom not; that sessions do end is shown in tests/acceptance/moves."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql import rights
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.wire import Connection, Result


class WithoutRoom(Connection):
    """A server with one session of an earlier run, 7, which waits for room as long as ``minutes`` says."""

    def __init__(self, minutes: int) -> None:
        self.where = "there"
        self.minutes = minutes
        self.ended: list[str] = []

    def without_room(self) -> StairwayError | None:
        return StairwayError("Its disk is full.") if self.minutes > 0 else None

    def rows(self, sql: str) -> list[tuple[str | None, ...]]:
        return [] if self.ended else [("7",)]

    def run(self, sql: str) -> list[Result]:
        self.ended.append(sql)
        return []


@pytest.fixture
def minute_by_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "ROOM_SECONDS", 0.01)
    monkeypatch.setattr(wait, "pause", lambda seconds: None)


@pytest.mark.usefixtures("minute_by_minute")
def test_nobody_is_ended_who_waits_for_room() -> None:
    """Half of what he writes would stay in the binary log."""
    server = WithoutRoom(minutes=1)
    with pytest.raises(StairwayError, match="disk is full"):
        rights.dismiss_earlier(server)
    with pytest.raises(StairwayError, match="disk is full"):
        rights.dismiss(server, ["shop"])
    assert server.ended == []


def test_when_there_is_room_again_an_earlier_run_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    server = WithoutRoom(minutes=2)

    def passes(seconds: float) -> None:
        server.minutes -= 1

    monkeypatch.setattr(wait, "pause", passes)
    rights.dismiss_earlier(server)
    assert server.ended == ["KILL 7"]
