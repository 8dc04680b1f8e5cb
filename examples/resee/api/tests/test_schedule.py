from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from cards.schedule import due_at, next_box

NOW = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("box", "remembered", "expected"), [(0, True, 1), (1, True, 2), (5, True, 5), (0, False, 0), (4, False, 0)]
)
def test_next_box(box, remembered, expected):
    assert next_box(box, remembered=remembered) == expected


@pytest.mark.parametrize(("box", "days"), [(0, 0), (1, 1), (3, 7), (5, 30)])
def test_due_at(box, days):
    assert due_at(box, NOW) == NOW + timedelta(days=days)
