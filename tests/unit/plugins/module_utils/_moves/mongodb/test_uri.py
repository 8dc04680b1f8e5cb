"""URLs of MongoDB."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves import sides
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import uri
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.ends import admin_end, app_end


def test_all_of_it() -> None:
    one = uri.parsed(
        "mongodb://me:p%40s%2Fs%3A@a:1,b,[::1]:3/chat?replicaSet=x&tls=true&authSource=admin&tlsCAFile=/c.pem"
    )
    assert one.hosts == (("a", 1), ("b", 27017), ("::1", 3))
    assert (one.user, one.password, one.database) == ("me", "p@s/s:", "chat")
    assert (one.tls, one.source, one.authorities, one.srv) == (True, "admin", "/c.pem", "")
    assert "p@s" not in repr(one)


@pytest.mark.parametrize(
    ("url", "hosts", "tls", "source", "database"),
    [
        ("mongodb://h", (("h", 27017),), False, "admin", ""),
        ("mongodb://h/", (("h", 27017),), False, "admin", ""),
        ("mongodb://u:p@h:7/d", (("h", 7),), False, "d", "d"),
        ("mongodb://u:p@h:7/d?ssl=true&w=majority", (("h", 7),), True, "d", "d"),
        ("mongodb+srv://u:p@c.example.net/d", (), True, "", "d"),
        ("mongodb+srv://u:p@c.example.net/d?tls=false", (), False, "", "d"),
    ],
    ids=["bare", "slash", "database", "ssl", "srv", "srv without tls"],
)
def test_what_is_left_out(url: str, hosts: tuple[tuple[str, int], ...], tls: bool, source: str, database: str) -> None:
    one = uri.parsed(url)
    assert (one.hosts, one.tls, one.source, one.database) == (hosts, tls, source, database)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("postgres://u:mrk3r@h/d", "begins with something else"),
        ("mongodb://u:mrk3r@/d", "no host"),
        ("mongodb://u:mrk3r@h:x/d", "no host"),
        ("mongodb+srv://u:mrk3r@a,b/d", "several names"),
        ("mongodb+srv://u:mrk3r@a.b.c:27017/d", "a port"),
        ("mongodb://u:mrk3r@h/d?tlsInsecure=true", "tlsinsecure=true"),
        ("mongodb://u:mrk3r@h/d?tls=true&tlsAllowInvalidCertificates=true", "tlsallowinvalidcertificates"),
        ("mongodb://u:mrk3r@h/d?authMechanism=MONGODB-X509", "MONGODB-X509"),
    ],
)
def test_what_is_refused(url: str, found: str) -> None:
    with pytest.raises(StairwayError, match="cannot be used") as caught:
        uri.parsed(url)
    assert found in str(caught.value.found)
    assert "mrk3r" not in str(caught.value)


GIVEN = {
    "name": "db",
    "engine": "mongodb",
    "image": "mongo:7",
    "to": "external",
    "source": {},
    "target": {"url": "mongodb://cloud:p%40s@a.example.net,b.example.net:7/chatdb?tls=true&authSource=admin"},
    "user": "chat",
    "password": "of the container",
    "database": "chatdb",
}


def test_the_end_of_a_move() -> None:
    side = sides.side_of(GIVEN, "target", "/ca/stores.pem")
    assert side.words == "at a.example.net:27017"
    assert (side.place, side.server.tls, side.app) == ("external", True, side.admin)
    assert "p@s" not in repr(side)
    assert "p%40s" not in repr(side)
    end = app_end(side)
    assert admin_end(side) == end
    assert (end.user, end.password, end.source, end.database) == ("cloud", "p@s", "admin", "chatdb")
    assert end.hosts == (("a.example.net", 27017), ("b.example.net", 7))
    assert end.server.authorities == "/ca/stores.pem"


def test_a_url_without_a_database_has_the_apps() -> None:
    side = sides.side_of({**GIVEN, "target": {"url": "mongodb://u:p@h"}}, "target", "/ca")
    assert (app_end(side).database, app_end(side).source) == ("chatdb", "admin")


def test_the_end_with_an_administrator() -> None:
    given = {**GIVEN, "target": {"host": "h", "port": 7, "admin_user": "boss", "admin_password": "x", "tls": False}}
    side = sides.side_of(given, "target", "/ca")
    assert (admin_end(side).user, admin_end(side).source, admin_end(side).database) == ("boss", "admin", "chatdb")
    assert (app_end(side).user, app_end(side).source) == ("chat", "chatdb")
