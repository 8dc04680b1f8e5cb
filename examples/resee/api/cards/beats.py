"""Which beat processes ran when, and whether two ever ran at once. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Beat:
    """One beat process, from its first heartbeat to its last."""

    beat_id: str
    first: datetime
    last: datetime
    count: int


def overlaps(beats: Iterable[Beat]) -> list[tuple[str, str]]:
    """Pairs of beats that ran at the same time: there must be none."""
    ordered = sorted(beats, key=lambda beat: beat.first)
    return [
        (one.beat_id, other.beat_id)
        for index, one in enumerate(ordered)
        for other in ordered[index + 1 :]
        if other.first <= one.last
    ]
