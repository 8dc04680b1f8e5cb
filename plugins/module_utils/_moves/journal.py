"""The journal of a move: ``/var/lib/stairway/<app>/moves/<store>.json``, of root's alone, without a secret.

Every step is noted before it begins and after it has ended, so that a run which was cut off anywhere is continued or
undone by the next. ``state`` is ``open`` until the move has ended as ``moved`` or ``aborted``.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .._common import atomic
from .._common.errors import StairwayError

STATE = Path("/var/lib/stairway")
SCHEMA = 1
OPEN, MOVED, ABORTED = "open", "moved", "aborted"


def now() -> str:
    """The time as RFC 3339 in UTC, to the second."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def folder_of(app: str, state: Path = STATE) -> Path:
    return state / app / "moves"


@dataclass
class Journal:
    """What is known of one store's move, and how far it has come. Changes are on the disk when a method returns."""

    path: Path
    data: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Journal:
        """:raises StairwayError: when the file is there and cannot be read."""
        if not path.exists():
            return cls(path)
        try:
            return cls(path, dict(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError) as error:
            raise StairwayError(
                f"{path} cannot be read.",
                where=str(path),
                expected="JSON, as Stairway wrote it",
                found=str(error),
                fix="see on both sides what the move has left (docs/moves.md), then move the file away",
            ) from error

    @property
    def open(self) -> bool:
        return self.data.get("state") == OPEN

    @property
    def something(self) -> bool:
        """Whether there is something to give up: a move, or a way back."""
        return self.open or bool(self.facts.get("way_back"))

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = self.data.setdefault("facts", {})
        return found

    @property
    def left(self) -> str | None:
        """The place that the last move has left as its source, read-only, also when one has been given up since."""
        found = self.data.get("source") if self.data.get("state") == MOVED else self.data.get("left")
        return str(found) if found else None

    def way_back(self, source: str, target: str) -> dict[str, Any] | None:
        """What the last move has kept for the way from ``source`` to ``target``, or ``None``."""
        if self.data.get("state") != MOVED or (source, target) != (self.data.get("target"), self.data.get("source")):
            return None
        return self.facts.get("way_back")

    def require_writable(self, store: str, place: str) -> None:
        """:raises StairwayError: when the app would begin anew where an earlier move has left what takes no writes."""
        if self.left == place:
            raise StairwayError(
                f"The store {store} cannot start empty there.",
                where=str(self.path),
                expected="a place where the app can write",
                found=f"what an earlier move has left ({place}), read-only",
                fix=f"let the data go along: leave start_empty out, and type -e replace_target={store}",
            )

    @property
    def last(self) -> str | None:
        """The last step that was begun, also when it was done."""
        steps = self.data.get("steps") or []
        return str(steps[-1]["name"]) if steps else None

    def done(self, name: str) -> bool:
        """Whether the last beginning of that step came to its end."""
        found = [one for one in self.data.get("steps") or [] if one["name"] == name]
        return bool(found) and "done" in found[-1]

    def begin(self, facts: dict[str, Any], **about: Any) -> None:
        """A new move; what was noted of the one before is forgotten (its report is not)."""
        self.data = {"schema": SCHEMA, "state": OPEN, "began": now(), **about, "steps": [], "facts": facts}
        self.save()

    def end(self, state: str, **about: Any) -> None:
        self.data.update(state=state, ended=now(), **about)
        self.save()

    def say(self, **about: Any) -> None:
        """Note something about the move as a whole."""
        self.data.update(about)
        self.save()

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Note that ``name`` begins, and that it is done or how it failed."""
        begun = time.monotonic()
        entry: dict[str, Any] = {"name": name, "begun": now()}
        self.data.setdefault("steps", []).append(entry)
        self.save()
        try:
            yield
        except StairwayError as error:
            entry.update(failed=error.message, seconds=round(time.monotonic() - begun, 3))
            self.save()
            raise
        entry.update(done=now(), seconds=round(time.monotonic() - begun, 3))
        self.save()

    def save(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic.write(self.path, json.dumps(self.data, indent=1, sort_keys=True) + "\n", mode=0o600)
