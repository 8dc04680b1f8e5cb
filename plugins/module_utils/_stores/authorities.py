"""The authorities that sign for managed stores, as PEM and as the key store that every JVM reads."""

from __future__ import annotations

import hashlib
import os
import ssl
import struct
import tempfile
import time
import urllib.request
from pathlib import Path

from .._common import atomic, tls
from .._common.errors import StairwayError

PEM, JKS = "stores.pem", "stores.jks"
END = "-----END CERTIFICATE-----"
PASSWORD = "changeit"  # noqa: S105 part of the format: it says that nobody changed the file
SECONDS = 20


def bring(folder: Path, *, url: str, content: str | None, max_age_seconds: float, check_mode: bool) -> bool:
    """Have both files in ``folder``; whether they had to be written.

    :raises StairwayError: when the bundle cannot be had and there is none yet, or it is none.
    """
    pem, jks = folder / PEM, folder / JKS
    there = pem.read_text(encoding="utf-8") if pem.is_file() and jks.is_file() else None
    if content is None and there is not None and time.time() - pem.stat().st_mtime < max_age_seconds:
        return False
    try:
        text = content if content is not None else fetched(url)
        certificates = _certificates(text, url if content is None else "the content given")
    except StairwayError:
        if there is None:
            raise
        return False  # an old bundle still opens every store of today; the next run asks again
    if text == there:
        if not check_mode:
            os.utime(pem)
        return False
    if not check_mode:
        _both(folder, text, certificates)
    return True


def install(folder: Path, url: str) -> None:
    """Have both files in ``folder`` where they are not there yet.

    :raises StairwayError: when the bundle cannot be had, or is none.
    """
    if not (folder / PEM).is_file():
        text = fetched(url)
        _both(folder, text, _certificates(text, url))


def _both(folder: Path, text: str, certificates: list[bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    _write(folder / JKS, key_store(certificates))
    atomic.write(folder / PEM, text, mode=0o644)


def key_store(certificates: list[bytes], made: int = 0) -> bytes:
    """Certificates (DER) as a Java key store, version 2: the format of sun.security.provider.JavaKeyStore. ``made`` is
    in milliseconds since 1970.
    """
    data = struct.pack(">III", 0xFEEDFEED, 2, len(certificates))
    for number, certificate in enumerate(certificates):
        data += struct.pack(">I", 2) + _text(f"stairway-{number}") + struct.pack(">Q", made)
        data += _text("X.509") + struct.pack(">I", len(certificate)) + certificate
    seal = PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + data
    return data + hashlib.sha1(seal).digest()  # noqa: S324 the format's own checksum


def _text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def fetched(url: str) -> str:
    """:raises StairwayError: when it cannot be had."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS, context=tls.context()) as answer:  # noqa: S310 the inventory's own
            return str(answer.read().decode())
    except (OSError, ValueError) as error:
        raise StairwayError(
            "The authorities of the stores cannot be had.",
            where=url,
            found=str(error),
            fix="let the host reach that address, or give the file: -e stores_ca_file=global-bundle.pem",
        ) from error


def _certificates(text: str, where: str) -> list[bytes]:
    parts = [f"{one}{END}\n" for one in text.split(END)[:-1]]
    try:
        found = [ssl.PEM_cert_to_DER_cert(one[one.index("-----BEGIN") :]) for one in parts]
        ssl.create_default_context().load_verify_locations(cadata=text)
    except (ValueError, ssl.SSLError) as error:
        found = []
        reason = str(error)
    else:
        reason = "no certificate in it"
    if not found:
        raise StairwayError(
            "This is no bundle of authorities.", where=where, expected="certificates as PEM", found=reason
        )
    return found


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(data)
    os.replace(name, path)
