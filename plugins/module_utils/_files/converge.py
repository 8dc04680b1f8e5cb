"""The order of one call: files in whole or not at all, then packages, then units."""

from __future__ import annotations

import functools
import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._common.errors import StairwayError
from .._common.run import run
from . import apt, disk, systemd
from .model import Change, Entry
from .plan import diff, labels, plan
from .units import Unit

_UNIT_FOLDERS = ("/etc/systemd/system/", "/etc/systemd/", "/run/systemd/system/")
_APT_SOURCES = ("/etc/apt/sources.list", "/etc/apt/keyrings/", "/etc/apt/auth.conf")


@dataclass(frozen=True)
class Wish:
    """Everything that one call asks for. ``lock_seconds`` bounds the wait for another apt."""

    entries: tuple[Entry, ...] = ()
    packages: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()
    lock_seconds: int = 300


@dataclass
class Result:
    """What changed (or would), for the module's result."""

    changes: tuple[Change, ...] = ()
    installed: tuple[str, ...] = ()
    units: systemd.Outcome = field(default_factory=systemd.Outcome)
    notes: list[str] = field(default_factory=list)

    def result(self) -> dict[str, Any]:
        """The arguments for ``module.exit_json``."""
        return {
            "changed": bool(self.changes or self.installed or self.units.done),
            "changed_paths": [change.entry.path for change in self.changes],
            "changed_labels": list(labels(self.changes)),
            "installed_packages": list(self.installed),
            "changed_units": self.units.done,
            "skipped_units": self.units.skipped,
            "diff": [*map(diff, self.changes), *self._other_diffs()],
        }

    def _other_diffs(self) -> list[dict[str, str]]:
        shown = []
        if self.installed:
            text = "".join(f"{name}\n" for name in self.installed)
            shown.append({"before_header": "packages", "after_header": "packages", "before": "", "after": text})
        if self.units.done:
            text = "".join(f"{step['action']} {step['name']}\n" for step in self.units.done)
            shown.append({"before_header": "units", "after_header": "units", "before": "", "after": text})
        return shown


def converge(wish: Wish, *, check_mode: bool) -> Result:
    """Bring the host to ``wish``, or in check mode tell what that would change.

    :raises StairwayError: when a validator, a package or a unit fails; files are then as they were before.
    """
    changes = plan(wish.entries, disk.look, functools.partial(disk.ids, lenient=check_mode))
    missing = apt.missing(wish.packages)
    result = Result(changes, missing)
    changed = labels(changes)
    reload_manager = any(change.entry.path.startswith(_UNIT_FOLDERS) for change in changes)
    if check_mode:
        result.notes.extend(_try_validators(changes))
        result.units = systemd.converge(wish.units, changed, reload_manager=False, check_mode=True)
        return result
    journal = disk.Journal()
    try:
        _install_files(changes, wish.units, journal)
        _install_packages(result, wish)
        result.units = systemd.converge(wish.units, changed, reload_manager=reload_manager, check_mode=False)
    except StairwayError as error:
        raise _go_back(error, changes, wish.units, journal) from error
    return result


def _install_files(changes: tuple[Change, ...], units: tuple[Unit, ...], journal: disk.Journal) -> None:
    staged: dict[str, str] = {}
    for change in changes:  # in the order given: a folder comes before what is in it
        if change.entry.kind == "directory" and change.replaces:
            disk.make_directory(change, journal)
        elif change.entry.kind in ("file", "link") and change.replaces:
            staged[change.entry.path] = disk.stage(change, journal)
    for change in changes:
        if change.entry.validate and change.entry.path in staged:
            _validate(change.entry, staged[change.entry.path])
    systemd.remember(units, labels(changes))
    for change in changes:
        if change.entry.kind == "directory" and change.replaces:
            continue
        disk.put(change, staged.get(change.entry.path), journal)


def _validate(entry: Entry, path: str) -> None:
    done = run([part.replace("%s", path) for part in entry.validate])
    if not done.ok:
        hidden = ["(not shown: the file holds a secret)"]
        raise StairwayError(
            f"{entry.path} is not valid; no file was changed.",
            where=shlex.join(entry.validate),
            fix="Mend in app.yml or in the role's variables what the last lines name, then run the same command again.",
            log=hidden if entry.secret else [line.replace(path, entry.path) for line in done.tail()],
        )


def _try_validators(changes: tuple[Change, ...]) -> list[str]:
    """In check mode a validator may miss what an earlier task would have made, so its no is only a warning."""
    notes = []
    for change in changes:
        entry = change.entry
        ready = entry.validate and shutil.which(entry.validate[0]) and Path(entry.path).parent.is_dir()
        if not (ready and change.replaces and entry.kind == "file"):
            continue
        journal = disk.Journal()
        try:
            _validate(entry, disk.stage(change, journal))
        except StairwayError as error:
            notes.append(str(error))
        finally:
            journal.undo()
    return notes


def _install_packages(result: Result, wish: Wish) -> None:
    refresh = any(change.entry.path.startswith(_APT_SOURCES) for change in result.changes)
    if not result.installed:
        return
    installer = apt.Apt(wish.lock_seconds)
    installer.install(result.installed, refresh=refresh)
    result.notes.extend(installer.notes)


def _go_back(
    error: StairwayError, changes: tuple[Change, ...], units: tuple[Unit, ...], journal: disk.Journal
) -> StairwayError:
    """Put every file back and let the units that had to hear of the change hear of its end."""
    trouble = journal.undo()
    if changes and systemd.booted():
        trouble.extend(systemd.revert(units, labels(changes)))
    return StairwayError(
        error.message,
        expected=error.expected,
        found=error.found,
        where=error.where,
        fix=error.fix,
        log=[*error.log, *(f"not undone: {line}" for line in trouble)],
    )
