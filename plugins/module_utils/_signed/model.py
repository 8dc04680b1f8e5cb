"""A Debian package whose publisher signs the file itself, beside any repository. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from .._common.errors import StairwayError

ARMOUR = re.compile(r"-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(.*?)\r?\n-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL)
FINGERPRINT = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")


@dataclass(frozen=True)
class Signed:
    """What is wanted. ``{arch}`` in ``url`` stands for Debian's word for the machine; ``signature_url`` and ``key_url``
    have the detached signature and the key; ``fingerprint`` is that of the key alone that is believed.
    """

    name: str
    url: str
    signature_url: str
    key_url: str
    fingerprint: str

    def on(self, architecture: str) -> Signed:
        """For a machine of that architecture (``amd64``, ``arm64``)."""
        url, signature = (one.replace("{arch}", architecture) for one in (self.url, self.signature_url))
        return Signed(self.name, url, signature or f"{url}.sig", self.key_url, plain(self.fingerprint))


def plain(fingerprint: str) -> str:
    """A fingerprint as people write it, without blanks and in capital letters.

    :raises StairwayError: when it is none.
    """
    text = re.sub(r"[\s:]", "", fingerprint).upper()
    if not FINGERPRINT.fullmatch(text):
        raise StairwayError(
            "This is no fingerprint of a key.",
            expected="40 hexadecimal digits, such as 9376 16F3 450B 7D80 6CBD 9725 D581 6730 3B78 9C72",
            found=fingerprint or "nothing",
            where="fingerprint",
        )
    return text


def keyring(data: bytes) -> bytes:
    """A public key as ``gpgv`` reads it: without its armour.

    :raises StairwayError: when it is no key.
    """
    match = ARMOUR.search(data.decode("ascii", errors="replace"))
    if match is None:
        # a packet of OpenPGP has its highest bit set: https://www.rfc-editor.org/rfc/rfc9580#section-4.2
        if data[:1] >= b"\x80":
            return data
        raise _no_key(data)
    lines = match[1].splitlines()
    body = lines[lines.index("") + 1 :] if "" in lines else lines
    try:
        return base64.b64decode("".join(line for line in body if not line.startswith("=")), validate=True)
    except binascii.Error as error:
        raise _no_key(data) from error


def _no_key(data: bytes) -> StairwayError:
    return StairwayError(
        "This is no public key.",
        expected="-----BEGIN PGP PUBLIC KEY BLOCK-----, or the same without armour",
        found=data[:60].decode("ascii", errors="replace").strip() or "nothing",
    )


def signers(status: str) -> tuple[str, ...]:
    """The fingerprints of the primary keys whose signatures are good, in what ``gpgv --status-fd`` printed.

    Its last field: https://github.com/gpg/gnupg/blob/master/doc/DETAILS, VALIDSIG.
    """
    lines = [line.split() for line in status.splitlines() if line.startswith("[GNUPG:] VALIDSIG ")]
    return tuple(words[-1] for words in lines if len(words) >= 3)
