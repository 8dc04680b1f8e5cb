"""HTTP digest authentication (RFC 7616), with which Atlas takes API keys. Pure.

https://www.mongodb.com/docs/atlas/api/api-authentication: a public key is the user, a private key the password, and a
nonce is good for a short time only.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_PAIR = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


@dataclass(frozen=True)
class Challenge:
    """What a server wants to be answered. ``counted`` is ``qop=auth``; a server that names none is answered as RFC 2069
    says, as Atlas's own examples show a challenge without.
    """

    realm: str
    nonce: str
    algorithm: str = "MD5"
    counted: bool = True
    opaque: str = ""
    stale: bool = False


def challenge(header: str) -> Challenge | None:
    """The challenge in a ``WWW-Authenticate`` header; None where it is none that can be answered."""
    scheme, _space, rest = header.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    said = {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(rest)}
    algorithm = said.get("algorithm", "MD5").upper()
    qops = [one.strip() for one in said.get("qop", "").split(",") if one.strip()]
    if "nonce" not in said or algorithm not in _HASHES or (qops and "auth" not in qops):
        return None
    return Challenge(
        realm=said.get("realm", ""),
        nonce=said["nonce"],
        algorithm=algorithm,
        counted=bool(qops),
        opaque=said.get("opaque", ""),
        stale=said.get("stale", "").lower() == "true",
    )


def answer(asked: Challenge, *, user: str, password: str, method: str, uri: str, count: int, mark: str) -> str:
    """The ``Authorization`` header for the ``count``-th request with this nonce; ``mark`` is a nonce of ours."""

    def hashed(text: str) -> str:
        return hashlib.new(_HASHES[asked.algorithm], text.encode(), usedforsecurity=False).hexdigest()

    number = f"{count:08x}"
    who = hashed(f"{user}:{asked.realm}:{password}")
    what = hashed(f"{method}:{uri}")
    middle = f"{number}:{mark}:auth:" if asked.counted else ""
    response = hashed(f"{who}:{asked.nonce}:{middle}{what}")
    parts = [
        f'username="{user}"',
        f'realm="{asked.realm}"',
        f'nonce="{asked.nonce}"',
        f'uri="{uri}"',
        f"algorithm={asked.algorithm}",
        *(("qop=auth", f"nc={number}", f'cnonce="{mark}"') if asked.counted else ()),
        f'response="{response}"',
    ]
    return "Digest " + ", ".join(parts + ([f'opaque="{asked.opaque}"'] if asked.opaque else []))
