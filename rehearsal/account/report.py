"""What stands in the account after a walk: how to reach an example app, what runs, what to type next.

Standard library only; it asks the account's name server and reads what the account says of its bodies.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .. import state
from ..errors import RehearsalError
from . import layout

# What a person calls a body, by its kind.
_WORDS = {
    "network": "VPCs",
    "instances": "machines",
    "databases": "databases",
    "caches": "caches",
    "balancers": "load balancers, one node in each zone",
    "registry": "registries",
}
_SECONDS = 5


@dataclass(frozen=True)
class Site:
    """Where an example app is found: its name, and what to ask to see that it is well."""

    domain: str
    health: str
    stage: int


SITES = {
    "chat": Site("chat.example.com", "/health", 3),
    "resee": Site("resee.example.com", "/api/health/", 3),
    "shop": Site("shop.example.com", "/actuator/health", 3),
}


def text(app: str, begun: float | None = None) -> str:
    """The end of ``make rehearse STAGE=4``; ``begun`` is when it started, in seconds since 1970.

    :raises RehearsalError: when there is no such app, or the account does not stand.
    """
    site = SITES.get(app)
    if site is None:
        raise RehearsalError(f"There is no example app {app}.", fix=f"choose one of: {', '.join(SITES)}")
    if not layout.STATUS.exists():
        raise RehearsalError("No account runs.", fix="python3 -m rehearsal account up")
    took = "" if begun is None else f"\nIt took {minutes(time.time() - begun)}.\n"
    return standing(layout.STATUS) + reach(app, site, addresses(site.domain)) + took + after(app, site)


def standing(status: Path) -> str:
    """How many bodies of each kind there are, and what is wrong with those that are not well."""
    bodies = json.loads(status.read_text())
    counted = Counter(one["kind"] for one in bodies if one["phase"] == "standing")
    lines = [f"{counted[kind]:3}  {words}" for kind, words in _WORDS.items() if counted[kind]]
    ill = [f"     {one['kind']} {one['key']} {one['phase']}: {one['error']}" for one in bodies if one["error"]]
    return "".join(f"{line}\n" for line in [*lines, *ill])


def reach(app: str, site: Site, found: list[str]) -> str:
    """How to ask the app, by each address that its name has now. Pure."""
    if not found:
        return f"\n{site.domain} leads nowhere: {app} does not serve yet.\n"
    ca = state.CA.relative_to(state.ROOT)
    resolved = f"--resolve {site.domain}:443:{found[0]}"
    return f"""
https://{site.domain}/ is served at {" and ".join(found)}:
  curl --cacert {ca} {resolved} https://{site.domain}{site.health}
"""


def after(app: str, site: Site) -> str:
    """What to type next. Pure."""
    return f"""
Next:
  make release STAGE=4 APP={app} VERSION=2              the next version, batch by batch, under traffic
  make release STAGE=4 APP={app} VERSION=broken-health  a version that never gets well: users do not see it
  make rollback STAGE=4 APP={app}                       back to the last good one
  make status STAGE=4 APP={app}                         which machine serves what, what differs, what it costs
  make rehearse STAGE={site.stage} APP={app}                     down to one host again, and back up
  python3 -m rehearsal account fault --help        break something on purpose
  make down                                        take it all away
"""


def minutes(seconds: float) -> str:
    """Pure."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def addresses(name: str) -> list[str]:
    """What the account's name server says, in order; nothing where it does not answer."""
    question = b"".join(bytes([len(one)]) + one.encode() for one in name.split(".")) + b"\0\0\1\0\1"
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(_SECONDS)
            line.sendto(b"\0\1\1\0\0\1\0\0\0\0\0\0" + question, (str(layout.GATEWAY), layout.DNS_PORT))
            return sorted(_read(line.recv(4096), 12 + len(question)))
    except OSError:
        return []


def _read(reply: bytes, at: int) -> list[str]:
    """The addresses (A) in a reply whose first record begins there."""
    found = []
    for _each in range(struct.unpack(">H", reply[6:8])[0]):
        while reply[at]:
            at += 1 + reply[at]
        kind, size = struct.unpack(">H6xH", reply[at + 1 : at + 11])
        at += 11
        if kind == 1:
            found.append(socket.inet_ntoa(reply[at : at + size]))
        at += size
    return found
