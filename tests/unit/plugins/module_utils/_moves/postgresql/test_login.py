"""Logging in, against the example of RFC 7677 and against servers that lie."""

from __future__ import annotations

import base64
import struct

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.login import Exchange
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login

# RFC 7677, section 3; PostgreSQL takes the user from elsewhere, so that its name is empty here and the proof another.
NONCE = "rOprNGfwEbeRWgbNEkqO"
SALT = "W22ZaJ0SNY7soEsUEjb6gQ=="
CHALLENGE = f"r={NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s={SALT},i=4096"


def request(kind, body=b""):
    return struct.pack("!i", kind) + body


@pytest.fixture
def exchange():
    found = Exchange(Login("user", "pencil", "db"), secure=False)
    found._nonce = NONCE
    return found


def test_scram(exchange):
    first = exchange.answer(request(10, b"SCRAM-SHA-256\0\0"))
    assert first.endswith(f"n,,n=,r={NONCE}".encode())
    assert not exchange.proven
    proof = exchange.answer(request(11, CHALLENGE.encode())).decode()
    assert proof.startswith(f"c=biws,r={NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=")
    signature = base64.b64encode(exchange._signature).decode()
    assert exchange.answer(request(12, f"v={signature}".encode())) is None
    assert exchange.proven


def test_a_server_that_does_not_know_the_password_is_not_believed(exchange):
    exchange.answer(request(10, b"SCRAM-SHA-256\0\0"))
    exchange.answer(request(11, CHALLENGE.encode()))
    with pytest.raises(StairwayError, match="does not know the password"):
        exchange.answer(request(12, b"v=AAAA"))


def test_a_nonce_that_is_not_ours_is_refused(exchange):
    with pytest.raises(StairwayError, match="someone else's"):
        exchange.answer(request(11, CHALLENGE.replace("rOpr", "xxxx").encode()))


def test_a_password_goes_over_tls_only():
    login = Login("user", "pencil", "db")
    assert Exchange(login, secure=True).answer(request(3)) == b"pencil\0"
    with pytest.raises(StairwayError, match="a way to log in"):
        Exchange(login, secure=False).answer(request(3))


def test_md5():
    # md5(md5("pencil" + "user") + salt), as libpq writes it
    assert Exchange(Login("user", "pencil", "db"), secure=False).answer(request(5, b"salt")).startswith(b"md5")
