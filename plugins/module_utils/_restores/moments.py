"""The moment to which a database is to be set back: what is asked for, and what AWS can do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .._common.errors import StairwayError

WHERE = "-e at=..."
FORM = "a date and a time with its zone, to the second: 2026-11-21T02:00:00Z, or 2026-11-21T11:00:00+09:00"


@dataclass(frozen=True)
class Window:
    """The earliest and the latest moment that AWS can bring back, in UTC."""

    earliest: datetime
    latest: datetime

    def __str__(self) -> str:
        return f"a moment from {shown(self.earliest)} to {shown(self.latest)}"


def shown(moment: datetime) -> str:
    """As people type it."""
    return f"{moment.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def stamp(moment: datetime) -> str:
    """As part of a name."""
    return f"{moment.astimezone(timezone.utc):%Y%m%d-%H%M%S}"


def again(store: str, more: str) -> str:
    """What to type next."""
    return f"ansible-playbook playbooks/restore.yml -e store={store} {more}"


def moment(text: str, store: str) -> datetime:
    """
    :raises StairwayError: for what is no moment, or one without a zone: nobody can know which of 24 was meant.
    """
    try:
        found = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.microsecond:
        raise StairwayError(
            "This is no moment.",
            expected=FORM,
            found=text,
            where=WHERE,
            fix=again(store, "-e at=<moment>"),
        )
    return found.astimezone(timezone.utc)


def window(instance: Mapping[str, Any], backups: Sequence[Mapping[str, Any]]) -> Window | None:
    """By what DescribeDBInstances and DescribeDBInstanceAutomatedBackups answer; None when there is no backup.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreWindow.html
    """
    windows = [one["RestoreWindow"] for one in backups if (one.get("RestoreWindow") or {}).get("EarliestTime")]
    latest = instance.get("LatestRestorableTime") or max((one.get("LatestTime") for one in windows), default=None)
    earliest = min((one["EarliestTime"] for one in windows), default=instance.get("InstanceCreateTime"))
    if not instance.get("BackupRetentionPeriod") or latest is None or earliest is None:
        return None
    found = Window(_utc(earliest), _utc(latest))
    return found if found.earliest <= found.latest else None


def check(at: datetime, possible: Window, store: str, now: datetime) -> None:
    """
    :raises StairwayError: for a moment that AWS cannot bring back.
    """
    if possible.earliest <= at <= possible.latest:
        return
    if at > now:
        what = "This moment has not been yet."
    elif at > possible.latest:
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html: every five minutes
        what = "AWS has not come so far yet: it is behind by some five minutes."
    else:
        what = "AWS does not reach so far back."
    nearest = possible.latest if at > possible.latest else possible.earliest
    raise StairwayError(
        what, expected=str(possible), found=shown(at), where=WHERE, fix=again(store, f"-e at={shown(nearest)}")
    )


def missing(possible: Window, store: str) -> StairwayError:
    """No moment was given."""
    return StairwayError(
        f"Say to which moment {store} is to be set back.",
        expected=str(possible),
        found="no moment",
        where=WHERE,
        fix=again(store, f"-e at={shown(possible.latest)}"),
    )


def no_backup(store: str, name: str) -> StairwayError:
    return StairwayError(
        f"AWS keeps no backup of {store} from which it could be restored.",
        expected="automated backups, the first of them finished",
        found=f"none of {name}",
        where=f"rds:DescribeDBInstances {name}",
        fix="see managed.backup_days in app.yml; the first backup is made within minutes after it is set",
    )


def _utc(found: datetime) -> datetime:
    return found.astimezone(timezone.utc) if found.tzinfo else found.replace(tzinfo=timezone.utc)
