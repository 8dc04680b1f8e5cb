"""MongoDB, spoken to directly: OP_MSG, https://github.com/mongodb/specifications/blob/master/source/message/OP_MSG.md."""

from __future__ import annotations

import contextlib
import itertools
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from ..._common.errors import StairwayError
from ..._stores import reach
from ..._stores.model import Server
from ..session import Session
from . import bson, scram
from .bson import Element, Raw

NAME = "stairway_move"
OP_MSG, _CHECKSUM = 2013, 1
MOST_BYTES = 48_000_000 + 16_384
# https://www.mongodb.com/docs/manual/reference/error-codes/
INTERNAL_ERROR, UNAUTHORIZED, NOT_LET_IN, NO_NAMESPACE, DUPLICATE = 1, 13, 18, 26, 11000
NOT_KNOWN = (59, 115, 238, 303)  # no such command, not supported, not implemented, no such API
_NOT_LET_IN = (18, 11, 31)


class MongoError(StairwayError):
    """What a server said no to; ``labels`` has what it says of such errors to drivers."""

    def __init__(self, message: str, *, code: int, where: str, labels: Sequence[str] = ()) -> None:
        super().__init__(f"MongoDB refused it: {message}", where=where, found=f"error {code}")
        self.code, self.labels = code, labels

    @property
    def unknown(self) -> bool:
        """Whether the server does not have that at all, or does not let us."""
        return self.code in (*NOT_KNOWN, UNAUTHORIZED)


@dataclass(frozen=True)
class End:
    """Where a server is, who logs in, and where that user was made; ``hosts`` where there are several."""

    server: Server
    user: str
    password: str = field(repr=False)
    source: str
    database: str
    hosts: tuple[tuple[str, int], ...] = ()


class Connection(Session):
    """One session with the primary. Not for two threads at once.

    :raises StairwayError: when the server cannot be reached, or does not let the user in.
    """

    SCARCE = "memory left"

    def __init__(self, end: End) -> None:
        self.end = end
        self.database = end.database
        self.open = False
        self._numbers = itertools.count(1)
        self.hello = self._find_primary()

    # --- who leads -------------------------------------------------------------------------------------------------

    def _find_primary(self) -> dict[str, Any]:
        """Log in at the host that takes writes; several are asked in turn, and each names its primary."""
        left = list(self.end.hosts) or [(self.end.server.host, self.end.server.port)]
        several, tried = len(left) > 1, set()
        problem: StairwayError | None = None
        while left:
            host = left.pop(0)
            if host in tried:
                continue
            tried.add(host)
            try:
                hello = self._connected(host)
            except StairwayError as error:
                problem = error
                continue
            if _leads(hello):
                self._log_in(hello)
                return hello
            self.close()
            named = str(hello.get("primary", ""))
            if several and ":" in named:
                left.insert(0, (named.rpartition(":")[0], int(named.rpartition(":")[2])))
        raise problem or StairwayError(
            f"The store {self.end.server.name} has no primary: nobody takes writes.",
            where=", ".join(f"{name}:{port}" for name, port in tried),
            expected="isWritablePrimary",
            found="only secondaries, or a replica set that is not initiated",
            fix="see rs.status(); name all hosts in the URL, or the primary's address",
        )

    def _connected(self, host: tuple[str, int]) -> dict[str, Any]:
        self._connect(replace(self.end.server, host=host[0], port=host[1]), f"{host[0]}:{host[1]}")
        self.socket.settimeout(reach.SECONDS)
        about = {
            "application": {"name": NAME},
            "driver": {"name": NAME, "version": "1"},
            "os": {"type": "Linux"},
        }
        asked = {"hello": 1, "client": about}
        if self.end.user:
            asked["saslSupportedMechs"] = f"{self.end.source}.{self.end.user}"
        found = self.call(asked, "admin")
        self.socket.settimeout(None)
        return found

    def _log_in(self, hello: Mapping[str, Any]) -> None:
        if not self.end.user:
            return
        offered = hello.get("saslSupportedMechs") or [scram.SHA256]
        mechanism = scram.SHA256 if scram.SHA256 in offered else scram.SHA1
        exchange = scram.Exchange(mechanism, self.end.user, self.end.password)
        try:
            found = self._sasl({"saslStart": 1, "mechanism": mechanism, "payload": exchange.first()})
            talk = found["conversationId"]
            found = self._sasl({"saslContinue": 1, "conversationId": talk, "payload": exchange.prove(found["payload"])})
            exchange.believe(found["payload"])
            while not found["done"]:
                found = self._sasl({"saslContinue": 1, "conversationId": talk, "payload": b""})
        except MongoError as error:
            self.close()
            self._not_let_in(error)
        except StairwayError:
            self.close()
            raise

    def _sasl(self, document: dict[str, Any]) -> dict[str, Any]:
        return self.call(document, self.end.source)

    def _not_let_in(self, error: MongoError) -> NoReturn:
        if error.code not in _NOT_LET_IN:
            raise error
        raise StairwayError(
            f"The store {self.server.name} does not let the user {self.end.user} in.",
            where=self.where,
            expected=f"a login by way of the database {self.end.source}",
            found=error.message,
            fix="see whether the password in your vault and the one on the server differ, and authSource in the URL",
        ) from error

    # --- commands --------------------------------------------------------------------------------------------------

    def call(self, command: Mapping[str, Any], database: str = "", **sequence: Sequence[bytes]) -> dict[str, Any]:
        """One command, and its answer. ``sequence`` names documents that go along as they are.

        :raises MongoError: when the server refuses it.
        """
        return bson.decode(self.ask(command, database, **sequence))

    def ask(self, command: Mapping[str, Any], database: str = "", **sequence: Sequence[bytes]) -> bytes:
        """The same, with the answer as it came."""
        self._put(message(next(self._numbers), {**command, "$db": database or self.database}, **sequence))
        answer = self._receive()
        self._granted(answer)
        return answer

    def _granted(self, answer: bytes) -> None:
        said = bson.fields(answer)
        if not said.get("ok") or not bson.value(said["ok"]):
            told = bson.decode(answer)
            reason, labels = str(told.get("errmsg", "no reason")), told.get("errorLabels") or ()
            raise MongoError(reason, code=int(told.get("code", 0)), where=self.where, labels=labels)

    def pipeline(self, commands: Sequence[Mapping[str, Any]], database: str = "") -> list[bytes]:
        """Many at once, and their answers in order.

        :raises MongoError: when one is refused; the answers behind it are read all the same.
        """
        where = {"$db": database or self.database}
        self._put(b"".join(message(next(self._numbers), {**one, **where}) for one in commands))
        answers = [self._receive() for _one in commands]
        for one in answers:
            self._granted(one)
        return answers

    def find(self, collection: str, wanted: Mapping[str, Any] | None = None, **options: Any) -> Iterator[list[bytes]]:
        """Documents, in the portions in which they come."""
        return self.read({"find": collection, "filter": wanted or {}, **options})

    def read(self, command: Mapping[str, Any], database: str = "") -> Iterator[list[bytes]]:
        """What a cursor has, in portions; it is closed when nobody reads on."""
        cursor, found = opened(self.ask(command, database))
        try:
            yield found
            while cursor.number:
                cursor, found = opened(self.ask(cursor.more(), cursor.database))
                yield found
        finally:
            if cursor.number and self.open:
                with contextlib.suppress(StairwayError):
                    self.call({"killCursors": cursor.collection, "cursors": [cursor.element]}, cursor.database)

    def write(self, command: Mapping[str, Any], *, allowed: tuple[int, ...] = (), **sequence: Sequence[bytes]) -> int:
        """A command that writes; how many it did. Errors of single documents in ``allowed`` are no errors.

        :raises MongoError: for any other.
        """
        found = self.call({**command, "ordered": False, "writeConcern": {"w": "majority"}}, "", **sequence)
        self.see_no_other(found, *allowed)
        return int(found.get("n", 0))

    def see_no_other(self, answer: Mapping[str, Any], *allowed: int) -> None:
        """:raises MongoError: when a write failed for another reason than those."""
        problems = [one for one in answer.get("writeErrors") or [] if one.get("code") not in allowed]
        if answer.get("writeConcernError"):
            problems.append(answer["writeConcernError"])
        if problems:
            raise MongoError(str(problems[0].get("errmsg")), code=int(problems[0].get("code", 0)), where=self.where)

    # --- the protocol ----------------------------------------------------------------------------------------------

    def _receive(self) -> bytes:
        try:
            size, _number, _to, operation = struct.unpack("<4i", self._exactly(16))
            if operation != OP_MSG or not 16 < size <= MOST_BYTES:
                raise ConnectionError("it speaks something else than MongoDB's protocol")
            return answered(self._exactly(size - 16))
        except ConnectionError as error:
            raise self._lost(error) from error


