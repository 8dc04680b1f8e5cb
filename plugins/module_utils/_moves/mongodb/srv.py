"""Which hosts a ``mongodb+srv://`` name stands for: SRV and TXT records, asked of the host's own name servers (RFC
1035, RFC 2782; https://www.mongodb.com/docs/manual/reference/connection-string/#srv-connection-format).
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

from ..._common.errors import StairwayError
from .uri import Address

RESOLVER, SECONDS, TRIES = Path("/etc/resolv.conf"), 3.0, 2
_TXT, _SRV, _IN, _NAME_UNKNOWN = 16, 33, 1, 3
_MOST_JUMPS = 32


def resolved(address: Address, servers: tuple[tuple[str, int], ...] = ()) -> Address:
    """The address with its hosts; one that has them already stays as it is.

    :raises StairwayError: when no name server knows them, or they are not of the same domain.
    """
    if not address.srv:
        return address
    asked = servers or name_servers()
    hosts = tuple(sorted(_host(data) for data in _records(f"_mongodb._tcp.{address.srv}", _SRV, asked)))
    if not hosts:
        raise _unknown(address.srv, "no SRV record")
    parent = address.srv.lower().split(".", 1)[-1]
    for name, _port in hosts:
        if not name.lower().endswith(f".{parent}"):
            raise _unknown(address.srv, f"{name}, which is not of {parent}")
    said = dict(parse_qsl("&".join(_text(data) for data in _records(address.srv, _TXT, asked))))
    return replace(address, hosts=hosts, source=address.source or said.get("authSource") or address.database or "admin")


def name_servers() -> tuple[tuple[str, int], ...]:
    """Those of this host."""
    lines = RESOLVER.read_text(encoding="utf-8").splitlines() if RESOLVER.exists() else []
    found = [line.split()[1] for line in lines if line.startswith("nameserver") and len(line.split()) > 1]
    return tuple((one, 53) for one in found) or (("127.0.0.1", 53),)


def _records(name: str, kind: int, servers: tuple[tuple[str, int], ...]) -> list[tuple[bytes, int, int]]:
    """Each as the whole message, and where its data begins and ends."""
    problem = "no name server"
    for server in servers * TRIES:
        try:
            return list(answers(asked(server, name, kind), kind))
        except (OSError, ValueError, IndexError, struct.error) as error:
            problem = f"{server[0]}: {error}"
    raise _unknown(name, problem)


def asked(server: tuple[str, int], name: str, kind: int) -> bytes:
    """A name server's answer, by TCP where it does not fit into one packet.

    :raises OSError: when none comes.
    """
    number = struct.unpack("!H", os.urandom(2))[0]
    labels = b"".join(bytes([len(one)]) + one for one in name.encode("idna").split(b"."))
    query = struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, _IN)
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as plain:
        plain.settimeout(SECONDS)
        plain.connect(server)
        plain.send(query)
        found = plain.recv(65_535)
        while found[:2] != query[:2]:
            found = plain.recv(65_535)
    if found[2] & 0x02:
        with socket.create_connection(server, SECONDS) as stream, stream.makefile("rb") as reader:
            stream.sendall(struct.pack("!H", len(query)) + query)
            (size,) = struct.unpack("!H", reader.read(2))
            found = reader.read(size)
    return found


def answers(message: bytes, kind: int) -> Iterator[tuple[bytes, int, int]]:
    """The records of that kind.

    :raises ValueError: when the server could not say.
    """
    flags, questions, count = struct.unpack_from("!3H", message, 2)
    if flags & 0x0F == _NAME_UNKNOWN:
        return
    if flags & 0x0F:
        raise ValueError(f"the name server failed ({flags & 0x0F})")
    at = 12
    for _number in range(questions):
        at = _name(message, at)[1] + 4
    for _number in range(count):
        at = _name(message, at)[1]
        found, _class, _ttl, size = struct.unpack_from("!2HIH", message, at)
        at += 10
        if found == kind:
            yield message, at, at + size
        at += size


def _name(message: bytes, at: int) -> tuple[str, int]:
    """A name, and what stands behind it; parts of it may stand elsewhere."""
    labels: list[str] = []
    end = 0
    for _jump in range(_MOST_JUMPS * 4):
        size = message[at]
        if size >= 0xC0:
            end = end or at + 2
            at = struct.unpack_from("!H", message, at)[0] & 0x3FFF
        elif size:
            labels.append(message[at + 1 : at + 1 + size].decode())
            at += 1 + size
        else:
            return ".".join(labels), end or at + 1
    raise ValueError("a name without an end")


def _host(record: tuple[bytes, int, int]) -> tuple[str, int]:
    message, at, _end = record
    (port,) = struct.unpack_from("!H", message, at + 4)
    return _name(message, at + 6)[0], port


def _text(record: tuple[bytes, int, int]) -> str:
    message, at, end = record
    parts = []
    while at < end:
        parts.append(message[at + 1 : at + 1 + message[at]])
        at += 1 + message[at]
    return b"".join(parts).decode()


def _unknown(name: str, found: str) -> StairwayError:
    return StairwayError(
        "The hosts of a MongoDB are not known on this machine.",
        where=f"mongodb+srv://{name}",
        found=found,
        expected="SRV records, as Atlas makes them",
        fix="see whether the cluster's name is right, and whether this host may ask its name server for SRV records",
    )
