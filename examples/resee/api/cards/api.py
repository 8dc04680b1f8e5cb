"""The HTTP interface under /api/."""

from __future__ import annotations

import logging
from dataclasses import asdict

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from .beats import Beat, overlaps
from .models import Card, Day, Heartbeat
from .tasks import count_day

_log = logging.getLogger(__name__)


class CardSerializer(serializers.ModelSerializer):
    class Meta:
        model = Card
        fields = ("id", "question", "answer", "box", "due_at", "created_at")


class ReviewSerializer(serializers.Serializer):
    remembered = serializers.BooleanField()


class DaySerializer(serializers.ModelSerializer):
    class Meta:
        model = Day
        fields = ("date", "reviewed", "remembered")


class Cards(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet,
):
    """``cards/``, ``cards/1/``, ``cards/due/``, ``cards/1/review/``; version 2 knows ``cards/?search=``."""

    serializer_class = CardSerializer

    def get_queryset(self) -> QuerySet[Card]:
        word = self.request.query_params.get("search", "") if settings.ENVIRONMENT.knows_search else ""
        return Card.objects.filter(Q(question__icontains=word) | Q(answer__icontains=word))

    @action(detail=False)
    def due(self, request: Request) -> Response:
        """The cards to review now, the longest waiting first."""
        cards = self.get_queryset().filter(due_at__lte=timezone.now()).order_by("due_at", "id")
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(cards), many=True).data)

    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        """``{"remembered": true}`` moves the card and lets the worker count the day."""
        answer = ReviewSerializer(data=request.data)
        answer.is_valid(raise_exception=True)
        card = get_object_or_404(Card, pk=pk)
        review = Card.review(card.pk, remembered=answer.validated_data["remembered"])
        transaction.on_commit(lambda: _count(review.reviewed_at.date().isoformat()))
        card.refresh_from_db()
        return Response(self.get_serializer(card).data)


def _count(day: str) -> None:
    try:
        count_day.delay(day)
    except OperationalError as error:
        # The review is stored. The next one counts the whole day again.
        _log.warning("day %s not counted: %s", day, error)


class Days(mixins.ListModelMixin, viewsets.GenericViewSet):
    """``/api/days/``: what the worker counted."""

    queryset = Day.objects.all()
    serializer_class = DaySerializer


@api_view()
def heartbeats(request: Request) -> Response:
    """``/api/heartbeats/``: the beats of the last hours, and pairs that ran at once (there should be none)."""
    rows = Heartbeat.objects.values("beat_id").annotate(first=Min("sent_at"), last=Max("sent_at"), count=Count("id"))
    beats = [Beat(**row) for row in rows.order_by("first")]
    return Response({"beats": [asdict(beat) for beat in beats], "overlaps": overlaps(beats)})
