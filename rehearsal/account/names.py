"""The name server of the account: names of bodies and of the AWS API here, everything else from the rehearsal's."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .. import layout as rehearsal
from . import layout

A, CNAME, SOA, TXT, AAAA, ANY = 1, 5, 6, 16, 28, 255
SECONDS_TO_LIVE = 5
OURS = ("amazonaws.com", f"{layout.REGION}.compute.internal")  # what the rehearsal's name server always asks us
UPSTREAM = (str(rehearsal.DNS.address), rehearsal.DNS.port)


@dataclass(frozen=True)
class Answer:
    """What a name stands for: addresses (A), another name (CNAME), texts (TXT). ``points_to`` is AWS's alias: the
    addresses of that other name, as if they were one's own. ``seconds`` is how long a client may believe it."""

    addresses: tuple[str, ...] = ()
    alias: str | None = None
    texts: tuple[str, ...] = ()
    points_to: str | None = None
    seconds: int = SECONDS_TO_LIVE

    def beside(self, other: Answer) -> Answer:
        """Both, for a name that has several records."""
        return Answer(
            tuple(dict.fromkeys((*self.addresses, *other.addresses))),
            self.alias or other.alias,
            (*self.texts, *other.texts),
            self.points_to or other.points_to,
            other.seconds if other.addresses or other.alias or other.points_to else self.seconds,
        )


class Book:
    """Every name that is ours. ``zones`` are ours as a whole: a name of theirs that is not here is nowhere.

    Only the rehearsal's own domain has names of others beside ours, whatever zone of Route 53 it is in.
    """

    def __init__(self) -> None:
        self.names: dict[str, Answer] = {}
        self.zones: tuple[str, ...] = ()

    def find(self, name: str) -> Answer | None:
        """``None`` when somebody else has to know; an empty answer when it is ours and there is none."""
        name = name.lower().rstrip(".")
        if name in self.names:
            return self.names[name]
        head, _, rest = name.partition(".")
        if head and f"*.{rest}" in self.names:
            return self.names[f"*.{rest}"]
        if is_api(name):
            return Answer((str(layout.FRONT),))
        # never passed on: the rehearsal's name server would ask us again, and nobody would answer anybody
        if any(_within(name, zone) for zone in OURS):
            return Answer()
        if _within(name, rehearsal.DOMAIN):
            known = (one for one in self.names if _within(one, rehearsal.DOMAIN))
            return Answer() if any(_within(name, one) for one in known) else None
        return Answer() if any(_within(name, zone) for zone in self.zones) else None


def _within(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def is_api(name: str) -> bool:
    """Names of AWS's endpoints. Those of balancers and stores are in the book, or nowhere."""
    if name == "truststore.pki.rds.amazonaws.com":
        return True
    bodies = (".elb.amazonaws.com", ".rds.amazonaws.com", ".cache.amazonaws.com", ".compute.amazonaws.com")
    return name.endswith(".amazonaws.com") and (name.count(".") < 4 or not name.endswith(bodies))


def answer(query: bytes, find: Callable[[str], Answer | None]) -> bytes | None:
    """The reply to one DNS message; ``None`` when it is to be passed on. Pure.

    :raises ValueError: when the message makes no sense.
    """
    name, kind, end = _question(query)
    found = find(name)
    if found is None:
        return None
    owner = name
    records: list[bytes] = []
    while found.alias and len(records) < 8:
        records.append(_record(owner, CNAME, _encoded(found.alias), found.seconds))
        owner = found.alias
        found = find(owner) or Answer()
    addresses = _pointed_at(found, find)
    if kind in (A, ANY):
        records += [_record(owner, A, socket.inet_aton(address), found.seconds) for address in addresses]
    if kind in (TXT, ANY):
        texts = [text.encode()[:255] for text in found.texts]
        records += [_record(owner, TXT, bytes([len(text)]) + text, found.seconds) for text in texts]
    nothing = not (addresses or found.texts or found.points_to or records)
    flags = 0x8580 | (3 if nothing else 0)
    return query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + query[12:end] + b"".join(records)


def _pointed_at(found: Answer, find: Callable[[str], Answer | None]) -> tuple[str, ...]:
    for _each in range(8):
        if not found.points_to or found.addresses:
            break
        found = find(found.points_to) or Answer()
    return found.addresses


def _question(query: bytes) -> tuple[str, int, int]:
    if len(query) < 17:
        raise ValueError("too short for a question")
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
        at += 1 + query[at]
    return ".".join(labels), struct.unpack(">H", query[at + 1 : at + 3])[0], at + 5


def _encoded(name: str) -> bytes:
    return b"".join(bytes([len(one)]) + one.encode() for one in name.rstrip(".").split(".")) + b"\0"


def _record(name: str, kind: int, value: bytes, seconds: int) -> bytes:
    return _encoded(name) + struct.pack(">HHIH", kind, 1, seconds, len(value)) + value


def serve(book: Book, address: tuple[str, int]) -> list[socketserver.BaseServer]:
    """Servers for UDP and TCP, already running."""

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            query, line = self.request
            line.sendto(_reply(book, query, _ask_udp), self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            size = struct.unpack(">H", self.rfile.read(2))[0]
            reply = _reply(book, self.rfile.read(size), _ask_tcp)
            self.wfile.write(struct.pack(">H", len(reply)) + reply)

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    servers: list[socketserver.BaseServer] = [
        socketserver.ThreadingUDPServer(address, Udp),
        socketserver.ThreadingTCPServer(address, Tcp),
    ]
    for one in servers:
        threading.Thread(target=one.serve_forever, name="names", daemon=True).start()
    return servers


def _reply(book: Book, query: bytes, ask: Callable[[bytes], bytes]) -> bytes:
    try:
        return answer(query, book.find) or ask(query)
    except (ValueError, IndexError, OSError, struct.error):
        return query[:2] + struct.pack(">HHHHH", 0x8182, 0, 0, 0, 0)  # SERVFAIL


def _ask_udp(query: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(5)
        line.sendto(query, UPSTREAM)
        return line.recv(65535)


def _ask_tcp(query: bytes) -> bytes:
    with socket.create_connection(UPSTREAM, timeout=5) as line:
        line.sendall(struct.pack(">H", len(query)) + query)
        with line.makefile("rb") as file:
            return file.read(struct.unpack(">H", file.read(2))[0])
