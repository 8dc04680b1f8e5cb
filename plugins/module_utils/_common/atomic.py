"""Writing a file so that a reader, or a power cut, sees the old text or the new one and nothing between."""

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
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
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


def cannot_write(path: Path, error: OSError) -> StairwayError:
    """The error for ``path``, with what to type about a full disk."""
    return StairwayError(
        f"{path} cannot be written: {error.strerror}.",
        where=str(path),
        fix=f"See what fills the disk with: df -h {path.parent}; docker system df",
    )
