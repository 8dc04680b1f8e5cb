"""The stream of changes that a server sends to whoever may replicate: its binary log, event by event.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication.html and, for what only MariaDB has,
https://mariadb.com/kb/en/replication-protocol/
"""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from .rows import METADATA
from .wire import DUMP, Connection, SqlError, number

_HEAD = struct.Struct("<IBIIIH")
# Their numbers: Log_event_type of MySQL's binlog_event.h and MariaDB's log_event.h; from 160 on they are MariaDB's own.
_QUERY, _ROTATE, _FORMAT, _XID, _LOAD, _TABLE, _GTID_OF_MARIADB = 2, 4, 15, 16, 18, 19, 162
_ROWS = {23: ("insert", 1), 24: ("update", 1), 25: ("delete", 1)}
_ROWS.update({30: ("insert", 2), 31: ("update", 2), 32: ("delete", 2)})
# What has no rows: the ends of files, what a statement needs that comes after it (5, 13, 14; the file of a LOAD DATA in
# 9, 11, 17), the statement behind rows (28, 29, 160), where transactions stand (33 to 37, 42, 161, 163), heartbeats
# (41), and that the server keeps this file encrypted (164). Whatever else there is or will be may have rows.
_HARMLESS = {3, 5, 9, 11, 13, 14, 17, 28, 29, 33, 34, 35, 36, 37, 41, 42, 160, 161, 163, 164}
# What cannot be carried, and what to do so that no more of it comes.
_REFUSED = {
    26: ("a gap: the server lost changes on their way into its log", "see why in the server's own log"),
    38: ("a distributed transaction", "let nobody use XA until the move is over"),
    39: ("a part of a JSON value", "SET GLOBAL binlog_row_value_options = ''"),
    40: ("a packed transaction", "SET GLOBAL binlog_transaction_compression = OFF"),
    **{kind: ("packed changes", "SET GLOBAL log_bin_compress = OFF") for kind in range(165, 172)},
    172: ("a part of a row", "raise binlog_row_event_fragment_threshold, or let no row be as large"),
}
_NO_FOREIGN_KEYS, _STANDALONE, _MADE_UP, _IGNORABLE, _HEARTBEAT = 2, 1, 0x20, 0x80, 27
# How long the heads of the two are that tell of statements.
_STATEMENTS = {_QUERY: 13, _LOAD: 26}
_SEEN = {_TABLE, _XID, _GTID_OF_MARIADB, *_STATEMENTS}
_NO_LOG = 1236
HEARTBEAT_NANOSECONDS = 5_000_000_000


@dataclass(frozen=True, order=True)
class Position:
    """A place in the binary log, which is a file after the other."""

    number: int
    offset: int
    base: str = field(default="binlog", compare=False)

    @classmethod
    def of(cls, file: str, offset: int | str) -> Position:
        base, _point, digits = file.rpartition(".")
        return cls(int(digits or 0), int(offset), base)

    @classmethod
    def parse(cls, text: str) -> Position:
        file, _colon, offset = text.rpartition(":")
        return cls.of(file, offset)

    @property
    def file(self) -> str:
        return f"{self.base}.{self.number:06d}"

    def __str__(self) -> str:
        return f"{self.file}:{self.offset}"


@dataclass(frozen=True)
class TableMap:
    """What a table is like for the rows that follow."""

    database: str
    name: str
    types: bytes
    metadata: tuple[bytes, ...]


@dataclass(frozen=True)
class Event:
    """``kind`` is ``begin``, ``commit``, ``statement``, ``table``, ``insert``, ``update``, ``delete`` or ``other``;
    ``end`` is the place behind it.
    """

    kind: str
    end: Position
    table: TableMap | None = None
    data: bytes = b""
    text: str = ""
    foreign_keys: bool = True


def end_of(connection: Connection) -> Position:
    """Where the log of a server ends now."""
    version = connection.one("SELECT VERSION()") or ""
    asked = "SHOW MASTER STATUS" if "MariaDB" in version or version < "8.2" else "SHOW BINARY LOG STATUS"
    rows = connection.rows(asked)
    if not rows:
        raise StairwayError("The server writes no binary log.", where=connection.where)
    return Position.of(rows[0][0] or "", rows[0][1] or 0)


def still_has(connection: Connection, place: Position) -> bool:
    """Whether a server still keeps its log from there on."""
    return place.file in {row[0] for row in connection.rows("SHOW BINARY LOGS")}


