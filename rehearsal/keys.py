"""Keys and certificates of this checkout's rehearsal: made once, kept in .cache, thrown away with it."""

from __future__ import annotations

import secrets
from pathlib import Path

from . import layout, state
from .run import check

_CA = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"]


def ensure() -> None:
    """Everything a host or a part is given before it starts exists when this returns."""
    with state.locked("keys"):
        state.STATE.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (state.SSH_KEY, state.HOST_KEY):
            if not path.exists():
                argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "stairway-rehearsal", "-f", str(path)]
                check(argv, what="Making an SSH key")
        if not state.REGISTRY_PASSWORD.exists():
            state.write(state.REGISTRY_PASSWORD, secrets.token_urlsafe(18) + "\n", mode=0o600)
        if not state.ACME_CERT.exists():
            _certificates()
        public = state.HOST_KEY.with_suffix(".pub").read_text().split()
        names = f"{layout.SUBNET.network_address.exploded.rsplit('.', 1)[0]}.*,*.{layout.DOMAIN}"
        _keep(state.KNOWN_HOSTS, f"{names} {public[0]} {public[1]}\n")
        _keep(state.RESOLV_CONF, f"search {layout.DOMAIN}\nnameserver {layout.DNS.address}\n")


def _keep(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        state.write(path, text)


def _certificates() -> None:
    # a client that goes by the letter of RFC 5280, as Python's from 3.13 on, wants the use of an authority's key named
    about = ["-subj", "/CN=Stairway rehearsal", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    request = ["openssl", "req", "-x509", *_CA, *about, "-keyout", str(state.OWN_CA_KEY), "-out", str(state.OWN_CA)]
    check(request, what="Making the rehearsal's own CA")
    name = layout.ACME.domain
    check(
        ["openssl", "req", "-x509", *_CA, "-subj", f"/CN={name}", "-CA", str(state.OWN_CA)]
        + ["-CAkey", str(state.OWN_CA_KEY), "-addext", f"subjectAltName=DNS:{name},DNS:localhost,IP:127.0.0.1"]
        + [
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
            str(state.ACME_KEY),
            "-out",
            str(state.ACME_CERT),
        ],
        what="Making the certificate of the ACME authority",
    )
    state.write(state.CA, state.OWN_CA.read_text())
