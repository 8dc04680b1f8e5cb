"""Where the output of each container can be found under a name that stays: links to the files of Docker's log driver.

Docker names them by the container's id, so nobody who reads logs could tell one service from another. A folder for each
container's name, and in it one link named by its id: who follows the folder's newest file sees each new container begin
at its start.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from .parse import Container

FOLDER = Path("/var/log/stairway")
ID = 12


def place(app: str, container: str, folder: Path = FOLDER) -> Path:
    """The folder of one container: ``<folder>/chat/api-blue-1`` for ``chat-api-blue-1``."""
    return folder / app / container.removeprefix(f"{app}-")


def link(app: str, containers: Iterable[Container], folder: Path = FOLDER) -> None:
    """Give each container its link and take away those that lead nowhere any more.

    Never raises: an app serves without its logs being collected.
    """
    with contextlib.suppress(OSError):
        for container in containers:
            if container.log_path:
                _point(place(app, container.name, folder) / f"{container.id[:ID]}.log", container.log_path)
        for old in (folder / app).glob("*/*.log"):
            if old.is_symlink() and not old.exists():
                old.unlink(missing_ok=True)


def _point(path: Path, target: str) -> None:
    if not path.is_symlink():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
