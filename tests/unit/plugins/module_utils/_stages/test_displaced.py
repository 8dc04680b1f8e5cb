"""What a release is told before it starts anything: app.yml and the journals do not agree where a store is."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._stages.displaced import displaced, retired

URL = "postgresql://u:p@db.example.com:5432/chat"
STAYS, GOES = "To keep it there, write", "To move it: ansible-playbook playbooks"


def app(database: str = "container", url: str | None = None, managed_url: str | None = None) -> App:
    store: dict[str, Any] = {"engine": "postgresql", "env": {"DATABASE_URL": "url"}}
    ours = {"version": "16", "database": "chat", "user": "chat", "password": "p"}
    more = {"managed": {"url": managed_url}} if managed_url else {}
    db = {**store, "url": url} if url else {**store, **ours, **more}
    return parse(
        {
            "name": "chat",
            "domains": ["chat.example.com"],
            "services": {"api": {"image": "acme/api", "port": 3000}},
            "stores": {"db": db, "cache": {"engine": "redis", "version": "7", "password": "q"}},
            "stage": {"database": database},
            "cloud": {"region": "eu-central-1"},
        }
    )


def journal(db: str) -> dict[str, Any]:
    return {"stage": "stage1", "places": {"db": db, "cache": "container"}}


def test_where_they_agree_nothing_is_said() -> None:
    assert displaced(app(), "stage1", journal("container")) == []
    assert displaced(app("managed"), "stage1", journal("managed")) == []
    assert displaced(app("managed", managed_url=URL), "stage1", journal("external")) == []
    assert displaced(app(), "stage1", {}) == []
    assert displaced(app(), "stage1", {"stage": "stage1"}) == []


def test_a_new_store_is_nowhere_yet() -> None:
    assert displaced(app(), "stage1", {"stage": "stage1", "places": {"cache": "container"}}) == []


@pytest.mark.parametrize(
    ("given", "at", "wanted", "write", "go"),
    [
        (app(), "managed", "container", "stage: {database: managed}", "/move.yml -e store=db -e to=container"),
        (app("managed"), "container", "managed", "stage: {database: container}", "/move.yml -e store=db -e to=managed"),
        (
            app(managed_url=URL),
            "external",
            "container",
            "stage: {database: managed}",
            "/move.yml -e store=db -e to=container",
        ),
        (
            app("managed", managed_url=URL),
            "managed",
            "external",
            "stage: {database: managed}, and no managed.url of db,",
            "/move.yml -e store=db -e to=managed",
        ),
        (
            app(),
            "external",
            "container",
            "stage: {database: managed} and the managed.url of db",
            "/move.yml -e store=db -e to=container",
        ),
        (app(url=URL), "container", "external", "stage: {database: container}, and no url of db,", "/stage1.yml"),
    ],
)
def test_a_store_that_is_elsewhere_is_named_with_both_ways_out(
    given: App, at: str, wanted: str, write: str, go: str
) -> None:
    (line,) = displaced(given, "stage1", journal(at))
    assert line == f"db is at {at}, and app.yml puts it at {wanted}. {STAYS} {write} into app.yml. {GOES}{go}."


MOVED = [{"name": "db", "left": "container", "target": "managed"}, {"name": "gone", "left": "container"}]


def test_what_a_move_has_left_is_led_to_by_no_release() -> None:
    """The journal of stages may not know of it yet: the run was killed behind the switch."""
    assert retired(app("managed"), "stage1", MOVED) == []
    assert retired(app(), "stage1", [{"name": "db", "left": None, "target": "managed"}]) == []
    assert retired(app(), "stage1", MOVED, ["db"]) == [], "it goes back by a move of its own"
    (line,) = retired(app(), "stage1", MOVED)
    assert "db has left container by a move" in line
    assert "cut off: ansible-playbook playbooks/move.yml -e store=db -e to=managed, or the playbook" in line
    assert "write stage: {database: managed} into app.yml" in line
    assert line.endswith("To move it back: ansible-playbook playbooks/move.yml -e store=db -e to=container.")
