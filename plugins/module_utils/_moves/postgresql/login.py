"""How a server is shown that we know a password: SCRAM-SHA-256 (RFC 5802, 7677), and what older servers ask for.

Passwords are sent as they are over TLS only. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import struct

from ..._common.errors import StairwayError
from ..._stores.model import Login

_OK, _PLAIN, _MD5, _SASL, _CONTINUE, _FINAL = 0, 3, 5, 10, 11, 12


class Exchange:
    """One login. ``proven`` is false while a server that began SCRAM has not shown that it knows the password too."""

    def __init__(self, login: Login, *, secure: bool) -> None:
        self.login = login
        self.secure = secure
        self.proven = True
        self._nonce = base64.b64encode(os.urandom(18)).decode()
        self._signature = b""

    def answer(self, message: bytes) -> bytes | None:
        """What is sent back to an authentication request; None for nothing.

        :raises StairwayError: when the server asks for what we do not give, or does not know the password itself.
        """
        (kind,) = struct.unpack_from("!i", message)
        body = message[4:]
        if kind == _OK:
            return None
        if kind == _PLAIN and self.secure:
            return self.login.password.encode() + b"\0"
        if kind == _MD5:
            return self._md5(body)
        if kind == _SASL and b"SCRAM-SHA-256" in body.split(b"\0"):
            self.proven = False
            first = f"n,,n=,r={self._nonce}".encode()
            return b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first
        if kind == _CONTINUE:
            return self._prove(body.decode())
        if kind == _FINAL:
            self._believe(body.decode())
            return None
        raise StairwayError(
            "The server asks for a way to log in that Stairway does not give.",
            expected="scram-sha-256, or md5, or a password over TLS",
            found=f"request {kind}",
        )

    def _md5(self, salt: bytes) -> bytes:
        inner = hashlib.md5(  # noqa: S324 the server's way of keeping it
            (self.login.password + self.login.user).encode()
        ).hexdigest()
        return b"md5" + hashlib.md5(inner.encode() + salt).hexdigest().encode() + b"\0"  # noqa: S324

    def _prove(self, challenge: str) -> bytes:
        said = dict(part.split("=", 1) for part in challenge.split(","))
        if not said["r"].startswith(self._nonce):
            raise StairwayError("The server answered someone else's login.")
        salt, rounds = base64.b64decode(said["s"]), int(said["i"])
        salted = hashlib.pbkdf2_hmac("sha256", self.login.password.encode(), salt, rounds)
        client = hmac.digest(salted, b"Client Key", "sha256")
        bare = f"c=biws,r={said['r']}"
        signed = f"n=,r={self._nonce},{challenge},{bare}".encode()
        signature = hmac.digest(hashlib.sha256(client).digest(), signed, "sha256")
        proof = bytes(one ^ other for one, other in zip(client, signature, strict=True))
        self._signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
        return f"{bare},p={base64.b64encode(proof).decode()}".encode()

    def _believe(self, final: str) -> None:
        said = dict(part.split("=", 1) for part in final.split(","))
        if not hmac.compare_digest(base64.b64decode(said.get("v", "")), self._signature):
            raise StairwayError("The server does not know the password that it asked for.")
        self.proven = True
