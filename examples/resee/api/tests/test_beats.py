from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from cards.beats import Beat, overlaps


def beat(beat_id: str, first: int, last: int) -> Beat:
    start = datetime(2026, 1, 31, tzinfo=timezone.utc)
    return Beat(beat_id, start + timedelta(seconds=first), start + timedelta(seconds=last), 2)


@pytest.mark.parametrize(
    ("beats", "expected"),
    [
        ([], []),
        ([("a", 0, 9)], []),
        ([("a", 0, 9), ("b", 10, 19), ("c", 20, 29)], []),
        ([("b", 9, 19), ("a", 0, 9)], [("a", "b")]),
        ([("a", 0, 30), ("b", 5, 6), ("c", 10, 20)], [("a", "b"), ("a", "c")]),
    ],
    ids=["none", "one", "one after the other", "touching", "one through all"],
)
def test_overlaps(beats, expected):
    assert overlaps(beat(*each) for each in beats) == expected
