"""MySQL and MariaDB, spoken to directly: sessions that can be watched, ended in time, and that stream changes.

The messages are those of https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html, version 4.1. What a
session says is UTF-8 and set to one way of writing each type, so that two servers write the same value as one text.
"""

from __future__ import annotations

import contextlib
import ssl
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ..._common.errors import StairwayError
from ..._stores import reach
from ..._stores.model import Login, Server
from ..session import Session
from . import login as logins

Row: TypeAlias = "tuple[str | None, ...]"
# Long password, found rows, long flag, database, 4.1, transactions, secure connection, several statements, several
# results, plugins: so that an UPDATE that changes nothing counts the row that it has found.
CAPABILITIES = 1 | 2 | 4 | 8 | 0x200 | 0x2000 | 0x8000 | 0x10000 | 0x20000 | 0x80000
TLS_CAPABILITY, MORE_RESULTS = 0x800, 8
UTF8MB4, QUERY, DUMP = 45, 3, 0x12
LARGEST = 0xFFFFFF
LARGE = 1_000_000  # statements that are shorter are sent without a look at what the server takes at once
TOO_LARGE = 1153  # the number of what a server says to a statement beyond its max_allowed_packet
SETTINGS = """SET NAMES utf8mb4; SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SET /*!80000 SESSION information_schema_stats_expiry = 0, */ SESSION time_zone = '+00:00', sql_quote_show_create = 1,
  sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION',
  foreign_key_checks = 0, wait_timeout = 86400, net_read_timeout = 3600, net_write_timeout = 3600,
  group_concat_max_len = 1048576, autocommit = 1"""
# No list of sessions has a name that they gave themselves: each of ours holds a lock that is named after it.
NAMED = "SELECT GET_LOCK(CONCAT('stairway_move ', CONNECTION_ID()), 0)"
OURS = """SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND (db = DATABASE() OR db IS NULL)
AND IS_USED_LOCK(CONCAT('stairway_move ', id)) = id"""

# A server whose disk is full lets whoever commits wait until there is room, and says so to those only who ask.
# https://dev.mysql.com/doc/refman/8.4/en/full-disk.html
WITHOUT_ROOM = """SELECT state FROM information_schema.processlist
WHERE state IN ('Waiting for someone to free space', 'Waiting for disk space')"""
ASKING_SECONDS = 5.0


class SqlError(StairwayError):
    """What a server said no to, by its number: https://mariadb.com/kb/en/mariadb-error-code-reference/"""

    def __init__(self, message: str, *, number: int, where: str, fix: str | None = None) -> None:
        super().__init__(message, where=where, found=f"error {number}", fix=fix)
        self.number = number


@dataclass
class Result:
    """What one statement gave; ``affected`` is how many rows it wrote, or found to be so already."""

    affected: int = 0
    columns: int = 0
    rows: list[tuple[bytes | None, ...]] = field(default_factory=list)


