from __future__ import annotations

import pytest

from resee.environment import EnvironmentMistake, database_from_url, read_environment

GOOD = {
    "DATABASE_URL": "postgresql://resee:pass%2Fword@db/resee",
    "REDIS_URL": "redis://:secret@cache:6379/0",
    "DJANGO_SECRET_KEY": "k" * 32,
    "DJANGO_ALLOWED_HOSTS": "resee.example.com, www.resee.example.com",
}


def test_good_environment():
    found = read_environment(GOOD)
    assert found.allowed_hosts == ("resee.example.com", "www.resee.example.com")
    assert found.broker_url == GOOD["REDIS_URL"]
    assert (found.version, found.behaviour, found.fail_after) == ("1", "normal", 4.0)


def test_password_is_decoded():
    database = database_from_url(GOOD["DATABASE_URL"])
    assert (database["USER"], database["PASSWORD"], database["HOST"], database["PORT"]) == (
        "resee",
        "pass/word",
        "db",
        5432,
    )


def test_everything_missing_is_named_at_once():
    with pytest.raises(EnvironmentMistake) as caught:
        read_environment({})
    assert all(f"{name} is missing" in str(caught.value) for name in GOOD)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://root:marker@db/resee"),
        ("DATABASE_URL", "postgresql://resee:marker@db"),
        ("DJANGO_SECRET_KEY", "marker"),
        ("BEHAVIOUR", "perfect"),
        ("FAIL_AFTER_SECONDS", "soon"),
        ("HEARTBEAT_SECONDS", "often"),
    ],
)
def test_mistake_is_named_and_shows_no_secret(name, value):
    with pytest.raises(EnvironmentMistake, match=name) as caught:
        read_environment({**GOOD, name: value})
    assert "marker" not in str(caught.value)


@pytest.mark.parametrize(("version", "expected"), [("1", False), ("1.2", False), ("2", True), ("broken-later", True)])
def test_version_1_has_no_search(version, expected):
    assert read_environment({**GOOD, "APP_VERSION": version}).knows_search is expected
