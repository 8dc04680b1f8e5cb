"""What is stored."""

from __future__ import annotations

from django.db import models, transaction
from django.utils import timezone

from .schedule import due_at, next_box


class Card(models.Model):
    question = models.CharField(max_length=500)
    answer = models.CharField(max_length=2000)
    box = models.PositiveSmallIntegerField(default=0, editable=False)
    due_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.question

    @classmethod
    def review(cls, card_id: int, *, remembered: bool) -> Review:
        """Record a review and move the card. Two at the same time are counted one after the other.

        :raises Card.DoesNotExist: when it was deleted.
        """
        now = timezone.now()
        with transaction.atomic():
            card = cls.objects.select_for_update().get(pk=card_id)
            card.box = next_box(card.box, remembered=remembered)
            card.due_at = due_at(card.box, now)
            card.save(update_fields=["box", "due_at"])
            return Review.objects.create(card=card, remembered=remembered, reviewed_at=now)


class Review(models.Model):
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="reviews")
    remembered = models.BooleanField()
    reviewed_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.card_id} at {self.reviewed_at:%Y-%m-%d %H:%M}"


class Day(models.Model):
    """The reviews of one day (UTC), counted by the worker."""

    date = models.DateField(unique=True)
    reviewed = models.PositiveIntegerField()
    remembered = models.PositiveIntegerField()

    class Meta:
        ordering = ("-date",)

    def __str__(self) -> str:
        return f"{self.date}: {self.remembered} of {self.reviewed}"


class Heartbeat(models.Model):
    """Beat was alive at ``sent_at``. Each beat process has an id of its own, so two at once are seen."""

    beat_id = models.CharField(max_length=32)
    sent_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.beat_id} at {self.sent_at:%H:%M:%S}"