@dataclass(frozen=True)
class Cursor:
    """What is left at the server of an answer; ``number`` 0 for nothing."""

    number: int
    element: Element
    database: str
    collection: str
    position: bytes = b""

    def more(self, **options: Any) -> dict[str, Any]:
        return {"getMore": self.element, "collection": self.collection, **options}


def opened(answer: bytes) -> tuple[Cursor, list[bytes]]:
    """The cursor of an answer, and the documents that came with it. Pure."""
    parts = bson.fields(bson.fields(answer)["cursor"].data)
    database, _dot, collection = str(bson.value(parts["ns"])).partition(".")
    number = parts["id"]
    if number.kind != bson.LONG:
        number = Element(bson.LONG, struct.pack("<q", int(bson.value(number))))
    batch = parts.get("firstBatch") or parts["nextBatch"]
    token = parts.get("postBatchResumeToken")
    return (
        Cursor(bson.value(number), number, database, collection, token.data if token else b""),
        bson.documents(batch.data),
    )


def message(number: int, command: Mapping[str, Any], **sequence: Sequence[bytes]) -> bytes:
    """One OP_MSG. Pure."""
    parts = [b"\0\0\0\0\0", bson.encode(command)]
    for name, documents in sequence.items():
        body = name.encode() + b"\0" + b"".join(documents)
        parts += [b"\1", struct.pack("<i", len(body) + 4), body]
    whole = b"".join(parts)
    return struct.pack("<4i", len(whole) + 16, number, 0, OP_MSG) + whole


def answered(body: bytes) -> bytes:
    """The document of an OP_MSG without its header. Pure.

    :raises ConnectionError: when it is no such message.
    """
    (flags,) = struct.unpack_from("<I", body)
    end = len(body) - 4 if flags & _CHECKSUM else len(body)
    if body[4] or end - 5 < struct.unpack_from("<i", body, 5)[0]:
        raise ConnectionError("an answer in a form that nobody knows")
    return Raw(body[5 : 5 + struct.unpack_from("<i", body, 5)[0]])


def _leads(hello: Mapping[str, Any]) -> bool:
    return bool(hello.get("isWritablePrimary", hello.get("ismaster", False)))
