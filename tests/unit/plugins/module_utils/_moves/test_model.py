"""What a preflight concludes from what it has found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import (
    DUMP,
    FOLLOW,
    REFUSE,
    USE,
    Finding,
    Side,
    Survey,
    Wish,
)
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server

SERVER = Server("db", "redis", "10.0.0.1", 6379, False, "redis:7", "/ca/stores.pem")
LOGIN = Login("shop", "secret", "shop")
WISH = Wish("shop", "db", "redis", Side("container", SERVER, LOGIN, LOGIN), Side("managed", SERVER, LOGIN, LOGIN))
SILENT = Finding(REFUSE, "it does not tell of changes", hinders=FOLLOW)


def survey(wish: Wish, *findings: Finding, seconds: float = 600) -> Survey:
    return Survey.of(wish, ("7.0", "7.2"), findings, size=10**9, tables=1, rows=1000, seconds=seconds, target_free=None)


def test_what_can_be_followed_holds_the_app_for_the_fence_only() -> None:
    found = survey(WISH)
    assert (found.how, found.minutes, found.fence_seconds) == (FOLLOW, 10.0, 5.0)
    assert found.findings == ()


@pytest.mark.parametrize(("seconds", "minutes"), [(600, 10), (5, 1)])
def test_what_cannot_is_told_what_it_would_cost_otherwise(seconds: float, minutes: int) -> None:
    found = survey(WISH, SILENT, seconds=seconds)
    assert found.refusals == [SILENT]
    assert found.findings[-1].what.endswith(f"the app held for about {minutes} minute(s)")
    assert "move_how=dump" in found.findings[-1].fix


def test_who_holds_the_app_by_choice_is_not_refused_for_it() -> None:
    found = survey(replace(WISH, how=DUMP), SILENT)
    assert (found.how, found.fence_seconds, found.refusals) == (DUMP, 600, [])
    assert found.findings == (SILENT,)


def test_who_asks_for_following_gets_no_other_advice() -> None:
    assert survey(replace(WISH, how=FOLLOW), SILENT).findings == (SILENT,)


@pytest.mark.parametrize("how", ["auto", DUMP])
def test_a_way_back_follows_what_was_kept(how: str) -> None:
    found = survey(replace(WISH, how=how, way_back=USE), SILENT)
    assert (found.how, found.findings) == (FOLLOW, (SILENT,))