class Stream:
    """What a server wrote into its log from ``start`` on, and writes."""

    def __init__(self, server: Server, admin: Login, start: Position, reader: int) -> None:
        self._end = (server, Login(admin.user, admin.password, ""))
        self.connection = Connection(*self._end)
        self.received = start
        self._tables: dict[int, TableMap] = {}
        self._checked = self.connection.one("SELECT @@GLOBAL.binlog_checksum") == "CRC32"
        self.connection.run(
            "SET @master_binlog_checksum = @@GLOBAL.binlog_checksum, @source_binlog_checksum = "
            f"@@GLOBAL.binlog_checksum, @mariadb_slave_capability = 4, @master_heartbeat_period = "
            f"{HEARTBEAT_NANOSECONDS}"
        )
        self.connection.command(DUMP, struct.pack("<IHI", start.offset, 0, reader) + start.file.encode())

    def events(self, seconds: float) -> Iterator[Event]:
        """What is there, and what comes within ``seconds`` where nothing is.

        :raises StairwayError: when the log is gone, or cannot be read.
        """
        first = True
        while self.connection.readable(seconds if first else 0.0):
            first = False
            event = self._event(self._sent()[1:])
            if event is not None:
                self.received = max(self.received, event.end)
                yield event

    def _sent(self) -> bytes:
        try:
            packet = self.connection.checked(self.connection.packet())
        except SqlError as error:
            if error.number != _NO_LOG:
                raise
            raise StairwayError(
                "The server cannot read its binary log from there on.",
                where=self.connection.where,
                found=error.message,
                expected=f"the log from {self.received} on",
                fix="if it was let go of: give the move up (-e abort=true) and begin it again; no more than a day "
                "may pass between two runs (binlog_expire_logs_seconds; on RDS binlog retention hours)",
            ) from None
        if packet[:1] == b"\xfe" and len(packet) < 9:
            raise StairwayError("The server ended its stream of changes.", where=self.connection.where)
        return packet

    def close(self) -> None:
        """The server would send on until it has something to send, and sees that nobody listens. One that was started
        again counts its sessions from 1: with our number it may have one of the app's, which has not our name.
        """
        self.connection.close()
        number = self.connection.id
        with contextlib.suppress(StairwayError), contextlib.closing(Connection(*self._end)) as other:
            if other.one(f"SELECT IS_USED_LOCK('stairway_move {number}')") == str(number):
                other.run(f"KILL {number}")

    def _event(self, raw: bytes) -> Event | None:
        _time, kind, _server, size, end, flags = _HEAD.unpack_from(raw)
        body = self._body(raw, kind, size)
        if kind == _ROTATE:
            (offset,) = struct.unpack_from("<Q", body)
            there = Position.of(body[8:].decode(), offset)
            self.received = max(self.received, there)
            return None
        if flags & _MADE_UP or kind in (_FORMAT, _HEARTBEAT):
            return None
        # MariaDB 11.7 and newer give no place to what stands inside of a transaction; that of its beginning will do
        place = Position(self.received.number, end, self.received.base) if end else self.received
        if kind in _ROWS:
            return self._rows(kind, body, place)
        if kind in _SEEN:
            return self._seen(kind, body, place)
        if kind not in _HARMLESS and not flags & _IGNORABLE:
            raise self._refused(kind, place)
        return Event("other", place)

    def _refused(self, kind: int, place: Position) -> StairwayError:
        what, fix = _REFUSED.get(kind, ("something that this version of Stairway does not know", "take a newer one"))
        return StairwayError(
            f"The binary log has what cannot be carried: {what}.",
            where=f"{self.connection.where}, {place}",
            found=f"event {kind}",
            fix=f"{fix}; then give the move up (-e abort=true) and begin it again; or -e move_how=dump",
        )

    def _body(self, raw: bytes, kind: int, size: int) -> bytes:
        if kind == _FORMAT:
            # the last but the checksum itself says which one there is
            self._checked = raw[size - 5] == 1
        if not self._checked:
            return raw[19:]
        (told,) = struct.unpack_from("<I", raw, len(raw) - 4)
        if zlib.crc32(raw[:-4]) != told:
            raise StairwayError(
                "The binary log came with a wrong checksum.",
                where=self.connection.where,
                fix="run the same command again; if it stays, the source's disk or the network changes bytes",
            )
        return raw[19:-4]

    def _rows(self, kind: int, body: bytes, place: Position) -> Event:
        word, version = _ROWS[kind]
        table = self._tables[int.from_bytes(body[:6], "little")]
        (flags,) = struct.unpack_from("<H", body, 6)
        at = 8 + (struct.unpack_from("<H", body, 8)[0] if version == 2 else 0)
        return Event(word, place, table, body[at:], foreign_keys=not flags & _NO_FOREIGN_KEYS)

    def _seen(self, kind: int, body: bytes, place: Position) -> Event:
        if kind == _TABLE:
            number_of, made = table_map(body)
            self._tables[number_of] = made
            return Event("table", place, made)
        if kind == _XID:
            return Event("commit", place)
        if kind == _GTID_OF_MARIADB:
            return Event("other" if body[12] & _STANDALONE else "begin", place)
        return _statement(body, _STATEMENTS[kind], place)


def _statement(body: bytes, head: int, place: Position) -> Event:
    size, status = body[8], struct.unpack_from("<H", body, 11)[0]
    at = head + status
    database = body[at : at + size].decode()
    text = body[at + size + 1 :].decode(errors="replace").strip()
    kind = {"BEGIN": "begin", "COMMIT": "commit"}.get(text.upper(), "statement")
    return Event(kind, place, TableMap(database, "", b"", ()), text=text)


def table_map(body: bytes) -> tuple[int, TableMap]:
    """The number that rows call it by, and what it is."""
    called = int.from_bytes(body[:6], "little")
    size = body[8]
    database = body[9 : 9 + size].decode()
    at = 10 + size
    size = body[at]
    name = body[at + 1 : at + 1 + size].decode()
    count, at = number(body, at + 2 + size)
    types = body[at : at + count]
    _length, at = number(body, at + count)
    metadata = []
    for kind in types:
        size = METADATA.get(kind, 0)
        metadata.append(body[at : at + size])
        at += size
    return called, TableMap(database, name, types, tuple(metadata))
