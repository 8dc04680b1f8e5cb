"""Addresses below /api/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from .api import Cards, Days, heartbeats

router = SimpleRouter()
router.register("cards", Cards, basename="card")
router.register("days", Days)

urlpatterns = [*router.urls, path("heartbeats/", heartbeats)]
