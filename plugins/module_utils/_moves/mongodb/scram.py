"""How a server is shown that we know a password: SCRAM-SHA-256 and SCRAM-SHA-1 (RFC 5802, RFC 7677), as MongoDB speaks
it: https://github.com/mongodb/specifications/blob/master/source/auth/auth.md. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stringprep
import unicodedata

from ..._common.errors import StairwayError

SHA256, SHA1 = "SCRAM-SHA-256", "SCRAM-SHA-1"
_FEWEST_ROUNDS = 4096
_FORBIDDEN = (
    *(stringprep.in_table_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4),
    *(stringprep.in_table_c5, stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8),
    stringprep.in_table_c9,
)


class Exchange:
    """One login."""

    def __init__(self, mechanism: str, user: str, password: str, nonce: str = "") -> None:
        self.mechanism = mechanism
        self._hash = "sha256" if mechanism == SHA256 else "sha1"
        self._secret = prepared(password).encode() if mechanism == SHA256 else digest(user, password).encode()
        self._nonce = nonce or base64.b64encode(os.urandom(24)).decode()
        name = user.replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={name},r={self._nonce}"
        self._signature = b""

    def first(self) -> bytes:
        return f"n,,{self._bare}".encode()

    def prove(self, challenge: bytes) -> bytes:
        """The answer to what the server asks.

        :raises StairwayError: when that is not for us, or too weak.
        """
        text = challenge.decode(errors="replace")
        try:
            said = dict(part.split("=", 1) for part in text.split(","))
            nonce, salt, rounds = said["r"], base64.b64decode(said["s"]), int(said["i"])
        except (KeyError, ValueError):
            nonce, salt, rounds = "", b"", 0
        if not nonce.startswith(self._nonce) or rounds < _FEWEST_ROUNDS:
            raise StairwayError("The server answered someone else's login, or asks for a weak proof.")
        salted = hashlib.pbkdf2_hmac(self._hash, self._secret, salt, rounds)
        client = hmac.digest(salted, b"Client Key", self._hash)
        final = f"c=biws,r={nonce}"
        signed = f"{self._bare},{text},{final}".encode()
        signature = hmac.digest(hashlib.new(self._hash, client).digest(), signed, self._hash)
        proof = bytes(one ^ other for one, other in zip(client, signature, strict=True))
        self._signature = hmac.digest(hmac.digest(salted, b"Server Key", self._hash), signed, self._hash)
        return f"{final},p={base64.b64encode(proof).decode()}".encode()

    def believe(self, last: bytes) -> None:
        """:raises StairwayError: when the server does not know the password that it asked for."""
        expected = b"v=" + base64.b64encode(self._signature)
        if not self._signature or not hmac.compare_digest(last.split(b",")[0], expected):
            raise StairwayError("The server does not know the password that it asked for.")


def digest(user: str, password: str) -> str:
    """What SCRAM-SHA-1 takes for the password here."""
    return hashlib.md5(f"{user}:mongo:{password}".encode()).hexdigest()  # noqa: S324 the protocol's own


def prepared(text: str) -> str:
    """SASLprep (RFC 4013). What it forbids is left as it is: the server then says no by itself."""
    mapped = "".join(" " if stringprep.in_table_c12(one) else one for one in text if not stringprep.in_table_b1(one))
    found = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    return text if any(table(one) for one in found for table in _FORBIDDEN) else found
