"""The Celery app: ``celery -A resee worker`` and ``celery -A resee beat``."""

from __future__ import annotations

import logging.config
import os
import uuid

from celery import Celery
from celery.signals import before_task_publish, setup_logging
from django.conf import settings
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "resee.settings")
app = Celery("resee")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Tells the processes that send heartbeats apart: there should be one at any time.
BEAT_ID = uuid.uuid4().hex


@before_task_publish.connect(sender="cards.tasks.heartbeat", weak=False)
def _sign_heartbeat(body: tuple, **_: object) -> None:
    """Runs in beat, when it sends: who sent it and when is not for the worker to say."""
    body[1].update(beat_id=BEAT_ID, sent_at=timezone.now().isoformat())


@setup_logging.connect(weak=False)
def _log_as_django_does(**_: object) -> None:
    """Connecting to this signal keeps Celery's own logging away."""
    logging.config.dictConfig(settings.LOGGING)
