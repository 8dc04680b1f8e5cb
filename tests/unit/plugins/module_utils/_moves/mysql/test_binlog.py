"""How a stream of changes ends; what it brings is in tests/acceptance/moves."""

from __future__ import annotations

import re

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql import binlog
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.binlog import Position, Stream
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server

SERVER = Server("db", "mysql", "10.0.0.1", 3306, False, "mysql:8", "/nowhere")


class Sessions:
    """Those of a server, by number: whether they have our name."""

    def __init__(self) -> None:
        self.named: dict[int, bool] = {}
        self.killed: list[int] = []

    def connect(self, *_end: object) -> Session:
        return Session(self, len(self.named) + 1)


class Session:
    def __init__(self, server: Sessions, number: int) -> None:
        self.server, self.id = server, number
        server.named[number] = True

    def one(self, sql: str) -> str | None:
        asked = re.search(r"IS_USED_LOCK\('stairway_move (\d+)'\)", sql)
        if not asked:
            return "CRC32"
        return asked.group(1) if self.server.named.get(int(asked.group(1))) else None

    def run(self, sql: str) -> None:
        if sql.startswith("KILL"):
            self.server.killed.append(int(sql.split()[1]))

    def command(self, *_what: object) -> None:
        """Its stream begins."""

    def close(self) -> None:
        """From here only: the server does not know yet."""


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Sessions:
    made = Sessions()
    monkeypatch.setattr(binlog, "Connection", made.connect)
    return made


@pytest.mark.parametrize(("theirs", "killed"), [({}, [1]), ({1: False}, []), ({9: False}, [])])
def test_a_stream_ends_its_own_session_and_no_other(
    sessions: Sessions, theirs: dict[int, bool], killed: list[int]
) -> None:
    """A server that was started again has others with its numbers, or none."""
    stream = Stream(SERVER, Login("root", "", ""), Position(1, 4), 7)
    if theirs:
        sessions.named = theirs
    stream.close()
    assert sessions.killed == killed
