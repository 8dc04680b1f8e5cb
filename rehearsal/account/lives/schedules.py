"""When a scheduled action of Auto Scaling falls due. Pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_FIELDS: tuple[tuple[int, int, Mapping[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 7, _DAYS),
)
_LONGEST = timedelta(hours=1)  # who looks less often than this has slept, and what was due then is over


def moment(value: object) -> datetime | None:
    """What the API keeps of a time, in UTC."""
    if value is None or value == "":
        return None
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return found.astimezone(timezone.utc) if found.tzinfo else found.replace(tzinfo=timezone.utc)


def due(
    after: datetime,
    now: datetime,
    *,
    start: datetime | None,
    end: datetime | None = None,
    recurrence: str | None = None,
    zone: str | None = None,
) -> bool:
    """Whether the action falls due after ``after`` and not after ``now``.

    :raises ValueError: when the recurrence is no cron expression of five fields.
    """
    if end is not None and now > end:
        return False
    if not recurrence:
        return start is not None and after < start <= now
    minute = max(after, now - _LONGEST).astimezone(timezone.utc).replace(second=0, microsecond=0)
    while (minute := minute + timedelta(minutes=1)) <= now:
        if (start is None or minute >= start) and matches(recurrence, minute.astimezone(ZoneInfo(zone or "UTC"))):
            return True
    return False


def matches(cron: str, local: datetime) -> bool:
    """Whether a cron expression names this minute.

    :raises ValueError: when it has not five fields, or one of them is not understood.
    """
    fields = cron.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"not a cron expression of five fields: {cron}")
    minute, hour, day, month, weekday = (_numbers(*pair) for pair in zip(fields, _FIELDS, strict=True))
    if local.minute not in minute or local.hour not in hour or local.month not in month:
        return False
    by_day, by_weekday = local.day in day, local.isoweekday() % 7 in {one % 7 for one in weekday}
    # where both are named, either is enough, as cron has always had it
    return by_day or by_weekday if fields[2] != "*" and fields[4] != "*" else by_day and by_weekday


def _numbers(field: str, limits: tuple[int, int, Mapping[str, int]]) -> set[int]:
    lowest, highest, names = limits
    found: set[int] = set()
    for part in field.lower().split(","):
        span, _, pace = part.partition("/")
        first, dash, last = span.partition("-")
        begin = lowest if first in ("*", "?") else _number(first, names)
        until = highest if first in ("*", "?") or (pace and not dash) else begin
        found.update(range(begin, (_number(last, names) if dash else until) + 1, int(pace or 1)))
    return found


def _number(text: str, names: Mapping[str, int]) -> int:
    return names[text] if text in names else int(text)
