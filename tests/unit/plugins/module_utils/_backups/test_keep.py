"""Retention deletes what it should, and never the last good one, whatever the clock says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.stairway.cloud.plugins.module_utils._backups.keep import DAY, may_go, newest
from ansible_collections.stairway.cloud.plugins.module_utils._backups.manifest import new_id
from ansible_collections.stairway.cloud.plugins.module_utils._backups.model import Manifest

from .conftest import Make

NOW = 1_800_000_000.0


def daily(make: Make, count: int, until: float = NOW) -> list[Manifest]:
    return [make(number, until - (count - number) * DAY) for number in range(1, count + 1)]


def test_old_ones_go_and_young_ones_stay(make: Make) -> None:
    gone = may_go(daily(make, 40), now=NOW, days=30, least=7)
    assert [one.sequence for one in gone] == list(range(1, 10))


def test_nothing_goes_while_nothing_is_old(make: Make) -> None:
    assert may_go(daily(make, 30), now=NOW, days=30, least=7) == []


@pytest.mark.parametrize("now", [NOW + 10_000 * DAY, 2**62], ids=["far ahead", "farther"])
def test_a_clock_that_runs_ahead_leaves_the_newest(make: Make, now: float) -> None:
    every = daily(make, 40)
    gone = may_go(every, now=now, days=30, least=7)
    assert [one.sequence for one in every if one not in gone] == list(range(34, 41))


@pytest.mark.parametrize("now", [0, -1, NOW - 400 * DAY], ids=["1970", "before", "last year"])
def test_a_clock_that_runs_behind_lets_nothing_go(make: Make, now: float) -> None:
    assert may_go(daily(make, 40), now=now, days=30, least=7) == []


def test_one_that_was_made_under_a_wrong_clock_is_still_the_newest(make: Make) -> None:
    every = [*daily(make, 10), make(11, 5.0)]  # in 1970, as the host believed
    assert newest(every).sequence == 11
    assert 11 not in [one.sequence for one in may_go(every, now=NOW, days=1, least=1)]


def test_backups_that_stopped_stay(make: Make) -> None:
    every = daily(make, 40, until=NOW - 365 * DAY)
    gone = may_go(every, now=NOW, days=30, least=7)
    assert [one.sequence for one in every if one not in gone] == list(range(34, 41))


def test_bad_ones_count_for_nothing(make: Make) -> None:
    """Seven nights of implausible dumps push no good one out."""
    every = [*daily(make, 3, until=NOW - 90 * DAY), *(make(number, NOW - DAY, good=False) for number in range(4, 11))]
    assert may_go(every, now=NOW, days=30, least=2) == [every[0]]
    assert newest(every).sequence == 3


def test_the_newest_that_a_drill_has_proven_stays(make: Make) -> None:
    every = daily(make, 40)
    gone = may_go(every, now=NOW, days=1, least=1, proven={every[4].id, every[9].id})
    assert [one.sequence for one in every if one not in gone] == [10, 39, 40]


def test_least_is_one_at_least(make: Make) -> None:
    every = daily(make, 3)
    assert every[-1] not in may_go(every, now=NOW + 999 * DAY, days=1, least=0)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1e12, 1e12), st.booleans()), min_size=1, max_size=30),
    st.floats(-1e12, 1e12),
    st.integers(1, 100),
    st.integers(1, 10),
)
def test_whatever_the_clocks_say(made: list[tuple[float, bool]], now: float, days: int, least: int) -> None:
    every = [
        Manifest(
            app="a", store="db", engine="e", id=new_id(number, 0), sequence=number, began=at, made=at, host="",
            server="", image="", database="", file="", bytes=1, sha256="", sealed="", counts={}, good=good,
        )
        for number, (at, good) in enumerate(made, 1)
    ]  # fmt: skip
    gone = may_go(every, now=now, days=days, least=least)
    good = [one for one in every if one.good]
    assert [one for one in good if one not in gone][-least:] == good[-least:], "the newest good ones stay"
    assert all(now - one.made > days * DAY for one in gone), "nothing goes that is not old"
    assert all(before.sequence < after.sequence for before, after in pairwise(gone))
