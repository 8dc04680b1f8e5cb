"""A backup that cannot be what it says is doubted; an app's first days are not."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups.plausible import ACCEPTED, doubt

from .conftest import Make


@pytest.mark.parametrize("size", [0, 1, 63])
def test_nothing_is_no_backup(make: Make, size: int) -> None:
    assert f"{size} bytes" in doubt(make(bytes=size), [])


def test_the_first_one_is_believed(make: Make) -> None:
    assert doubt(make(bytes=64, counts={}), []) is None


def test_one_much_smaller_than_usual_is_doubted(make: Make) -> None:
    before = [make(number, bytes=1_000_000 + number) for number in range(1, 8)]
    assert "about 1000005" in doubt(make(8, bytes=499_999), before)
    assert doubt(make(8, bytes=600_000), before) is None


def test_one_large_one_is_not_what_is_usual(make: Make) -> None:
    sizes = (300_000, 300_000, 9_000_000, 300_000, 300_000)
    assert doubt(make(9, bytes=290_000), [make(number, bytes=size) for number, size in enumerate(sizes)]) is None


def test_what_somebody_has_accepted_is_what_is_usual_from_then_on(make: Make) -> None:
    before = [make(number, bytes=1_000_000) for number in range(1, 8)]
    accepted = make(8, bytes=400_000, note=f"{ACCEPTED}it has 400000 bytes")
    assert doubt(make(9, bytes=390_000), before) is not None
    assert doubt(make(9, bytes=390_000), [accepted, *before]) is None
    after = [*before, accepted, make(9, bytes=800_000), make(10, bytes=800_000)]
    assert "about 800000" in doubt(make(11, bytes=390_000), after)


def test_small_ones_may_shrink(make: Make) -> None:
    assert doubt(make(2, bytes=500), [make(1, bytes=50_000)]) is None


def test_a_database_that_lost_every_row_is_doubted(make: Make) -> None:
    assert "no rows" in doubt(make(2, bytes=9_000, counts={"users": 0}), [make(1, bytes=10_000)])
