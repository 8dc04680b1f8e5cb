"""The release document from the facts, and the list of releases that a rollback may return to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._fleet import model
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control import document, lease
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control.document import GOOD, WITHDRAWN, Kept

SERVICE = {
    "name": "api",
    "kind": "routed",
    "image": "acme/shop-api",
    "port": 8080,
    "ports": {"blue": [1], "green": [2]},
    "health": {"path": "/health", "interval_seconds": 0.5, "timeout_seconds": 2, "start_seconds": 60},
    "volumes": [{"name": "files", "path": "/files"}],
}
FACTS = {"app": "shop", "domain": "shop.example.com", "tls": True, "services": [SERVICE], "tasks": []}
STORE = {"name": "db", "engine": "mysql", "image": "mysql:8.4", "database": "shop", "user": "shop"}
FLEET = {"stores": [STORE], "ports": {"api": 8080}}
AT = {"db": {"host": "db.example.com", "port": 3306, "tls": True, "secret": "shop/db"}}


def made(**other: Any) -> model.Release:
    given: dict[str, Any] = {
        "version": "2",
        "images": {"api": "acme/shop-api@sha256:1"},
        "env": model.Secret("shop/fleet/env", "v1"),
        "registry": None,
        "endpoints": AT,
        "at": "2026-11-21T11:45:01Z",
        "by": "me",
    }
    return document.release_document(FACTS, FLEET, **{**given, **other})


def test_a_name_sorts_by_time_and_is_fit_for_a_parameter() -> None:
    assert document.release_id("2026-11-21T11:45:01Z", "feature/x 1") == "20261121T114501Z-feature-x-1"


def test_it_is_read_as_it_was_written() -> None:
    release = made()
    assert model.release(release.text(), "here") == release
    assert json.loads(release.text())["stores"][0]["secret"] == "shop/db"
    assert "ports" not in json.loads(release.text())["services"][0], "colours are of a host"


def test_the_same_but_for_who_and_when() -> None:
    assert document.same(made(), made(at="2026-11-22T00:00:00Z", by="you"))
    assert not document.same(made(), made(env=model.Secret("shop/fleet/env", "v2")))
    assert not document.same(made(), made(images={"api": "acme/shop-api@sha256:2"}))


def test_a_store_that_is_nowhere_is_named() -> None:
    with pytest.raises(StairwayError, match="where the store db is"):
        made(endpoints={})


def kept(*names: str, state: str = GOOD) -> list[Kept]:
    return [Kept(name, name, "then", "me", 1, state=state) for name in names]


def test_new_ones_come_first_and_the_oldest_are_forgotten() -> None:
    after = document.with_good(kept("3", "2", "1"), kept("4")[0], keep=3)
    assert [one.release for one in after] == ["4", "3", "2"]


def test_a_rollback_withdraws_what_is_above_it_and_never_returns_there() -> None:
    after = document.with_good(kept("3", "2", "1"), kept("2")[0], keep=5)
    assert [(one.release, one.state) for one in after] == [("3", WITHDRAWN), ("2", GOOD), ("1", GOOD)]
    found = document.before(after, "2")
    assert found is not None
    assert found.release == "1"
    later = document.with_good(after, kept("4")[0], keep=5)
    found = document.before(later, "4")
    assert found is not None
    assert found.release == "2"


def test_nothing_below_the_oldest() -> None:
    assert document.before(kept("1"), "1") is None
    assert document.before([], "1") is None


def test_what_cannot_be_read_is_left_out() -> None:
    assert document.kept([{"release": "1"}, {**document.listed(kept("2"))[0], "new": 1}, 7]) == kept("2")
    assert document.kept("nonsense") == []


@pytest.mark.parametrize(
    ("holder", "over"),
    [
        pytest.param(None, True, id="nobody"),
        pytest.param({"until": 50}, True, id="his time is over"),
        pytest.param({"until": 200, "host": "elsewhere", "pid": 1}, False, id="somebody elsewhere"),
    ],
)
def test_whose_lock_is_over(holder: Any, over: bool) -> None:
    assert lease.over(holder, 100, lambda _pid: False) is over


def test_who_is_gone_on_this_machine_holds_nothing() -> None:
    here = {"until": 200, "host": lease.socket.gethostname(), "pid": 7}
    assert lease.over(here, 100, lambda _pid: False)
    assert not lease.over(here, 100, lambda _pid: True)
