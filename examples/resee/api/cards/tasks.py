"""What the worker does. Each task may run twice and leaves the same behind."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

from celery import shared_task
from django.db.models import Count, Q

from .models import Day, Heartbeat, Review

HEARTBEATS_KEPT = timedelta(hours=6)


@shared_task
def count_day(day: str) -> None:
    """Count the reviews of a day (``2026-01-31``, UTC) anew."""
    start = datetime.combine(date.fromisoformat(day), time(), timezone.utc)
    reviews = Review.objects.filter(reviewed_at__gte=start, reviewed_at__lt=start + timedelta(days=1))
    totals = reviews.aggregate(reviewed=Count("id"), remembered=Count("id", filter=Q(remembered=True)))
    Day.objects.update_or_create(date=start.date(), defaults=totals)


# typing=False: the arguments are not there yet when beat asks whether they fit.
@shared_task(typing=False)
def heartbeat(beat_id: str, sent_at: str) -> None:
    """Record that beat is alive. ``beat_id`` and ``sent_at`` are filled in when beat sends it, see resee/celery.py."""
    sent = datetime.fromisoformat(sent_at)
    Heartbeat.objects.get_or_create(beat_id=beat_id, sent_at=sent)
    Heartbeat.objects.filter(sent_at__lt=sent - HEARTBEATS_KEPT).delete()
