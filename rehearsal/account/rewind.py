"""A database's disk as it was at a moment: the copy of its beginning, and what its server has written since.

As RDS does it: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html. The copy is made once, when the
server has begun to serve; what is written from then on the server itself leaves in a folder beside its data.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..run import check
from . import disks
from .account import Account
from .engines import Engine

ARCHIVE = "archive"
_BASE = "base"
_SEGMENT = re.compile(r"[0-9A-F]{24}|[0-9A-F]{8}\.history")
_SERVER = 999  # the user of the servers


def archive(folder: Path) -> Path:
    """The folder that its server may leave things in."""
    found = folder / ARCHIVE
    found.mkdir(parents=True, exist_ok=True)
    os.chown(found, _SERVER, _SERVER)
    return found


def begin(account: Account, folder: Path, container: str, engine: Engine) -> None:
    """From here on it can be set back."""
    if engine.stamp():
        disks.copy(account, folder, folder / _BASE, container)


def can(source: Path) -> bool:
    """Whether there is a copy to begin with."""
    return (source / _BASE / disks.READY).exists()


def bring(account: Account, source: Path, target: Path, container: str, engine: Engine, until: str) -> None:
    """``target`` is what ``source``, where ``container`` writes, was at that moment, once its server has started."""
    if (target / disks.READY).exists():
        return
    disks.empty(target)
    with disks.still(account, container):
        for one in ("data", "admin"):
            _copy([source / _BASE / one], target)
        kept = archive(target)
        for folder in (source / ARCHIVE, source / "data" / engine.written()):
            _copy([one for one in sorted(folder.iterdir()) if _SEGMENT.fullmatch(one.name)], kept)
    for name, text in engine.rewound(until).items():
        path = target / "data" / name
        path.write_text(text)
        os.chown(path, _SERVER, _SERVER)
        path.chmod(0o600)
    (target / disks.READY).touch()


def _copy(paths: list[Path], target: Path) -> None:
    if paths:
        check(
            ["cp", "-a", "--reflink=auto", "--", *map(str, paths), str(target)], what=f"Copying {paths[0]}", timeout=600
        )
