"""Logins, by the examples of RFC 5802, RFC 7677 and MongoDB's own specification."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import scram

# https://github.com/mongodb/specifications/blob/master/source/auth/auth.md#scram-sha-256
SHA256 = (
    "rOprNGfwEbeRWgbNEkqO",
    b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
)
# https://github.com/mongodb/specifications/blob/master/source/auth/auth.md#scram-sha-1
SHA1 = (
    "fyko+d2lbbFgONRv9qkxdawL",
    b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
    b"r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,s=rQ9ZY3MntBeuP3E1TDVC4w==,i=10000",
    b"c=biws,r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,p=MC2T8BvbmWRckDw8oWl5IVghwCY=",
    b"v=UMWeI25JD1yNYZRMpZ4VHvhZ9e0=",
)


@pytest.mark.parametrize(("mechanism", "told"), [(scram.SHA256, SHA256), (scram.SHA1, SHA1)], ids=["256", "1"])
def test_the_examples(mechanism: str, told: tuple[str, bytes, bytes, bytes, bytes]) -> None:
    nonce, first, challenge, proof, last = told
    one = scram.Exchange(mechanism, "user", "pencil", nonce)
    assert one.first() == first
    assert one.prove(challenge) == proof
    one.believe(last)
    with pytest.raises(StairwayError, match="does not know the password"):
        one.believe(b"v=" + last[3:])


def test_a_server_that_proves_nothing() -> None:
    one = scram.Exchange(scram.SHA256, "user", "pencil", SHA256[0])
    with pytest.raises(StairwayError, match="does not know the password"):
        one.believe(b"v=")
    one.prove(SHA256[2])
    with pytest.raises(StairwayError, match="does not know the password"):
        one.believe(b"e=other-error")


@pytest.mark.parametrize(
    "challenge",
    [SHA256[2].replace(b"r=r", b"r=x"), SHA256[2].replace(b"4096", b"1"), b"", b"r,s=\xff"],
    ids=["nonce", "weak", "nothing", "nonsense"],
)
def test_a_wrong_challenge(challenge: bytes) -> None:
    with pytest.raises(StairwayError, match="someone else's login"):
        scram.Exchange(scram.SHA256, "user", "pencil", SHA256[0]).prove(challenge)


def test_a_name_with_signs() -> None:
    assert scram.Exchange(scram.SHA256, "a=b,c", "x", "n").first() == b"n,,n=a=3Db=2Cc,r=n"


@pytest.mark.parametrize(
    ("text", "told"),
    # RFC 4013, section 3; the last is forbidden there, and left to the server
    [
        *(("I\u00adX", "IX"), ("user", "user"), ("USER", "USER"), ("\u00aa", "a"), ("\u2168", "IX")),
        *(("a\u00a0b", "a b"), ("\u0007", "\u0007")),
    ],
)
def test_a_password_is_prepared(text: str, told: str) -> None:
    assert scram.prepared(text) == told
