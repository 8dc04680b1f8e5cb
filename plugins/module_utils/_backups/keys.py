"""The keys of a host's backups.

A host needs public keys only to make backups. To prove by itself that they can be restored it has a pair of its own,
made here and never carried away: what it encrypts, it encrypts to the app's recipients and to itself. Without drills
there is no such pair, and the host cannot read what it has written.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .._common import atomic
from .._common.errors import StairwayError
from .._common.run import check, run
from .make import Closed
from .model import Settings
from .places import Host
from .seal import SUFFIX, closing, opening

DRILL_KEY = "drill.key"
_GPG_NAME = "stairway drill"


@dataclass(frozen=True)
class Ring:
    """What closes, and what opens."""

    closed: Closed
    identity: str | None
    home: str

    def opening(self, sealed: str) -> list[list[str]]:
        """:raises StairwayError: when there is no key to open it with."""
        return opening(sealed, self.identity, self.home)


@contextlib.contextmanager
def ring(host: Host, settings: Settings, identity: str | None = None) -> Iterator[Ring]:
    """The keys as the programs want them. ``identity`` is a private key that was given for this run alone: it stands in
    memory for as long as the block lasts.

    :raises StairwayError: when a key is none.
    """
    folder = host.secrets
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        if settings.seal.kind == "gpg":
            yield _gpg(host, settings, identity)
        else:
            own = _own_age(host) if settings.seal.kind == "age" and settings.drill is not None else None
            given = _given(folder, identity) if identity else own
            public = _public(own) if own else None
            kind = settings.seal.kind
            yield Ring(
                Closed(closing(settings.seal, public, ""), kind, SUFFIX[kind]), str(given) if given else None, ""
            )
    finally:
        for home in folder.glob("gnupg-*"):  # its agent holds the key, and would live on
            run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"])
        shutil.rmtree(folder, ignore_errors=True)


def _given(folder: Path, identity: str) -> Path:
    path = folder / "identity"
    atomic.write(path, identity.rstrip("\n") + "\n", mode=0o600)
    return path


def _own_age(host: Host) -> Path:
    path = host.keys / DRILL_KEY
    if not path.is_file():
        atomic.write(path, check(["age-keygen"], what="Making the key of the drill"), mode=0o600)
    return path


def _public(path: Path) -> str:
    found = re.search(r"public key: (age1\w+)", path.read_text(encoding="utf-8"))
    if found is None:
        raise StairwayError("The key of the drill is none.", where=str(path), fix=f"take {path} away, and run again")
    return found[1]


def _gpg(host: Host, settings: Settings, identity: str | None) -> Ring:
    """GPG has a home of its own, so that no key of root's is touched."""
    home = host.keys / "gnupg"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    atomic.write(home / "recipient.asc", settings.seal.gpg or "", mode=0o600)
    own: str | None = None
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--no-tty"]
    if settings.drill is not None:
        own = str(home / "drill.asc")
        if not os.path.exists(own):
            export = [*gpg, "--armor", "--export", _GPG_NAME]
            public = run(export).stdout  # of a run that was killed in between: GPG makes no second key of one name
            if not public.strip():
                make = [*gpg, "--passphrase", "", "--quick-generate-key", _GPG_NAME, "default", "default", "never"]
                check(make, what="Making the key of the drill")
                public = check(export, what="Writing its public half")
            atomic.write(Path(own), public)
    if identity:
        home = _gpg_given(host.secrets, identity)
    return Ring(Closed(closing(settings.seal, own, str(host.keys / "gnupg")), "gpg", SUFFIX["gpg"]), None, str(home))


def _gpg_given(folder: Path, identity: str) -> Path:
    home = Path(tempfile.mkdtemp(dir=folder, prefix="gnupg-"))
    words = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--no-tty", "--import"]
    check(words, what="Reading the private key that was given", stdin=identity)
    return home
