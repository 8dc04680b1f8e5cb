from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import ConnectionError as CacheAway

from cards.models import Card, Day, Heartbeat, Review
from cards.tasks import count_day, heartbeat
from resee import middleware
from resee.fault import Fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(client):
    return client.post("/api/cards/", {"question": "2 + 2", "answer": "4"}, content_type="application/json").json()


def review(client, card, **answer):
    return client.post(f"/api/cards/{card['id']}/review/", answer, content_type="application/json")


def set_version(monkeypatch, *, knows_search):
    version = "2" if knows_search else "1"
    monkeypatch.setattr(
        settings, "ENVIRONMENT", type("Environment", (), {"version": version, "knows_search": knows_search})
    )


def test_health(client):
    response = client.get("/api/health/")
    assert response.status_code == 200
    assert response.headers["X-App-Version"] == "2"
    assert response.json() == {"status": "ok", "version": "2", "database": "ok", "cache": "ok"}


def test_health_by_the_address_of_the_machine(client):
    """As a load balancer asks; whatever else is asked for so gets a 400."""
    assert client.get("/api/health/", headers={"host": "10.66.1.5:8000"}).status_code == 200
    assert client.get("/api/cards/", headers={"host": "10.66.1.5:8000"}).status_code == 400


def test_health_without_database(client, monkeypatch):
    def away():
        raise OperationalError("away")

    monkeypatch.setattr(connection, "cursor", away)
    response = client.get("/api/health/")
    assert response.status_code == 503
    assert response.json() == {"status": "failing", "version": "2", "database": "down", "cache": "ok"}


def test_health_without_cache(client, monkeypatch):
    def away(*_, **__):
        raise CacheAway("away")

    monkeypatch.setattr(cache, "set", away)
    response = client.get("/api/health/")
    assert response.status_code == 503
    assert response.json()["cache"] == "down"


def test_fault_spoils_everything(client, monkeypatch):
    fault = Fault("broken-health", 4)
    monkeypatch.setattr(middleware, "fault", fault)
    monkeypatch.setattr("resee.health.fault", fault)
    assert client.get("/api/health/").status_code == 503
    assert client.get("/api/cards/").status_code == 500


def test_new_card_is_due_at_once(client, card):
    assert card["box"] == 0
    assert [each["id"] for each in client.get("/api/cards/due/").json()["results"]] == [card["id"]]


def test_card_needs_a_question(client):
    response = client.post("/api/cards/", {"answer": "4"}, content_type="application/json")
    assert response.status_code == 400
    assert list(response.json()) == ["question"]


def test_delete(client, card):
    assert client.delete(f"/api/cards/{card['id']}/").status_code == 204
    assert client.get(f"/api/cards/{card['id']}/").status_code == 404


@pytest.mark.parametrize(("knows_search", "expected"), [(True, 1), (False, 2)])
def test_search(client, card, monkeypatch, knows_search, expected):
    Card.objects.create(question="Capital of Peru", answer="Lima")
    set_version(monkeypatch, knows_search=knows_search)
    assert client.get("/api/cards/?search=lima").json()["count"] == expected


def test_remembered_card_rests(client, card):
    assert review(client, card, remembered=True).json()["box"] == 1
    assert client.get("/api/cards/due/").json()["count"] == 0


def test_forgotten_card_starts_again(client, card):
    review(client, card, remembered=True)
    assert review(client, card, remembered=False).json()["box"] == 0


@pytest.mark.parametrize(("number", "answer", "status"), [(None, {}, 400), (999_999, {"remembered": True}, 404)])
def test_review_refused(client, card, number, answer, status):
    assert review(client, {"id": number or card["id"]}, **answer).status_code == status


def test_review_is_counted_by_the_worker(client, card, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        review(client, card, remembered=True)
        review(client, card, remembered=False)
    (day,) = client.get("/api/days/").json()["results"]
    assert (day["reviewed"], day["remembered"]) == (2, 1)


def test_review_is_stored_without_a_broker(client, card, monkeypatch, django_capture_on_commit_callbacks):
    def away(_):
        raise BrokerError("away")

    monkeypatch.setattr(count_day, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        assert review(client, card, remembered=True).status_code == 200
    assert Review.objects.count() == 1


def test_counting_twice_is_counting_once(card):
    noon = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
    for reviewed_at in (noon, noon + timedelta(hours=13)):
        Review.objects.create(card_id=card["id"], remembered=True, reviewed_at=reviewed_at)
    count_day("2026-01-31")
    count_day("2026-01-31")
    assert Review.objects.count() == 2
    assert list(Day.objects.values_list("reviewed", flat=True)) == [1]


def test_heartbeats(client):
    start = datetime.now(timezone.utc)
    for beat_id, seconds in (("a", 0), ("a", 2), ("a", 2), ("b", 4), ("c", 5), ("b", 6)):
        heartbeat(beat_id, (start + timedelta(seconds=seconds)).isoformat())
    found = client.get("/api/heartbeats/").json()
    assert [(beat["beat_id"], beat["count"]) for beat in found["beats"]] == [("a", 2), ("b", 2), ("c", 1)]
    assert found["overlaps"] == [["b", "c"]]


def test_old_heartbeats_are_forgotten():
    now = datetime.now(timezone.utc)
    heartbeat("old", (now - timedelta(days=1)).isoformat())
    heartbeat("new", now.isoformat())
    assert [each.beat_id for each in Heartbeat.objects.all()] == ["new"]
