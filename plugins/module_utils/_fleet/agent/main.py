"""``agent.pyz converge`` at every boot, ``agent.pyz release`` when a rollout wants the machine changed in place.

Both do the same. One of them at a time; the second waits for the first, and then mostly finds nothing to do.
"""

from __future__ import annotations

import fcntl
import sys
from pathlib import Path

from ..._common.errors import StairwayError
from ..._identity.metadata import Metadata
from .aws import Aws
from .converge import Agent
from .settings import FILE, settings

LOCK = Path("/run/stairway/agent.lock")


def main(arguments: list[str]) -> int:
    """The exit status: 0 when the machine serves, 1 when it does not, 2 for words that it does not know."""
    if len(arguments) != 1 or arguments[0] not in ("converge", "release"):
        sys.stderr.write("usage: agent.pyz converge|release\n")
        return 2
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            given = settings(FILE.read_text(encoding="utf-8"))
            metadata = Metadata()
            agent = Agent(given, Aws(given.region, metadata, given.endpoint), metadata.instance())
            agent.run()
        except StairwayError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0
