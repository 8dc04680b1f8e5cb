"""Whom the machines of the account trust: what Debian trusts, and the rehearsal's own authorities."""

from __future__ import annotations

import functools

from .. import state
from ..run import check

_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_OWN = "usr/local/share/ca-certificates"


def files(image: str) -> dict[str, bytes]:
    """Path -> content, to be put into a body of ``image`` before it starts; no program has to run in it for that."""
    own = state.CA.read_bytes()
    name = "stairway-rehearsal"
    return {
        f"{_OWN}/{name}.crt": state.OWN_CA.read_bytes(),
        **{f"{_OWN}/{name}-{path.name}": path.read_bytes() for path in state.ISSUERS.glob("*.crt")},
        f"etc/ssl/certs/{name}.pem": state.OWN_CA.read_bytes(),
        f"etc/ssl/certs/{_hash()}.0": state.OWN_CA.read_bytes(),
        _BUNDLE: _bundle(image) + own,
    }


@functools.cache
def _bundle(image: str) -> bytes:
    argv = ["docker", "run", "--rm", "--network=none", "--entrypoint=cat", image, f"/{_BUNDLE}"]
    return check(argv, what=f"Reading whom {image} trusts").encode()


@functools.cache
def _hash() -> str:
    argv = ["openssl", "x509", "-hash", "-noout", "-in", str(state.OWN_CA)]
    return check(argv, what="Hashing the name of our CA").strip()
