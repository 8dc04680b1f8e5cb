from __future__ import annotations

import json
import logging

import pytest
from celery.signals import before_task_publish
from django.core.management import call_command

from cards.tasks import count_day, heartbeat
from resee.celery import BEAT_ID, app
from resee.logs import JsonFormatter


def published(task):
    """The keyword arguments that would be sent for ``task``."""
    body = ([], {}, {})
    before_task_publish.send(sender=task.name, body=body)
    return body[1]


def test_heartbeat_is_signed_by_its_sender():
    keywords = published(heartbeat)
    assert keywords["beat_id"] == BEAT_ID
    assert set(keywords) == {"beat_id", "sent_at"}


def test_beat_may_send_it_without_arguments():
    assert heartbeat.typing is False


def test_no_other_task_is_signed():
    assert published(count_day) == {}


def test_beat_knows_a_task_that_exists():
    (entry,) = app.conf.beat_schedule.values()
    assert entry["task"] in app.tasks


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run")


def test_log_line_is_json():
    record = logging.LogRecord("cards", logging.INFO, __file__, 1, "%s\n%s", ("one", "two"), None)
    line = JsonFormatter("2").format(record)
    assert "\n" not in line
    assert {**json.loads(line), "time": ""} == {
        "time": "", "level": "info", "logger": "cards", "message": "one\ntwo", "version": "2",
    }  # fmt: skip
