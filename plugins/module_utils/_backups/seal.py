"""Compressing and encrypting a stream, and back: which programs, and with which words. Pure.

zstd checks its own content; age and GPG both refuse what was changed or cut off, and none of them needs the private key
to write. Their command lines hold public keys and paths only.
"""

from __future__ import annotations

from .._common.errors import StairwayError
from .model import Seal

LEVEL = "-3"
SUFFIX = {"age": ".age", "gpg": ".gpg", "none": ""}


def packages(seal: Seal) -> list[str]:
    """The Debian packages that this needs."""
    return ["zstd", *({"age": ["age"], "gpg": ["gpg", "gpg-agent"], "none": []}[seal.kind])]


def closing(seal: Seal, drill_key: str | None, home: str) -> list[list[str]]:
    """The programs that a dump goes through. ``drill_key`` is the host's own recipient, so that a drill can read what
    the host itself made; ``home`` is where GPG has its keys.
    """
    programs = [["zstd", "--quiet", LEVEL, "--check", "--stdout"]]
    if seal.kind == "age":
        to = [*seal.age, *([drill_key] if drill_key else [])]
        programs.append(["age", "--encrypt", *(part for one in to for part in ("--recipient", one))])
    if seal.kind == "gpg":
        words = ["--batch", "--quiet", "--no-tty", "--trust-model", "always", "--compress-algo", "none"]
        files = ["--recipient-file", f"{home}/recipient.asc"]
        files += ["--hidden-recipient-file", drill_key] if drill_key else []
        programs.append(["gpg", "--homedir", home, *words, *files, "--encrypt"])
    return programs


def opening(sealed: str, identity: str | None, home: str) -> list[list[str]]:
    """The way back. ``identity`` is a file with the private key of age; GPG has its own in ``home``.

    :raises StairwayError: when there is no key to open it with.
    """
    last = ["zstd", "--quiet", "--decompress", "--stdout"]
    if sealed == "none":
        return [last]
    if sealed == "gpg":
        return [["gpg", "--homedir", home, "--batch", "--quiet", "--no-tty", "--decrypt"], last]
    if identity is None:
        raise StairwayError(
            "This backup is encrypted, and no key is here that opens it.",
            expected="the private key of age whose public key stands in app.backups.encrypt",
            fix="-e backup_key_file=<the file with AGE-SECRET-KEY-1...>",
        )
    return [["age", "--decrypt", "--identity", identity], last]
