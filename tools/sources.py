"""Which files belong to the repository, and a copy of them where Ansible looks for collections."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = ".collections/"


def tracked(*suffixes: str) -> list[Path]:
    """Files that git tracks or would track, as paths from the root, sorted; all of them without a suffix."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted({name for name in done.stdout.split("\0") if name and not name.startswith(LINK)})
    paths = [Path(name) for name in names if not suffixes or name.endswith(suffixes)]
    return [path for path in paths if (ROOT / path).is_file()]


def workflows() -> list[Path]:
    """The GitHub workflows."""
    return [path for path in tracked(".yml") if path.parent == Path(".github/workflows")]


def shell_scripts() -> list[Path]:
    """Files for ``sh`` or ``bash``, by their first line."""
    return [path for path in tracked() if path.suffix != ".j2" and _is_shell(ROOT / path)]


def _is_shell(path: Path) -> bool:
    with path.open("rb") as file:
        line = file.readline(80).strip()
    return line.startswith(b"#!") and line.endswith((b"/sh", b"/bash", b" sh", b" bash", b"/sh -eu", b"/sh -e"))


def collection_copy(folder: Path, leave_out: tuple[str, ...] = ()) -> Path:
    """Copy the repository's files to ``folder/ansible_collections/stairway/cloud`` and return that path.

    Files whose path begins with one of ``leave_out`` stay behind.
    """
    target = folder / "ansible_collections" / "stairway" / "cloud"
    for path in tracked():
        if leave_out and path.as_posix().startswith(leave_out):
            continue
        copy = target / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy, follow_symlinks=False)
    return target
