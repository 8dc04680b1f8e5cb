"""The hosts of the benchmarks: their own, brought up bare, taken away at the end unless they are to be kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.site import Site, rehearsal

ADDRESSES = {"caddy": ("bench-caddy", "10.213.0.111"), "nginx": ("bench-nginx", "10.213.0.112")}


@contextmanager
def site(edge: str) -> Iterator[Site]:
    """A host behind ``edge`` that serves version 1; ``STAIRWAY_KEEP_HOSTS=1`` keeps it, and takes over one it finds."""
    keep = os.environ.get("STAIRWAY_KEEP_HOSTS") == "1"
    rehearsal("parts", "up")
    rehearsal("app", "chat", "1", "2")
    name, ip = ADDRESSES[edge]
    found = Site(name, ip, edge)
    found.up(fresh=not keep)
    found.write_inventory()
    if not (keep and found.version()):
        played = found.good("stage1.yml")
        print(f"{edge}: from a bare host to the app over HTTPS in {played.seconds:.0f} s", flush=True)
    found.stand_on("1")
    try:
        yield found
    finally:
        found.write_inventory()
        if not keep:
            found.down()
