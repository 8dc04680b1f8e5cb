"""What is remembered of releases: the record, one file for each release, and the audit trail.

The record (``/etc/stairway/<app>.json``, readable by all, no secret in it) says where the app stands. A release's own
file holds its whole document, so that a rollback needs nothing from the controller. The audit trail only grows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .._common import atomic
from .._common.errors import StairwayError
from .layout import Layout

SCHEMA = 1
GOOD, BAD, UNFINISHED, WITHDRAWN = "good", "bad", "unfinished", "withdrawn"


@dataclass(frozen=True)
class Release:
    """One release. ``state`` is ``good``, ``bad`` (it failed), ``withdrawn`` (someone rolled back from it) or
    ``unfinished``; a rollback returns to good ones only.

    ``images`` maps a service to its pinned image; ``seconds`` is how long the rollout took; ``proof`` the figures of
    the proof run, where there was one.
    """

    number: int
    version: str
    state: str
    at: str
    actor: str
    images: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    seconds: float | None = None
    reason: str | None = None
    rollback_of: int | None = None
    proof: Mapping[str, float] | None = None
    document: Mapping[str, Any] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """What everyone may read of it."""
        hidden = ("mark", "document")
        return {key: value for key, value in asdict(self).items() if key not in hidden and value is not None}


def now() -> str:
    """The time as RFC 3339 in UTC, to the second."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Records:
    """The records of one app on this host."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def all(self) -> list[Release]:
        """Every release that is still kept, oldest first."""
        found = (self._load(path) for path in self.layout.releases.glob("*.json"))
        return sorted((release for release in found if release is not None), key=lambda release: release.number)

    def next_number(self) -> int:
        return max((release.number for release in self.all()), default=0) + 1

    def current(self) -> Release | None:
        """The release that the record names, if there is one."""
        record = self.record()
        wanted = record.get("current") if record else None
        return next((release for release in self.all() if release.number == wanted), None)

    def record(self) -> dict[str, Any] | None:
        """The record as it stands, or ``None`` on a host that never had a release."""
        if not self.layout.record.exists():
            return None
        return _read(self.layout.record)

    def save(self, release: Release) -> None:
        """Write a release's own file; 0600, as its mark is made from secrets."""
        text = json.dumps(asdict(release), indent=1, sort_keys=True)
        atomic.write(self.layout.releases / f"{release.number}.json", text + "\n", mode=0o600)

    def stand(self, release: Release, *, colour: str) -> None:
        """Write the record: ``release`` is what the app stands on now."""
        # the journal of stages stands in the same file and is none of a release's business
        journal = (self.record() or {}).get("journal")
        record = {
            "schema": SCHEMA,
            "app": self.layout.app,
            "stage": (journal or {}).get("stage") or release.document.get("stage", "stage1"),
            "current": release.number,
            "version": release.version,
            "colour": colour,
            "since": now(),
            "releases": [kept.summary() for kept in self.all()],
            **({"journal": journal} if journal else {}),
        }
        atomic.write(
            self.layout.record,
            json.dumps(record, indent=1, sort_keys=True) + "\n",
            mode=0o644,
        )

    def note(self, event: str, **facts: Any) -> None:
        """Add a line to the audit trail."""
        line = json.dumps({"at": now(), "event": event, **facts}, sort_keys=True)
        atomic.append(self.layout.history, line)

    def forget(self, numbers: Iterable[int]) -> None:
        """Remove the files of releases that are no longer kept; the audit trail still names them."""
        for number in numbers:
            (self.layout.releases / f"{number}.json").unlink(missing_ok=True)

    def close_unfinished(self) -> None:
        """Mark what a cut-off run left open as bad: nobody saw it finish."""
        for release in self.all():
            if release.state == UNFINISHED:
                self.save(replace(release, state=BAD, reason="the run was cut off"))

    @staticmethod
    def _load(path: Path) -> Release | None:
        """``None`` for one that is forgotten in this moment: who only looks does not wait for a release that runs."""
        try:
            data = _read(path)
        except StairwayError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise
        try:
            return Release(**data)
        except TypeError as error:
            raise StairwayError(
                f"{path} is not the file of a release.",
                where=str(path),
                found=str(error),
                fix=f"Move it away: mv {path} /root/",
            ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StairwayError(
            f"{path} cannot be read.",
            where=str(path),
            expected="JSON, as Stairway wrote it",
            found=str(error),
            fix=f"Move it away (mv {path} /root/) and run the same command again.",
        ) from error
    if not isinstance(data, dict):
        raise StairwayError(
            f"{path} cannot be read.",
            where=str(path),
            expected="a JSON object",
            found=type(data).__name__,
        )
    return data


def standing_on(releases: list[Release], current: Release) -> Release:
    """The release that ``current`` stands for: itself, or the one it went back to."""
    by_number = {release.number: release for release in releases}
    while current.rollback_of is not None and current.rollback_of in by_number:
        current = by_number[current.rollback_of]
    return current


def rollback_target(releases: list[Release], current: Release) -> Release | None:
    """The release to go back to: the newest good one before the one that ``current`` stands for.

    A rollback is a release of its own, so going back twice goes on down instead of back up.
    """
    standing = standing_on(releases, current)
    older = (
        release
        for release in releases
        if release.number < standing.number and release.state == GOOD and release.rollback_of is None
    )
    return max(older, key=lambda release: release.number, default=None)


def to_forget(releases: list[Release], *, keep: int, current: int) -> list[Release]:
    """The releases beyond the newest ``keep`` good ones; bad ones go when everything good is newer than they are."""
    good = sorted(
        (release for release in releases if release.state == GOOD),
        key=lambda release: -release.number,
    )
    kept = {release.number for release in good[:keep]} | {current}
    oldest = min(kept)
    # What the current release returned to stays, or a second rollback would not know where it stands.
    kept |= {release.rollback_of for release in releases if release.number in kept and release.rollback_of}
    return [
        release
        for release in releases
        if release.number not in kept and (release.state == GOOD or release.number < oldest)
    ]
