"""Where the rehearsal keeps things: what belongs to this checkout, and what any checkout may reuse."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "rehearsal" / "images"
STATE = ROOT / ".cache" / "rehearsal"

SSH_KEY = STATE / "id_ed25519"
HOST_KEY = STATE / "ssh_host_ed25519_key"
KNOWN_HOSTS = STATE / "known_hosts"
RESOLV_CONF = STATE / "resolv.conf"
CA = STATE / "ca.pem"  # every CA a client of the rehearsal has to trust: our own and what pebble issues with
OWN_CA = STATE / "own-ca.pem"
OWN_CA_KEY = STATE / "own-ca.key"
ACME_CERT = STATE / "acme.pem"
ACME_KEY = STATE / "acme.key"
ISSUERS = STATE / "issuers"  # every root that pebble had since the last `down`: it makes a new one at each start
REGISTRY_PASSWORD = STATE / "registry-password"
KNOWN = STATE / "known.json"


def shared_cache() -> Path:
    """What survives between checkouts: base systems and built programs. ``STAIRWAY_CACHE`` moves it."""
    chosen = os.environ.get("STAIRWAY_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(chosen) if chosen else Path(home) / "stairway"


def known() -> dict[str, Any]:
    """What trying once has taught about this machine (``privileged``, ``registry``)."""
    if not KNOWN.exists():
        return {}
    found: dict[str, Any] = json.loads(KNOWN.read_text())
    return found


def remember(**facts: object) -> None:
    """Add to ``known()``."""
    STATE.mkdir(parents=True, exist_ok=True)
    write(KNOWN, json.dumps({**known(), **facts}, indent=2, sort_keys=True) + "\n")


def write(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write a whole file at once, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one process of this machine at a time does ``name``; the others wait."""
    folder = shared_cache()
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.lock", "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
