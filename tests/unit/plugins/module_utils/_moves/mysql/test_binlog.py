"""How a stream of changes ends, and what it may not bring; what it brings is in tests/acceptance/moves."""

from __future__ import annotations

import re
import struct
import zlib

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
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
        self.server, self.id, self.where = server, number, "there"
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


def event(stream: Stream, kind: int, body: bytes = b"", flags: int = 0) -> str:
    """What it is taken for."""
    size = 19 + len(body) + 4
    whole = struct.pack("<IBIIIH", 0, kind, 1, size, 400, flags) + body
    found = stream._event(whole + struct.pack("<I", zlib.crc32(whole)))
    return found.kind if found else ""


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (20, "does not know"),  # rows of MySQL 5.1 before it was there
        (26, "the server lost changes"),
        (38, "a distributed transaction"),
        (39, "binlog_row_value_options = ''"),
        (40, "binlog_transaction_compression = OFF"),
        *((kind, "log_bin_compress = OFF") for kind in range(165, 172)),
        (172, "a part of a row"),
        (43, "does not know"),
        (173, "does not know"),
    ],
)
def test_what_may_have_rows_is_never_passed_over(sessions: Sessions, kind: int, said: str) -> None:
    stream = Stream(SERVER, Login("root", "", ""), Position(1, 4), 7)
    with pytest.raises(StairwayError) as caught:
        event(stream, kind)
    assert caught.value.found == f"event {kind}"
    assert said in str(caught.value)
    assert "-e abort=true" in str(caught.value)


HARMLESS = (3, 5, 9, 11, 13, 14, 17, 28, 29, 33, 34, 35, 36, 37, 41, 42, 160, 161, 163, 164)


@pytest.mark.parametrize(("kind", "flags"), [*((kind, 0) for kind in HARMLESS), (43, 0x80), (173, 0x80)])
def test_what_has_no_rows_is_passed_over(sessions: Sessions, kind: int, flags: int) -> None:
    """Among it what says of itself that whoever does not know it may."""
    assert event(Stream(SERVER, Login("root", "", ""), Position(1, 4), 7), kind, flags=flags) == "other"
