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
# Who takes over in the same moment as another one puts that one's text back at once.
PUT_BACK_SECONDS = 5


class Lost(StairwayError):
    """Another run has taken over: from here on this one may not touch anything, not even to take it back."""


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
        if self._mine(holder):  # its answer was lost
            return True
        if not version or not over(holder, time.time(), _alive):
            return None
        return self._write_after(version) or None

    def keep(self) -> None:
        """Say again that it is held, when it is time to: by the clock on the wall, as the other stands still while the
        machine sleeps.

        :raises Lost: when another run has taken over meanwhile.
        """
        if 0 <= time.time() - self.said <= AGAIN_SECONDS:
            return
        version = until(self._version, seconds=PUT_BACK_SECONDS, every=1)
        if version is None or not self._write_after(version):
            holder, _version = parameters.data(self.aws, path(self.app))
            raise lost(self.app, holder, time.time())
        self.said = time.time()

    def _version(self) -> int | None:
        """The number of the version that is there, if it is this run's."""
        holder, version = parameters.data(self.aws, path(self.app))
        return version if self._mine(holder) else None

    def _write_after(self, version: int) -> bool:
        """Whether it is the first to write after that version; otherwise the text of who was goes back to its place."""
        if parameters.put(self.aws, path(self.app), self._text()) == version + 1:
            return True
        first, _version = parameters.data(self.aws, path(self.app), version + 1)
        if self._mine(first):  # written twice, as the answer was lost
            return True
        if first is None:
            self.give_back()
        else:
            parameters.put(self.aws, path(self.app), json.dumps(first))
        return False

    def _mine(self, holder: Any) -> bool:
        return isinstance(holder, Mapping) and holder.get("token") == self.token

    def give_back(self) -> None:
        holder, _version = parameters.data(self.aws, path(self.app))
        if self._mine(holder):
            parameters.drop(self.aws, path(self.app))

    def _text(self) -> str:
        told = {"actor": self.actor, "what": self.what, "host": socket.gethostname(), "pid": os.getpid()}
        return json.dumps({**told, "token": self.token, "since": self.since, "until": time.time() + SECONDS})


def over(holder: Any, now: float, alive: Any) -> bool:
    """Whether the holder's time is over; one that cannot be read holds nothing. Pure but for ``alive(pid)``."""
    if not _readable(holder):
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
    fix = "run the same command again"
    if _readable(holder):
        left = max(0.0, float(holder["until"]) - now)
        fix = f"wait for it; {left:.0f} s after its last word the next run takes over"
    return StairwayError(
        "Another run is releasing this app.",
        where=path(app),
        expected="no other run",
        found=_who(holder, now),
        fix=fix,
    )


def lost(app: str, holder: Any, now: float) -> Lost:
    return Lost(
        "Another run has taken over from this one, which stops here.",
        where=path(app),
        expected=f"a word of this run every {SECONDS} s: does its machine sleep?",
        found=_who(holder, now),
        fix="let that run end; status.yml shows what serves then, and the same command again releases it",
    )


def _who(holder: Any, now: float) -> str:
    if not _readable(holder):
        return "another run, which has just ended"
    return f"{holder['what']} by {holder['actor']} on {holder['host']}, since {now - holder['since']:.0f} s"


def _readable(holder: Any) -> bool:
    return isinstance(holder, Mapping) and "until" in holder
