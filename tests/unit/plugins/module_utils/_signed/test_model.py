"""Fingerprints, keys and what gpgv says."""

from __future__ import annotations

import base64

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._signed.model import Signed, keyring, plain, signers

AMAZON = "937616F3450B7D806CBD9725D58167303B789C72"
PACKET = b"\x99\x01\x0d" + bytes(range(256)) * 2
# gpgv 2.2.40, with the two fingerprints of a subkey that signs and of its primary key
STATUS = f"""[GNUPG:] NEWSIG
[GNUPG:] KEY_CONSIDERED {AMAZON} 0
[GNUPG:] SIG_ID 2wPb 2026-11-21 1795219200
[GNUPG:] GOODSIG D58167303B789C72 Amazon CloudWatch Agent
[GNUPG:] VALIDSIG {"AB" * 20} 2026-11-21 1795219200 0 4 0 1 8 00 {AMAZON}
"""


def armoured(data: bytes, header: str = "Version: GnuPG v2\n\n") -> bytes:
    text = base64.encodebytes(data).decode()
    return f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n{header}{text}=njUN\n-----END PGP PUBLIC KEY BLOCK-----\n".encode()


@pytest.mark.parametrize("text", [AMAZON, "9376 16F3 450B 7D80 6CBD  9725 D581 6730 3B78 9C72", AMAZON.lower()])
def test_a_fingerprint_as_people_write_it(text: str) -> None:
    assert plain(text) == AMAZON


@pytest.mark.parametrize("text", ["", "3B789C72", AMAZON[:-1], "Z" + AMAZON[1:]])
def test_no_fingerprint(text: str) -> None:
    with pytest.raises(StairwayError, match="no fingerprint"):
        plain(text)


@pytest.mark.parametrize(
    "data",
    [PACKET, armoured(PACKET), armoured(PACKET, "\n"), armoured(PACKET).replace(b"\n", b"\r\n")],
    ids=["bare", "armoured", "without a header", "line ends of Windows"],
)
def test_a_key_without_its_armour(data: bytes) -> None:
    assert keyring(data) == PACKET


@pytest.mark.parametrize(
    "data", [b"", b"<html>404</html>", armoured(PACKET).replace(b"mQEN", b"m*EN")], ids=["nothing", "page", "damaged"]
)
def test_no_key(data: bytes) -> None:
    with pytest.raises(StairwayError, match="no public key"):
        keyring(data)


def test_the_primary_key_counts() -> None:
    assert signers(STATUS) == (AMAZON,)
    assert signers("[GNUPG:] BADSIG D58167303B789C72 Amazon") == ()


def test_the_architecture_is_put_into_the_addresses() -> None:
    given = Signed("agent", "https://a.test/{arch}/agent.deb", "", "https://a.test/key", AMAZON.lower())
    here = given.on("arm64")
    assert (here.url, here.signature_url) == ("https://a.test/arm64/agent.deb", "https://a.test/arm64/agent.deb.sig")
    assert here.fingerprint == AMAZON
