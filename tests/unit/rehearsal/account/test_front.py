"""The account's way in with TLS: nobody keeps anybody else out."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from rehearsal import keys, state
from rehearsal.account import certificates, front

NAMES = [f"{service}.ap-northeast-2.amazonaws.com" for service in ("ec2", "ec2", "ssm", "sts")]


def _fine(_environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    for name in ("OWN_CA", "OWN_CA_KEY", "ACME_CERT", "ACME_KEY", "CA"):
        monkeypatch.setattr(state, name, tmp_path / name)
    keys._certificates()
    server = front.way_in("127.0.0.1", 0, _fine, certificates.server_context(tmp_path / "front"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield "127.0.0.1", server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _ask(address: tuple[str, int], name: str) -> bytes:
    context = ssl.create_default_context(cafile=str(state.OWN_CA))
    with socket.create_connection(address, 20) as plain, context.wrap_socket(plain, server_hostname=name) as line:
        line.sendall(f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
        return b"".join(iter(lambda: line.recv(4096), b""))


def test_a_client_that_only_connects_keeps_nobody_out(address: tuple[str, int]) -> None:
    with socket.create_connection(address), socket.create_connection(address) as second:
        second.sendall(b"\x16\x03\x01")  # a handshake that stops in the middle
        with ThreadPoolExecutor(len(NAMES)) as pool:
            answers = list(pool.map(lambda name: _ask(address, name), NAMES))
    assert all(answer.endswith(b"ok") for answer in answers)


def test_a_client_that_does_not_speak_tls_is_let_go(
    address: tuple[str, int], capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(address, 20) as plain:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with suppress(ConnectionError):
            plain.makefile("rb").read()
    assert _ask(address, NAMES[0]).endswith(b"ok")
    assert "Traceback" not in capfd.readouterr().err


def test_a_client_that_says_nothing_is_let_go(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "HANDSHAKE_SECONDS", 0.05)
    with socket.create_connection(address, 20) as plain:
        assert plain.recv(1) == b""
