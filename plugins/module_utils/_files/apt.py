"""Installing Debian packages, waiting for whoever else does so."""

from __future__ import annotations

import os
import re
import time

from .._common.errors import StairwayError
from .._common.run import Finished, check, run
from .._common.wait import until
from . import packages

LISTS = "/var/lib/apt/lists"
APT_SECONDS = 1800


def missing(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Which of the packages are not installed."""
    if not wanted:
        return ()
    return packages.missing(wanted, packages.installed(check(packages.QUERY, what="dpkg-query")))


class Apt:
    """One run of apt-get: it waits ``lock_seconds`` for a lock, and notes in ``notes`` for whom it waited."""

    def __init__(self, lock_seconds: int) -> None:
        self._lock_seconds = lock_seconds
        self.notes: list[str] = []

    def install(self, names: tuple[str, ...], *, refresh: bool) -> None:
        """Install ``names``. ``refresh`` reads the repositories first; else only when a package is not known.

        :raises StairwayError: naming the package, repository or lock holder that stood in the way.
        """
        trouble = self.update() if refresh or not _has_lists() else ()
        done = self._apt(packages.install(names, self._lock_seconds))
        if not done.ok and not refresh and (packages.unknown(_output(done)) or "404" in _output(done)):
            trouble = self.update()  # the lists were old
            done = self._apt(packages.install(names, self._lock_seconds))
        if not done.ok and packages.interrupted(_output(done)):
            self._apt(["dpkg", "--configure", "-a"])
            done = self._apt(packages.install(names, self._lock_seconds))
        if not done.ok:
            raise _install_failed(done, names, trouble)

    def update(self) -> tuple[str, ...]:
        """Read the repositories; returns the lines about those that could not be read."""
        done = self._apt(packages.update(self._lock_seconds))
        trouble = packages.unreachable(_output(done))
        if not done.ok and not trouble:
            raise StairwayError(
                f"apt-get update failed with exit status {done.returncode}.", fix="apt-get update", log=done.tail()
            )
        self.notes.extend(trouble)
        return trouble

    def _apt(self, argv: list[str]) -> Finished:
        """apt-get waits by itself for dpkg's lock, but not for that of the package lists."""
        begun = time.monotonic()
        holder: list[str] = []
        last: list[Finished] = []

        def attempt() -> Finished | None:
            last[:] = [run(argv, timeout=APT_SECONDS, env={**os.environ, **_ENVIRONMENT})]
            line = packages.locked(_output(last[0])) if not last[0].ok else None
            if line is None:
                return last[0]
            holder[:] = [line]
            return None

        done = until(attempt, seconds=self._lock_seconds, every=3)
        waiting = re.findall(r"Waiting for cache lock: (.*?)\.*$", _output(last[0]), re.MULTILINE)
        if done is None:
            raise StairwayError(
                f"Another program has been installing packages for more than {self._lock_seconds} s.",
                found=holder[0],
                where="apt",
                fix="Wait for it, or look at it: ps -fp $(fuser /var/lib/dpkg/lock-frontend 2>/dev/null)",
            )
        if holder or waiting:
            self.notes.append(f"Waited {time.monotonic() - begun:.0f} s for apt: {(holder + waiting)[0]}")
        return done


_ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "LC_ALL": "C",
    "NEEDRESTART_MODE": "l",
    "APT_LISTCHANGES_FRONTEND": "none",
}


def _has_lists() -> bool:
    try:
        return any(name.endswith(("_Packages", "_Packages.lz4")) for name in os.listdir(LISTS))
    except FileNotFoundError:
        return False


def _install_failed(done: Finished, names: tuple[str, ...], trouble: tuple[str, ...]) -> StairwayError:
    unknown = packages.unknown(_output(done))
    if trouble:
        untrusted = packages.untrusted(trouble)
        why = "is signed with another key than the one it was given" if untrusted else "cannot be read"
        return StairwayError(
            f"The packages {', '.join(names)} cannot be installed: a repository {why}.",
            where="apt",
            fix="Check the repository's key." if untrusted else "Check the host's network and DNS: apt-get update",
            log=list(trouble),
        )
    if unknown:
        return StairwayError(
            f"No repository of this host has {', '.join(unknown)}.",
            where="apt",
            fix=f"apt-cache policy {' '.join(unknown)}",
            log=done.tail(5),
        )
    return StairwayError(
        f"Installing {', '.join(names)} failed with exit status {done.returncode}.",
        where="apt",
        fix="See whether the disk is full (df -h) and whether dpkg is in order: dpkg --audit",
        log=done.tail(),
    )


def _output(done: Finished) -> str:
    return f"{done.stdout}\n{done.stderr}"
