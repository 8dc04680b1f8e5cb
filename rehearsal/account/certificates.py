"""Certificates of the rehearsal's own CA, which its hosts and clients trust."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .. import state

DAYS = 395


def issue(names: list[str]) -> str:
    """PEM: the key, the certificate for these names (or addresses), and the CA's."""
    authority = x509.load_pem_x509_certificate(state.OWN_CA.read_bytes())
    signer = serialization.load_pem_private_key(state.OWN_CA_KEY.read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_name(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()),  # type: ignore[arg-type]
            critical=False,
        )
        .sign(signer, hashes.SHA256())  # type: ignore[arg-type]
    )
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return (secret + made.public_bytes(serialization.Encoding.PEM)).decode() + state.OWN_CA.read_text()


def server_context(folder: Path) -> ssl.SSLContext:
    """TLS that shows whoever asks a certificate for the name it asks for, made at the first time."""
    folder.mkdir(parents=True, exist_ok=True)
    known: dict[str, ssl.SSLContext] = {}
    lock = threading.Lock()  # clients come side by side

    def context(name: str) -> ssl.SSLContext:
        with lock:
            if name not in known:
                file = folder / f"{name.replace('*', '_')}.pem"
                state.write(file, issue([name]), mode=0o600)
                known[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                known[name].load_cert_chain(file)
            return known[name]

    def choose(line: ssl.SSLObject, name: str | None, _asked: ssl.SSLContext) -> None:
        line.context = context(name or "amazonaws.com")

    first = context("amazonaws.com")
    first.sni_callback = choose
    return first


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
