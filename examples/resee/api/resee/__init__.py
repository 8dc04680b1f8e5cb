"""The project: settings, URLs and the processes (web, worker, beat). The domain is in ``cards``."""

from __future__ import annotations

from .celery import app as celery_app

__all__ = ["celery_app"]
