"""``GET /api/health/``: is this process fit to serve, and if not, what is missing."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

from .middleware import HEALTH, Next, fault

_log = logging.getLogger(__name__)


def _database() -> str | None:
    """Why the database cannot be used, or None."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"database: {error}"
    return None


def _cache() -> str | None:
    """Why the cache cannot be used, or None."""
    try:
        cache.set("health", 1, timeout=10)
    except RedisError as error:
        return f"cache: {error}"
    return None


def health(request: HttpRequest) -> JsonResponse:
    """200 or 503. The reasons go to the log and not to the public."""
    database, cached, built_in = _database(), _cache(), fault.reason()
    reasons = [reason for reason in (built_in, database, cached) if reason]
    if reasons:
        _log.error("not healthy: %s", "; ".join(reasons))
    else:
        fault.was_healthy()
    body = {
        "status": "failing" if reasons else "ok",
        "version": settings.ENVIRONMENT.version,
        "database": "down" if database else "ok",
        "cache": "down" if cached else "ok",
    }
    return JsonResponse(body, status=503 if reasons else 200, headers={"Cache-Control": "no-store"})


class HealthCheck:
    """Answers before Django looks at the name that was asked for: a load balancer asks each machine by its address,
    which ``ALLOWED_HOSTS`` cannot know, and takes a 400 for a machine that is not well.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return health(request) if request.path == HEALTH else self.get_response(request)
