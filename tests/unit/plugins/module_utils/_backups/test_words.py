"""What people read."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import words


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.5e6, "2.5 MB"), (3e12, "3000.0 GB")]
)
def test_size(count: float, text: str) -> None:
    assert words.size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(9, "9 s"), (119, "119 s"), (600, "10 min"), (36_000, "10 h"), (864_000, "10 days")]
)
def test_span(seconds: float, text: str) -> None:
    assert words.span(seconds) == text


def test_the_widest_gap_counts_and_the_one_since_the_last_too() -> None:
    assert words.widest([0, 100, 1000], 1050) == 900
    assert words.widest([0, 100, 1000], 5000) == 4000
    assert words.widest([], 5000) == 0


def test_what_failed_is_said_first() -> None:
    text = words.notice("chat", "web1", "backup", [{"name": "cache", "bytes": 1, "seconds": 1}], {"db": "gone\nfar"})
    assert text.splitlines() == [":x: *chat* backup failed on web1: db", "db: gone far", "Good: cache."]


def test_what_went_well_says_how_much_and_how_long() -> None:
    text = words.notice("chat", "web1", "backup", [{"name": "db", "bytes": 2e9, "seconds": 61}], {})
    assert text == ":white_check_mark: *chat* backup on web1: db 2.0 GB in 61 s"


def state(**changes: Any) -> dict[str, Any]:
    good = {"made": 1000.0, "bytes": 5000, "rows": 7}
    part = {"good": good, "times": [1000.0], "first": 0.0, "drill": {"at": 1500.0, "seconds": 40.0}, **changes}
    return {"stores": {"db": part}}


def shown(given: dict[str, Any], now: float = 1600.0, alarm: int | None = 14) -> str:
    return "\n".join(words.standing(given, now, rpo_minutes=15, rto_minutes=30, alarm=alarm))


def test_age_size_drill_and_what_was_reached_stand_beside_what_is_wanted() -> None:
    text = shown(state())
    assert "10 min ago  5.0 kB  7     good      100 s ago   10 min  40 s" in text
    assert "RPO 15 min" in text
    assert "RTO 30 min" in text


def test_what_is_missed_is_marked() -> None:
    text = shown(state(drill={"at": 1500.0, "seconds": 3601.0}), now=87_400.0)
    assert text.count("(missed)") == 2


def test_a_store_that_was_never_backed_up_or_proven_says_so() -> None:
    text = shown({"stores": {"db": {}}})
    assert text.count("never") == 2
    assert "not proven" in text


def test_a_drill_that_is_late_is_an_alarm() -> None:
    assert "No good drill of db for more than 14 days." in shown(state(), now=1500 + 15 * 86_400)


def test_why_the_last_try_failed_stands_below() -> None:
    lines = shown(state(error="The disk is full.", drill_error="A row is missing.")).splitlines()
    assert "failed" in lines[1]
    assert lines[3:5] == ["db: The disk is full.", "db: A row is missing."]


def test_nothing_yet() -> None:
    assert "No backup was made yet" in shown({"stores": {}})


def test_a_drill_that_only_read_says_nothing_of_how_long_a_restore_takes() -> None:
    assert "not proven" in shown(state(drill={"at": 1500.0, "seconds": 40.0, "note": "no room"}))
    assert "not proven" not in shown(state())
