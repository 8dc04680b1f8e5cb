"""Where backups are kept: what every such place can do, and the one that is a folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .._common import atomic
from .._common.errors import StairwayError

BLOCK = 1 << 20
PART = ".part"


@dataclass(frozen=True)
class Item:
    """Something that is kept: its name below the place's prefix, its size, and when it was written."""

    name: str
    bytes: int
    written: float


class Unreadable(StairwayError):
    """This one cannot be read, whatever is with the others."""


class Gone(Unreadable):
    """It is not there, or not any more: another run may have taken it away."""


class Source(Protocol):
    """Bytes that come; the last read is empty."""

    def read(self, size: int) -> bytes: ...


class Target(Protocol):
    """``name`` is a path with slashes below the place's prefix. Nothing is there before it is there whole."""

    where: str

    def items(self, prefix: str) -> list[Item]: ...

    def write(self, name: str, source: Source) -> Upload: ...

    def put(self, name: str, data: bytes) -> None: ...

    def get(self, name: str) -> bytes:
        """:raises Unreadable: when it is damaged, or ``Gone``; another ``StairwayError`` is of the whole place."""

    def blocks(self, name: str) -> Iterator[bytes]: ...

    def delete(self, name: str) -> None: ...

    def sweep(self, prefix: str, older_than: float) -> list[str]: ...

    def free(self) -> int | None: ...


class Upload(Protocol):
    """What was written and does not count yet: ``commit`` makes it count, ``abort`` takes it away."""

    bytes: int
    sha256: str

    def commit(self) -> None: ...

    def abort(self) -> None: ...


class Folder:
    """A folder of the host, best on another disk or mounted from another machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.where = str(root)

    def items(self, prefix: str) -> list[Item]:
        return [one for one in self._files(prefix) if not one.name.endswith(PART)]

    def write(self, name: str, source: Source) -> Upload:
        return _FolderUpload(self.root / name, source)

    def put(self, name: str, data: bytes) -> None:
        atomic.write(self.root / name, data.decode(), mode=0o600)

    def get(self, name: str) -> bytes:
        return b"".join(self.blocks(name))

    def blocks(self, name: str) -> Iterator[bytes]:
        try:
            with (self.root / name).open("rb") as file:
                while block := file.read(BLOCK):
                    yield block
        except OSError as error:
            kind = Gone if isinstance(error, FileNotFoundError) else Unreadable
            raise kind(
                "A file of a backup cannot be read.", where=str(self.root / name), found=error.strerror or str(error)
            ) from error

    def delete(self, name: str) -> None:
        path = self.root / name
        atomic.remove(path)
        with contextlib.suppress(OSError):
            path.parent.rmdir()

    def sweep(self, prefix: str, older_than: float) -> list[str]:
        """Take away what runs that were killed have left half-written."""
        now = time.time()
        old = [one.name for one in self._files(prefix) if one.name.endswith(PART) and now - one.written > older_than]
        for name in old:
            self.delete(name)
        return [str(self.root / name) for name in old]

    def _files(self, prefix: str) -> list[Item]:
        """All of them before anything is done to one, as folders go with their last file."""
        found = []
        for folder, _folders, names in os.walk(self.root / prefix, onerror=_cannot_list):
            for path in (Path(folder, name) for name in names):
                with contextlib.suppress(FileNotFoundError):
                    stat = path.stat()
                    found.append(Item(str(path.relative_to(self.root)), stat.st_size, stat.st_mtime))
        return sorted(found, key=lambda one: one.name)

    def free(self) -> int | None:
        folder = self.root
        try:
            while not folder.exists():
                folder = folder.parent
            return shutil.disk_usage(folder).free
        except OSError as error:
            raise _unreadable(folder, error) from error


def _cannot_list(error: OSError) -> None:
    """A folder that nobody may read has not "no backups": their numbers would begin again."""
    if not isinstance(error, FileNotFoundError):
        raise _unreadable(Path(error.filename), error) from error


def _unreadable(folder: Path, error: OSError) -> StairwayError:
    return StairwayError(
        "The folder of the backups cannot be read.",
        where=str(folder),
        found=error.strerror or str(error),
        fix=f"See who may read it, and what it stands on, with: ls -ld {folder}; df {folder}",
    )


class _FolderUpload:
    def __init__(self, path: Path, source: Source) -> None:
        self.path, self.part = path, path.with_name(path.name + PART)
        self.bytes = 0
        digest = hashlib.sha256()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.part.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                while block := source.read(BLOCK):
                    digest.update(block)
                    self.bytes += file.write(block)
                file.flush()
                os.fsync(file.fileno())
        except BaseException as error:
            self.abort()
            if isinstance(error, OSError):
                raise atomic.cannot_write(path, error) from error
            raise
        self.sha256 = digest.hexdigest()

    def commit(self) -> None:
        try:
            os.replace(self.part, self.path)
            atomic.sync_folder(self.path.parent)
        except OSError as error:
            raise atomic.cannot_write(self.path, error) from error

    def abort(self) -> None:
        with contextlib.suppress(OSError):  # the next run sweeps it; why it was given up says more
            self.part.unlink(missing_ok=True)
            self.path.parent.rmdir()
