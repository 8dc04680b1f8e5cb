"""Which colour serves, and whether the edge lets requests through: files that Caddy and Nginx stat at each request.

No reload happens at a switch, so no WebSocket is cut and nothing can fail to validate. In the state folder of an app,
``/var/lib/stairway/<app>/edge/``:

- ``maintenance`` there: every request gets a 503 with ``maintenance.html`` or ``maintenance.json``. It is empty where a
  person put it there, who ends it too; a program writes its name into it, and ends only what has that name;
- else ``hold`` there: every request waits at the gate (``gate.py``);
- else ``green`` there: the green colour serves, else the blue one.

``hold`` is a symbolic link to ``/run/stairway/<app>/hold``: after a reboot ``/run`` is empty, the link leads nowhere, a
stat finds nothing, and so no hold outlives the gate that would have ended it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .._common import atomic
from .._common.errors import StairwayError

Colour = Literal["blue", "green"]
Mode = Literal["serving", "holding", "maintenance"]

STATE = Path("/var/lib/stairway")
RUNTIME = Path("/run/stairway")
# The name of what says 503 while stores move.
MOVE = "move"


def other(colour: Colour) -> Colour:
    """The colour that is not ``colour``."""
    return "blue" if colour == "green" else "green"


@dataclass(frozen=True)
class EdgeState:
    """The switch of one app. ``path`` is its state folder; ``runtime`` the folder that a reboot empties.

    Every change is one atomic operation on one name, followed by an fsync of its folder.
    """

    path: Path
    runtime: Path

    @classmethod
    def of(cls, app: str) -> EdgeState:
        """The switch of ``app`` at the usual places of a host."""
        return cls(STATE / app / "edge", RUNTIME / app)

    @property
    def hold_link(self) -> Path:
        """What the edge looks at."""
        return self.path / "hold"

    @property
    def hold_file(self) -> Path:
        """A link to the file of the gate that holds now; it leads nowhere when that gate has gone."""
        return self.runtime / "hold"

    @property
    def routes_file(self) -> Path:
        """Which services are routed and on which ports, written by the role of the edge."""
        return self.path / "routes.json"

    def socket(self, service: str) -> Path:
        """Where the gate listens for ``service`` while the edge holds."""
        return self.runtime / f"{service}.sock"

    def prepare(self) -> None:
        """Make the folders and the link of the hold; nothing is done when they are there.

        :raises StairwayError: when they cannot be made.
        """
        try:
            for folder in (self.path, self.runtime):
                folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            if self._link() != str(self.hold_file):
                atomic.remove(self.hold_link)
                os.symlink(self.hold_file, self.hold_link)
                atomic.sync_folder(self.path)
        except OSError as error:
            raise atomic.cannot_write(self.path, error) from error

    def colour(self) -> Colour:
        """The colour that serves: blue until someone switched."""
        return "green" if (self.path / "green").exists() else "blue"

    def switch(self, colour: Colour) -> bool:
        """Let ``colour`` serve every request from now on; false when it did already.

        :raises StairwayError: when the disk refuses; the colour that served goes on serving.
        """
        if colour not in ("blue", "green"):
            raise StairwayError("There is no such colour.", expected="blue or green", found=repr(colour))
        if colour == self.colour():
            return False
        green = self.path / "green"
        if colour == "green":
            self.prepare()
            atomic.write(green, "")
        else:
            atomic.remove(green)
        return True

    def mode(self) -> Mode:
        """What happens to a request that comes now."""
        if (self.path / "maintenance").exists():
            return "maintenance"
        return "holding" if self.hold_link.exists() else "serving"

    def keeper(self) -> str | None:
        """Who answers 503 now: a program by its name, a person as ``""``, ``None`` when nobody does."""
        try:
            return (self.path / "maintenance").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def maintain(self, by: str = "") -> bool:
        """Answer 503 from now on, with the page that ``page.write_pages`` put there before; false when it did already.

        ``by`` is the name of a program. It never takes over from anybody; a person does, and then it is his to end.

        :raises StairwayError: when the disk refuses.
        """
        keeper = self.keeper()
        if keeper is not None and (by or not keeper):
            return False
        self.prepare()
        atomic.write(self.path / "maintenance", by)
        return True

    def end_maintenance(self, by: str = "") -> bool:
        """Let requests through again; false when they went through already. A program ends only its own."""
        if by and self.keeper() != by:
            return False
        return atomic.remove(self.path / "maintenance")

    def end_hold(self) -> bool:
        """Take the hold away: the gate sees that and lets what waits go; false when nothing was held."""
        return atomic.remove(self.hold_file.resolve())

    def _link(self) -> str | None:
        return os.readlink(self.hold_link) if self.hold_link.is_symlink() else None