class Connection(Session):
    """One session. Not for two threads at once.

    :raises StairwayError: when the server cannot be reached, or does not let the user in.
    """

    begins_with = f"{SETTINGS}; {NAMED}"

    def __init__(self, server: Server, user: Login) -> None:
        super().__init__(server, f"{server.host}:{server.port}/{user.database}")
        self._login = user
        self.id = 0
        self._sequence = 0
        self._most: int | None = None
        self._opened(lambda: self._start(user))

    # --- for everyone ----------------------------------------------------------------------------------------------

    def rows(self, sql: str) -> list[Row]:
        """The rows of the last statement that gave any, as texts."""
        found = [one for one in self.run(sql) if one.columns]
        return [tuple(map(text, row)) for row in found[-1].rows] if found else []

    def one(self, sql: str) -> str | None:
        """The first value of the first row."""
        rows = self.rows(sql)
        return rows[0][0] if rows else None

    def run(self, sql: str) -> list[Result]:
        """Every statement of ``sql``, each on its own unless it says BEGIN.

        :raises SqlError: when the server refuses one; those after it are not done, and the session goes on.
        """
        return self.say(sql.encode(errors="surrogateescape"))

    def say(self, statements: bytes) -> list[Result]:
        """The same, of bytes that are UTF-8 but for values of other bytes."""
        if len(statements) > LARGE:
            self._require_room_for(len(statements))
        self.command(QUERY, statements)
        results = []
        more = True
        while more:
            result, more = self._result()
            results.append(result)
        return results

    def each(self, sql: str) -> Iterator[tuple[bytes | None, ...]]:
        """The rows of one statement as they come; all of them have to be taken."""
        self.command(QUERY, sql.encode(errors="surrogateescape"))
        for _number in range(self._columns()[1]):
            self.packet()
        self.packet()
        while not _is_end(packet := self.packet()):
            self.checked(packet)
            yield tuple(values(packet))

    def without_room(self) -> StairwayError | None:
        """What to say where the disk of this server is full and somebody waits for room. Who does must not be ended:
        what he has written of the binary log would stay there in part, and nobody could read the log any more.
        """
        state = self.one(WITHOUT_ROOM)
        if state is None:
            return None
        return StairwayError(
            f"The disk of the store {self.server.name} is full: its server waits for room.",
            where=self.where,
            found=state,
            fix="make room there, or take a larger disk; then run the same command again",
        )

    # --- packets ---------------------------------------------------------------------------------------------------

    def command(self, kind: int, body: bytes = b"") -> None:
        self._sequence = 0
        self._send(bytes([kind]) + body)

    def packet(self) -> bytes:
        """The next one that is for us.

        :raises StairwayError: when the connection is lost, or the time is over.
        """
        body = b""
        while True:
            head = self._exactly(4)
            size = head[0] | head[1] << 8 | head[2] << 16
            self._sequence = (head[3] + 1) & 255
            body += self._exactly(size)
            if size < LARGEST:
                return body

    def checked(self, packet: bytes) -> bytes:
        """:raises SqlError: when it is an error."""
        if packet[:1] == b"\xff":
            (number,) = struct.unpack_from("<H", packet, 1)
            said = packet[3:].decode(errors="replace")
            raise SqlError(said[6:] if said[:1] == "#" else said, number=number, where=self.where)
        return packet

    def _result(self) -> tuple[Result, bool]:
        packet, count = self._columns()
        if packet[:1] == b"\0":
            affected, at = number(packet, 1)
            _last, at = number(packet, at)
            return Result(affected), bool(packet[at] & MORE_RESULTS)
        result = Result(columns=count)
        for _number in range(count):
            self.packet()
        self.packet()
        while not _is_end(packet := self.packet()):
            self.checked(packet)
            result.rows.append(tuple(values(packet)))
        return result, bool(packet[3] & MORE_RESULTS)

    def _columns(self) -> tuple[bytes, int]:
        packet = self.checked(self.packet())
        return packet, number(packet, 0)[0]

    def _send(self, body: bytes) -> None:
        at = 0
        while True:
            part = body[at : at + LARGEST]
            self._put(struct.pack("<I", len(part) | self._sequence << 24) + part)
            self._sequence = (self._sequence + 1) & 255
            at += len(part)
            if len(part) < LARGEST:
                return

    def _require_room_for(self, size: int) -> None:
        """A server hangs up on whoever says more than it takes at once, mostly before he has read why."""
        if self._most is None:
            self._most = int(self.one("SELECT @@max_allowed_packet") or 0)
        if size >= self._most:
            message = f"{size} bytes at once are more than max_allowed_packet, {self._most}"
            raise SqlError(message, number=TOO_LARGE, where=self.where)

    def _look(self) -> None:
        problem = None
        with contextlib.suppress(StairwayError), contextlib.closing(type(self)(self.server, self._login)) as other:
            other.within(time.monotonic() + ASKING_SECONDS)
            problem = other.without_room()
        if problem is not None:
            self.close()
            raise problem

    # --- letting in ------------------------------------------------------------------------------------------------

    def _start(self, user: Login) -> None:
        greeting = self.checked(self.packet())
        at = greeting.index(b"\0", 1) + 1
        (self.id,) = struct.unpack_from("<I", greeting, at)
        salt = greeting[at + 4 : at + 12] + greeting[at + 31 :].split(b"\0")[0]
        offered = struct.unpack_from("<H", greeting, at + 13)[0] | struct.unpack_from("<H", greeting, at + 18)[0] << 16
        plugin = greeting[at + 31 + len(salt) - 8 :].strip(b"\0").decode() or logins.NATIVE
        capabilities = CAPABILITIES if user.database else CAPABILITIES & ~8
        # a container on this host: where MySQL wants a password hidden, its own certificate hides it
        hidden = not self.server.tls and self.server.engine == "mysql" and offered & TLS_CAPABILITY
        if self.server.tls or hidden:
            self._secure(capabilities, bool(offered & TLS_CAPABILITY))
            capabilities |= TLS_CAPABILITY
        if plugin not in (logins.NATIVE, logins.CACHING):
            plugin = logins.NATIVE
        proof = logins.answer(plugin, user.password, salt, secure=self.secure)
        body = struct.pack("<IIB23x", capabilities, LARGEST, UTF8MB4) + user.user.encode() + b"\0"
        body += bytes([len(proof)]) + proof
        if user.database:
            body += user.database.encode() + b"\0"
        self._send(body + plugin.encode() + b"\0")
        self._let_in(user, salt)
        self.run(self.begins_with)

    def _let_in(self, user: Login, salt: bytes) -> None:
        while (packet := self.checked(self.packet()))[:1] != b"\0":
            if packet[:1] == b"\xfe":
                plugin, _nothing, rest = packet[1:].partition(b"\0")
                salt = rest.rstrip(b"\0")
                self._send(logins.answer(plugin.decode(), user.password, salt, secure=self.secure))
            elif packet[:2] == b"\x01\x04":  # the server has forgotten us, and wants the password itself
                if not self.secure:
                    raise StairwayError("The server wants the password over TLS only.", where=self.where)
                self._send(user.password.encode() + b"\0")

    def _secure(self, capabilities: int, offered: bool) -> None:
        if not offered:
            raise StairwayError(
                f"The store {self.server.name} speaks no TLS.",
                where=self.where,
                fix="where TLS is not wanted, say managed: {encryption: at_rest} in the store",
            )
        self._send(struct.pack("<IIB23x", capabilities | TLS_CAPABILITY, LARGEST, UTF8MB4))
        if self.server.tls:
            context = reach.context(self.server.authorities)
        else:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            self.socket = context.wrap_socket(self.socket, server_hostname=self.server.host)
        except ssl.SSLError as error:
            raise StairwayError(
                f"The store {self.server.name} cannot prove who it is.",
                where=self.where,
                expected=f"a certificate for {self.server.host}, signed by an authority in {self.server.authorities}",
                found=str(error),
                fix="see that stores_ca_url is the bundle of your region",
            ) from error


def text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="surrogateescape")


def number(packet: bytes, at: int) -> tuple[int, int]:
    """A length-encoded number, and where it ends."""
    first = packet[at]
    if first < 251:
        return first, at + 1
    size = {252: 2, 253: 3, 254: 8}[first]
    return int.from_bytes(packet[at + 1 : at + 1 + size], "little"), at + 1 + size


def values(packet: bytes) -> Iterator[bytes | None]:
    """The columns of a row."""
    at, end = 0, len(packet)
    while at < end:
        if packet[at] == 251:
            at += 1
            yield None
        else:
            size, at = number(packet, at)
            yield packet[at : at + size]
            at += size


def _is_end(packet: bytes) -> bool:
    return packet[:1] == b"\xfe" and len(packet) < 9
