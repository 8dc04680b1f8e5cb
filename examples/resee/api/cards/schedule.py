"""When a card is due again (Leitner's boxes). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

DAYS = (0, 1, 3, 7, 14, 30)  # how long a card rests in box 0, 1, 2, ...


def next_box(box: int, *, remembered: bool) -> int:
    """One box up when remembered, back to the first when not."""
    return min(box + 1, len(DAYS) - 1) if remembered else 0


def due_at(box: int, reviewed_at: datetime) -> datetime:
    return reviewed_at + timedelta(days=DAYS[box])
