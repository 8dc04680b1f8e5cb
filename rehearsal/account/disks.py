"""Folders on this machine that hold what bodies must not lose, copied as a disk would be: all of one moment."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..run import check
from .account import Account

READY = "ready"  # a file of that name says that a folder is whole


def copy(account: Account, source: Path, target: Path, container: str | None) -> None:
    """``target`` becomes what ``source`` is now; ``container``, which writes there, stands still meanwhile.

    What a server finds there is what it would find after a power cut, which is what a snapshot of a disk gives it.
    """
    if (target / READY).exists():
        return
    empty(target)
    with still(account, container):
        for one in ("data", "admin"):
            check(
                ["cp", "-a", "--reflink=auto", "--", str(source / one), str(target)],
                what=f"Copying {source}",
                timeout=600,
            )
    (target / READY).touch()


def empty(folder: Path) -> None:
    """It is there, and nothing is in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


@contextmanager
def still(account: Account, container: str | None) -> Iterator[None]:
    """``container`` writes nothing meanwhile."""
    found = account.docker.inspect(container) if container else None
    if found is None or not found["State"]["Running"]:
        yield
        return
    account.docker.call("POST", f"/containers/{container}/pause")
    try:
        yield
    finally:
        account.docker.call("POST", f"/containers/{container}/unpause")
