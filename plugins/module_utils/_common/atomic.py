"""Small files that are there whole or not at all, also after a power cut. Standard library only: this runs on hosts."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import StairwayError


def write(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace ``path`` with ``text`` in one step; its folder is made where it is missing.

    :raises StairwayError: when the disk is full or read-only; ``path`` then holds what it held before.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), mode)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def append(path: Path, line: str, *, mode: int = 0o600) -> None:
    """Add one line to ``path`` and bring it to the disk.

    :raises StairwayError: when the disk is full or read-only.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(line.rstrip("\n") + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(path, error) from error


def remove(path: Path) -> bool:
    """Take ``path`` away for good; false when it was not there.

    :raises StairwayError: when the disk is read-only or failing.
    """
    try:
        path.unlink()
        sync_folder(path.parent)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise cannot_write(path, error) from error
    return True


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk; without it a power cut can undo a rename."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def cannot_write(path: Path, error: OSError) -> StairwayError:
    """The error for ``path``, with what to type about a full disk."""
    return StairwayError(
        f"{path} cannot be written: {error.strerror}.",
        where=str(path),
        fix=f"See what fills the disk with: df -h {path.parent}; df -i {path.parent}; docker system df",
    )
