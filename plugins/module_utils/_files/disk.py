"""Reading, writing and undoing: the only part of the package that touches files."""

from __future__ import annotations

import functools
import grp
import os
import pwd
import secrets
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from .._common.atomic import cannot_write
from .._common.errors import StairwayError
from .model import Change, Entry, Found
from .plan import Ids, target_mode

Answer = TypeVar("Answer")
FOLDER_MODE = 0o755
_KINDS = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "link"))


def look(path: str) -> Found:
    """What stands at ``path``; links are not followed.

    :raises StairwayError: when it cannot be read.
    """
    try:
        status = os.lstat(path)
        kind = next((name for test, name in _KINDS if test(status.st_mode)), "device")
        return Found(
            kind=kind,
            data=Path(path).read_bytes() if kind == "file" else None,
            link=str(Path(path).readlink()) if kind == "link" else None,
            mode=stat.S_IMODE(status.st_mode),
            uid=status.st_uid,
            gid=status.st_gid,
        )
    except (FileNotFoundError, NotADirectoryError):
        return Found("absent", uid=os.geteuid(), gid=os.getegid())
    except OSError as error:
        raise StairwayError(f"{path} cannot be read: {error.strerror}.", where=path, fix="Use become: true.") from error


def ids(entry: Entry, *, lenient: bool = False) -> Ids:
    """The numbers of the entry's owner and group. ``lenient`` answers -1 for a name that does not exist (yet).

    :raises StairwayError: when the host does not know the user or group.
    """
    return Ids(
        _number(entry, "user", entry.owner, lambda name: pwd.getpwnam(name).pw_uid, lenient),
        _number(entry, "group", entry.group, lambda name: grp.getgrnam(name).gr_gid, lenient),
    )


def _number(entry: Entry, word: str, name: str | None, find: Callable[[str], int], lenient: bool) -> int | None:
    if name is None:
        return None
    if name.isdigit():
        return int(name)
    try:
        return find(name)
    except KeyError as error:
        if lenient:
            return -1
        raise StairwayError(
            f"The {word} {name!r} of {entry.path} does not exist on this host.", where=f"entries: {entry.path}"
        ) from error


class Journal:
    """Steps taken, each with the way back, so that a set of files goes in whole or not at all."""

    def __init__(self) -> None:
        self._back: list[Callable[[], None]] = []

    def add(self, undo: Callable[[], None]) -> None:
        self._back.append(undo)

    def undo(self) -> list[str]:
        """Go back, newest step first. Returns what could not be undone (normally nothing)."""
        failed = []
        while self._back:
            try:
                self._back.pop()()
            except OSError as error:
                failed.append(str(error))
        return failed


def make_parents(path: str, journal: Journal) -> None:
    """Make the folders above ``path`` that are missing, root 0755."""
    missing: list[Path] = []
    parent = Path(path).parent
    while not parent.exists():
        missing.append(parent)
        parent = parent.parent
    for folder in reversed(missing):
        _do(folder, functools.partial(_make, folder))
        journal.add(folder.rmdir)


def _make(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(FOLDER_MODE)  # whatever the umask is


def stage(change: Change, journal: Journal) -> str:
    """Write the entry's new file or link beside its target and return the temporary path."""
    entry = change.entry
    make_parents(entry.path, journal)
    target = Path(entry.path)
    prefix = f".{target.name[:200]}.stairway-"
    if entry.kind == "link":
        name = _do(target, lambda: _point(target.parent, prefix, entry.link or ""))
    else:
        name = _do(target, lambda: _write(target.parent, prefix, (entry.text or "").encode()))
    journal.add(lambda: Path(name).unlink(missing_ok=True))
    _do(target, lambda: _dress(name, change))
    return name


def _point(folder: Path, prefix: str, goal: str) -> str:
    name = str(folder / f"{prefix}{secrets.token_hex(8)}")
    os.symlink(goal, name)
    return name


def _write(folder: Path, prefix: str, data: bytes) -> str:
    handle, name = tempfile.mkstemp(prefix=prefix, dir=folder)  # 0600 until it is dressed
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return name


def _dress(name: str, change: Change) -> None:
    """Owner first: changing it clears set-id bits of the mode."""
    entry, found = change.entry, change.found
    uid = found.uid if change.uid is None else change.uid
    gid = found.gid if change.gid is None else change.gid
    status = os.lstat(name)
    if (status.st_uid, status.st_gid) != (uid, gid):
        os.lchown(name, uid, gid)
    if entry.kind != "link":
        os.chmod(name, target_mode(entry, found))


def put(change: Change, staged: str | None, journal: Journal) -> None:
    """Bring one change into force: atomic for files and links."""
    entry, found, path = change.entry, change.found, Path(change.entry.path)
    if staged is not None:
        journal.add(lambda: _restore(path, found))
        _do(path, lambda: os.replace(staged, path))
        _sync(path.parent)
    elif entry.kind == "absent":
        journal.add(lambda: _restore(path, found))
        _do(path, path.rmdir if found.kind == "directory" else path.unlink)
    else:
        journal.add(lambda: _redress(path, found))
        _do(path, lambda: _dress(str(path), change))


def make_directory(change: Change, journal: Journal) -> None:
    """Make the folder of an entry; its owner and mode are set at once."""
    path = Path(change.entry.path)
    make_parents(change.entry.path, journal)
    _do(path, lambda: path.mkdir(mode=0o700))
    journal.add(path.rmdir)
    _do(path, lambda: _dress(str(path), change))


def _restore(path: Path, found: Found) -> None:
    """Put back what stood at ``path`` before; also when the step itself never happened."""
    if found.kind == "absent":
        path.unlink(missing_ok=True)
    elif found.kind == "directory":
        path.mkdir(exist_ok=True)
        _redress(path, found)
    else:
        entry = Entry(str(path), found.kind, mode=None if found.kind == "link" else found.mode)
        prefix = f".{path.name[:200]}.stairway-"
        if found.kind == "link":
            name = _point(path.parent, prefix, found.link or "")
        else:
            name = _write(path.parent, prefix, found.data or b"")
        _dress(name, Change(entry, found, found.uid, found.gid))
        os.replace(name, path)


def _redress(path: Path, found: Found) -> None:
    os.lchown(path, found.uid, found.gid)
    if found.kind != "link":
        os.chmod(path, found.mode)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _do(path: Path, step: Callable[[], Answer]) -> Answer:
    try:
        return step()
    except OSError as error:
        raise cannot_write(path, error) from error
