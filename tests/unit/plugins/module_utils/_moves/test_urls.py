"""Addresses of stores that somebody else runs."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves import sides
from ansible_collections.stairway.cloud.plugins.module_utils._moves.urls import Address, parsed


@pytest.mark.parametrize(
    ("engine", "url", "address"),
    [
        (
            "postgresql",
            "postgresql://shop:p%40ss%3A%2F@db.abc.supabase.co:6543/shop?sslmode=require",
            Address("db.abc.supabase.co", 6543, True, "shop", "p@ss:/", "shop"),
        ),
        ("postgresql", "postgres://u:p@h/d?sslmode=disable", Address("h", 0, False, "u", "p", "d")),
        ("mariadb", "mysql://u:p@[2001:db8::1]:3307/d", Address("2001:db8::1", 3307, True, "u", "p", "d")),
        ("mysql", "mysql://u:p@h/d?ssl-mode=DISABLED", Address("h", 0, False, "u", "p", "d")),
        ("redis", "rediss://me:secret@a.upstash.io:6380", Address("a.upstash.io", 6380, True, "me", "secret", "")),
        ("redis", "redis://:secret@h:6379/0", Address("h", 6379, False, "", "secret", "")),
    ],
)  # fmt: skip
def test_what_a_url_says(engine: str, url: str, address: Address) -> None:
    assert parsed(url, engine) == address
    assert "secret" not in repr(parsed(url, engine))


@pytest.mark.parametrize(
    ("engine", "url", "found"),
    [
        ("postgresql", "mysql://u:mrk3r@h/d", "mysql://"),
        ("redis", "redis:mrk3r", "no host"),
        ("mysql", "mysql://u:mrk3r@h:port/d", "a host or port that is none"),
        ("mariadb", "mysql://u:mrk3r@[h/d", "a host or port that is none"),
    ],
)
def test_what_is_no_address(engine: str, url: str, found: str) -> None:
    with pytest.raises(StairwayError) as caught:
        parsed(url, engine)
    assert found in str(caught.value)
    assert "mrk3r" not in str(caught.value.result())


def test_a_side_by_its_url() -> None:
    given = {
        **{"name": "db", "engine": "postgresql", "image": "postgres:17", "from": "container", "to": "external"},
        **{"user": "shop", "password": "of the container", "database": "shop"},
        "target": {"url": "postgresql://app.ref:secret@pooler.example.com/postgres"},
    }
    side = sides.side_of(given, "target", "/none")
    assert (side.place, side.server.host, side.server.port, side.server.tls) == (
        "external",
        "pooler.example.com",
        5432,
        True,
    )
    assert (side.app.user, side.app.password, side.app.database) == ("app.ref", "secret", "postgres")
    assert side.admin == side.app
