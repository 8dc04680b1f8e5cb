"""A process that gives the app its rights back when the one that took them dies: no server ends such a fence by itself.

It hears what to do, with the passwords, by its standard input; a line tells it that all is well. When that input ends
without the line, whoever held it is gone.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from ..._common import wait
from ..._common.beside import Beside
from ..._common.errors import StairwayError
from ..._stores.model import Server
from .rights import Rights
from .wire import Connection, End

SECONDS, EVERY, SECONDS_TO_END = 600.0, 0.5, 10.0
_WELL, _READY = b"well\n", b"ready\n"
_BEGIN = (
    "import sys, json, importlib; told = json.loads(sys.stdin.buffer.readline()); sys.path[:] = told['path']; "
    "importlib.import_module(told['module']).main(told)"
)


class Guard:
    """One, beside this process."""

    def __init__(self, admin: End, app: End) -> None:
        told = {"path": sys.path, "module": __name__, "admin": asdict(admin), "app": asdict(app)}
        self.process = Beside(_BEGIN)
        self.process.say(json.dumps(told).encode() + b"\n")
        if self.process.heard() != _READY:
            self.process.end(0)
            raise StairwayError(
                "Nobody would end the fence if this run died, so it does not begin.",
                where=admin.server.host,
                found="the process that is to do it did not start",
                fix="see whether this host has memory left, then run the same command again",
            )

    def act(self) -> None:
        """It gives the rights back, as soon as the server lets it."""
        self.process.hang_up()

    def dismiss(self) -> None:
        """It has nothing more to watch over."""
        self.process.say(_WELL)
        self.process.end(SECONDS_TO_END)


def end_of(told: dict[str, Any]) -> End:
    server = Server(**told["server"])
    hosts = tuple((str(name), int(port)) for name, port in told["hosts"])
    return End(**{**told, "server": server, "hosts": hosts})


def main(told: dict[str, Any]) -> None:
    """Wait for the end of whoever started this."""
    admin, app = end_of(told["admin"]), end_of(told["app"])
    # everything that is needed later is read now: the run's own files may be gone then
    Rights(Connection(admin), app).admin.close()
    sys.stdout.buffer.write(_READY)
    sys.stdout.buffer.flush()
    if sys.stdin.buffer.readline() != _WELL:
        wait.until(lambda: given_back(admin, app), seconds=SECONDS, every=EVERY)


def given_back(admin: End, app: End) -> bool | None:
    """True once the rights could be given back, None before."""
    try:
        session = Connection(admin)
        try:
            Rights(session, app).give()
        finally:
            session.close()
    except StairwayError:
        return None
    return True
