"""``mongodb+srv://``: asked of a name server on this machine, by both of its ways."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import srv, uri

NAME = "chat-db.abc12.mongodb.net"
URL = f"mongodb+srv://u:p@{NAME}/chatdb?retryWrites=true"


def name(text: str) -> bytes:
    return b"".join(bytes([len(one)]) + one.encode() for one in text.split(".")) + b"\0"


def hosts(*names: str, pointer: bool = False) -> bytes:
    """SRV records; a host's domain may be a pointer into the question."""
    found = b""
    for number, one in enumerate(names):
        first, _dot, _rest = one.partition(".")
        # the question is at 12: _mongodb (8), _tcp (4), chat-db (7), then abc12.mongodb.net
        where = (
            bytes([len(first)]) + first.encode() + struct.pack("!H", 0xC000 | 12 + 9 + 5 + 8) if pointer else name(one)
        )
        data = struct.pack("!3H", 0, 0, 27017 + number) + where
        found += struct.pack("!HHHIH", 0xC00C, 33, 1, 60, len(data)) + data
    return found


def text(*words: str) -> bytes:
    data = b"".join(bytes([len(one)]) + one.encode() for one in words)
    return struct.pack("!HHHIH", 0xC00C, 16, 1, 60, len(data)) + data


def same_port() -> tuple[socket.socket, socket.socket]:
    """A port that is free by UDP and by TCP: a number that one has may be in use by the other."""
    for _try in range(100):
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
            continue
        return udp, tcp
    raise AssertionError("there is no port that both may have")


class Names:
    """A name server: ``answers`` by type, as (how many, records, code). ``short`` sends the asker to TCP."""

    def __init__(self, answers: dict[int, tuple[int, bytes, int]], *, short: bool = False) -> None:
        self.answers, self.short = answers, short
        self.udp, self.tcp = same_port()
        self.address = ("127.0.0.1", int(self.udp.getsockname()[1]))
        threading.Thread(target=self._packets, daemon=True).start()
        threading.Thread(target=self._streams, daemon=True).start()

    def _answer(self, query: bytes, *, cut: bool) -> bytes:
        kind = struct.unpack("!H", query[-4:-2])[0]
        count, records, code = self.answers.get(kind, (0, b"", 0))
        flags = 0x8180 | code | (0x0200 if cut else 0)
        head = query[:2] + struct.pack("!5H", flags, 1, 0 if cut else count, 0, 0)
        return head + query[12:] + (b"" if cut else records)

    def _packets(self) -> None:
        while True:
            try:
                query, who = self.udp.recvfrom(4096)
            except OSError:
                return
            self.udp.sendto(b"\0\0someone else's", who)
            self.udp.sendto(self._answer(query, cut=self.short), who)

    def _streams(self) -> None:
        while True:
            try:
                client, _who = self.tcp.accept()
            except OSError:
                return
            with client:
                size = struct.unpack("!H", client.recv(2))[0]
                answer = self._answer(client.recv(size), cut=False)
                client.sendall(struct.pack("!H", len(answer)) + answer)

    def close(self) -> None:
        self.udp.close()
        self.tcp.close()


@pytest.fixture
def served() -> Iterator[Any]:
    made: list[Names] = []

    def serve(answers: dict[int, tuple[int, bytes, int]], **options: bool) -> tuple[tuple[str, int], ...]:
        made.append(Names(answers, **options))
        return (made[-1].address,)

    yield serve
    for one in made:
        one.close()


GOOD = {
    33: (2, hosts("shard-1.abc12.mongodb.net", "shard-0.abc12.mongodb.net"), 0),
    16: (1, text("authSource=admin&replicaSet=", "atlas-x-shard-0"), 0),
}


@pytest.mark.parametrize("short", [False, True], ids=["by a packet", "by a stream"])
def test_the_hosts_of_a_name(served: Any, short: bool) -> None:
    found = srv.resolved(uri.parsed(URL), served(GOOD, short=short))
    assert found.hosts == (("shard-0.abc12.mongodb.net", 27018), ("shard-1.abc12.mongodb.net", 27017))
    assert (found.source, found.tls, found.database) == ("admin", True, "chatdb")


def test_names_may_be_shortened(served: Any) -> None:
    answers = {33: (1, hosts("shard-7.x", pointer=True), 0)}
    found = srv.resolved(uri.parsed(URL), served(answers))
    assert found.hosts == (("shard-7.abc12.mongodb.net", 27017),)
    assert found.source == "chatdb", "no TXT record: as without srv"


def test_the_url_comes_first(served: Any) -> None:
    assert srv.resolved(uri.parsed(URL + "&authSource=other"), served(GOOD)).source == "other"


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({33: (0, b"", 3)}, "no SRV record"),
        ({}, "no SRV record"),
        ({33: (1, hosts("thief.example.com"), 0)}, "not of abc12.mongodb.net"),
        ({33: (1, hosts("x.notabc12.mongodb.net"), 0)}, "not of abc12.mongodb.net"),
        ({33: (0, b"", 2)}, "failed (2)"),
        ({33: (1, b"\xc0\x0c", 0)}, "127.0.0.1"),
    ],
    ids=["no such name", "nothing", "another domain", "a domain that ends alike", "a failure", "nonsense"],
)
def test_what_is_no_answer(served: Any, answers: Any, found: str) -> None:
    with pytest.raises(StairwayError, match="not known on this machine") as caught:
        srv.resolved(uri.parsed(URL), served(answers))
    assert found in str(caught.value.found)


def test_hosts_that_are_there_stay() -> None:
    one = uri.parsed("mongodb://u:p@h/d")
    assert srv.resolved(one) is one


def test_the_name_servers_of_a_host(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "resolv.conf"
    monkeypatch.setattr(srv, "RESOLVER", file)
    assert srv.name_servers() == (("127.0.0.1", 53),)
    file.write_text("# x\nsearch here\nnameserver 10.0.0.2\nnameserver fd00::2\n")
    assert srv.name_servers() == (("10.0.0.2", 53), ("fd00::2", 53))
