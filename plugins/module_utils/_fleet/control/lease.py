"""One release at a time: a parameter that says who, since when, and until when unless he says so again.

Whoever is cut off says nothing more, and the next one takes over when his time is over, or at once where his process is
seen to be gone. Two who take over at one time: the number of the version that each has written says who was first.
"""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._aws.account import Account
from ..._common.errors import StairwayError
from ..._common.wait import until
from ..model import root
from . import parameters

SECONDS = 120
AGAIN_SECONDS = 20


def path(app: str) -> str:
    return f"{root(app)}/lock"


@dataclass
class Lease:
    """Held from ``take`` to ``give_back``; ``keep`` has to be called now and then meanwhile."""

    aws: Account
    app: str
    actor: str
    what: str
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    since: float = field(default_factory=time.time)
    said: float = 0.0

    def take(self, patience: float) -> None:
        """Wait ``patience`` seconds at most.

        :raises StairwayError: when somebody else holds it; names him.
        """
        if until(self._take, seconds=patience, every=2) is None:
            holder, _version = parameters.data(self.aws, path(self.app))
            raise busy(self.app, holder, time.time())

    def _take(self) -> bool | None:
        if parameters.put(self.aws, path(self.app), self._text(), anew=True):
            return True
        holder, version = parameters.data(self.aws, path(self.app))
        if not version or not over(holder, time.time(), _alive):
            return None
        return True if parameters.put(self.aws, path(self.app), self._text()) == version + 1 else None

    def keep(self) -> None:
        """Say again that it is held, when it is time to."""
        if time.monotonic() - self.said > AGAIN_SECONDS:
            parameters.put(self.aws, path(self.app), self._text())

    def give_back(self) -> None:
        holder, _version = parameters.data(self.aws, path(self.app))
        if isinstance(holder, Mapping) and holder.get("token") == self.token:
            parameters.drop(self.aws, path(self.app))

    def _text(self) -> str:
        self.said = time.monotonic()
        told = {"actor": self.actor, "what": self.what, "host": socket.gethostname(), "pid": os.getpid()}
        return json.dumps({**told, "token": self.token, "since": self.since, "until": time.time() + SECONDS})


def over(holder: Any, now: float, alive: Any) -> bool:
    """Whether the holder's time is over; one that cannot be read holds nothing. Pure but for ``alive(pid)``."""
    if not isinstance(holder, Mapping) or "until" not in holder:
        return True
    if float(holder["until"]) < now:
        return True
    return holder.get("host") == socket.gethostname() and not alive(int(holder.get("pid") or 0))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def busy(app: str, holder: Any, now: float) -> StairwayError:
    if not isinstance(holder, Mapping) or "until" not in holder:
        found, fix = "another run, which has just ended", "run the same command again"
    else:
        found = f"{holder['what']} by {holder['actor']} on {holder['host']}, since {now - holder['since']:.0f} s"
        left = max(0.0, float(holder["until"]) - now)
        fix = f"wait for it; {left:.0f} s after its last word the next run takes over"
    return StairwayError(
        "Another run is releasing this app.", where=path(app), expected="no other run", found=found, fix=fix
    )
