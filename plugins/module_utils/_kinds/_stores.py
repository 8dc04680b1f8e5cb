"""What databases and caches share: the forms of their windows, versions and parameters. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._resource.problems import Problem
from .._resource.types import Shape, Text

_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_DAY = r"(mon|tue|wed|thu|fri|sat|sun)"
DAILY = Text(rf"{_TIME}-{_TIME}", "a time of the day in UTC such as 03:00-04:00")
WEEKLY = Text(
    rf"(?i){_DAY}:{_TIME}-{_DAY}:{_TIME}", "a time of the week in UTC such as sun:04:00-sun:05:00", lower=True
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK = 7 * 24 * 60


@dataclass(frozen=True)
class Setting(Shape):
    """A parameter of an engine: a text, a number, or true and false as the engine spells them."""

    yes: str = "1"
    no: str = "0"

    @property
    def words(self) -> str:
        return "a text or a number"

    def problems(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, (str, int, float)):
            yield Problem(where, "This has to be a text or a number.", repr(value), self.words)

    def canonical(self, value: Any) -> Any:
        if isinstance(value, bool):
            return self.yes if value else self.no
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version; what is no number ends it: 5.7.44-rds.2 is (5, 7, 44)."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(one) for one in found.group().split(".")) if found else ()


def same_version(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether AWS runs what was asked for: the same one, or any of it where less of it was said (``8.0``)."""
    less, more = numbers(str(wanted["version"])), numbers(str(found.get("version") or ""))
    return bool(less) and more[: len(less)] == less


def minutes(window: str) -> tuple[int, int]:
    """Start and length in minutes, of a daily window from midnight, of a weekly one from Monday."""
    start, end = (_minute(one) for one in _halves(window))
    whole = _WEEK if window[0].isalpha() else 24 * 60
    return start, (end - start) % whole


def _halves(window: str) -> tuple[str, str]:
    first, second = window.lower().split("-")
    return first, second


def _minute(moment: str) -> int:
    *day, hour, minute = moment.split(":")
    return (_DAYS.index(day[0]) * 24 * 60 if day else 0) + int(hour) * 60 + int(minute)


def windows_apart(daily: str | None, weekly: str | None) -> bool:
    """Whether the two never overlap, as both RDS and ElastiCache ask."""
    if not daily or not weekly:
        return True
    start, length = minutes(weekly)
    taken = {minute % (24 * 60) for minute in range(start, start + length)}
    begins, lasts = minutes(daily)
    return not any(minute % (24 * 60) in taken for minute in range(begins, begins + lasts))


def window_problems(key: str, daily_field: str, daily: str | None, weekly: str | None, least: int) -> Iterator[Problem]:
    """Windows that are too short, or that overlap. ``least`` is the daily one's shortest length in minutes."""
    if daily and not minutes(daily)[1] >= least:
        yield Problem(f"{key}.{daily_field}", "This window is too short.", daily, f"at least {least} minutes")
    if weekly and not 30 <= minutes(weekly)[1] <= 24 * 60:
        yield Problem(
            f"{key}.maintenance_window", "This window has the wrong length.", weekly, "30 minutes to 24 hours"
        )
    if not windows_apart(daily, weekly):
        yield Problem(
            f"{key}.{daily_field}", "Backup and maintenance would run at the same time.", f"{daily} and {weekly}",
            "two windows that do not overlap",
        )  # fmt: skip
