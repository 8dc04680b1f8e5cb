"""Files first, then the project that reads them; a run that was cut off between the two is made good by the next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._common import atomic
from .._common.errors import StairwayError
from .._docker import compose
from .._docker.engine import Docker
from .._files import converge as files
from .._files.model import Entry

PENDING = ".stairway-pending"


@dataclass(frozen=True)
class Wish:
    """What is asked for. ``entries`` may hold files of others too; only those beside ``project.file`` are its own."""

    project: compose.Project
    services: frozenset[str]
    entries: tuple[Entry, ...] = ()
    network: str | None = None
    tasks: tuple[str, ...] = ()
    build: bool = False

    @property
    def pending(self) -> Path:
        """Where the files are noted that containers have yet to hear of."""
        return self.project.file.with_name(PENDING)


def converge(wish: Wish, *, check_mode: bool) -> dict[str, Any]:
    """The arguments for ``module.exit_json``.

    :raises StairwayError: when a file cannot be written, Compose fails, or a service is not healthy in time.
    """
    order = files.Wish(entries=wish.entries)
    ahead = files.converge(order, check_mode=True)
    due = _due(wish, ahead)
    if check_mode:
        done, moved = ahead, _would_move(wish, due)
    else:
        if due:
            atomic.write(wish.pending, "\n".join(due) + "\n", mode=0o600)
        done = files.converge(order, check_mode=False)
        moved = _move(wish, due)
        if due:
            atomic.remove(wish.pending)
    result = done.result()
    return {**result, "changed": result["changed"] or moved, "services": sorted(wish.services), "notes": done.notes}


def _due(wish: Wish, ahead: files.Result) -> list[str]:
    """Files of the project that containers have yet to hear of: from this run, or from one that was cut off."""
    folder = f"{wish.project.file.parent}/"
    changed = {change.entry.path for change in ahead.changes if change.entry.path.startswith(folder)}
    left = wish.pending.read_text(encoding="utf-8").splitlines() if wish.pending.is_file() else []
    return sorted(changed | set(left))


def _move(wish: Wish, due: list[str]) -> bool:
    """Bring network and project up; whether anything was done."""
    created = bool(wish.network) and Docker().ensure_network(str(wish.network), {"stairway.network": str(wish.network)})
    if not wish.services:
        return created
    changed = compose.converge(wish.project, set(wish.services), changed_paths=due, tasks=wish.tasks, build=wish.build)
    return created or changed


def _would_move(wish: Wish, due: list[str]) -> bool:
    """The same, asked only; on a host without Docker everything is still to be done."""
    try:
        if wish.network and not Docker().has_network(wish.network):
            return True
        return bool(wish.services) and (bool(due) or not compose.stands(wish.project, set(wish.services)))
    except StairwayError:
        return True
