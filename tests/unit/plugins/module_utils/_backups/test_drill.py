"""When it is time for a drill, and when somebody has to hear that there was none."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups.drill import due, overdue
from ansible_collections.stairway.cloud.plugins.module_utils._backups.model import Drill

DAY = 86_400
PLAN = Drill(7, 14)
NOW = 1000.0 * DAY


@pytest.mark.parametrize(
    ("last", "expected"),
    [(None, True), (NOW, False), (NOW - 6.9 * DAY, False), (NOW - 7 * DAY + 60, True), (NOW + DAY, True)],
    ids=["never", "just now", "not yet", "a minute early", "in the future"],
)
def test_due(last: float | None, expected: bool) -> None:
    assert due(PLAN, last, NOW) is expected


@pytest.mark.parametrize(
    ("last", "since", "days"),
    [
        (NOW - 13 * DAY, 0.0, None),
        (NOW - 15 * DAY, 0.0, 15),
        (None, NOW - 3 * DAY, None),
        (None, NOW - 20 * DAY, 20),
        (None, None, None),
    ],
    ids=["in time", "too long ago", "young", "never", "no backup yet"],
)
def test_overdue(last: float | None, since: float | None, days: int | None) -> None:
    assert overdue(PLAN, last, since, NOW) == days
