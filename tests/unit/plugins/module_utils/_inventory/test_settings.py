"""The options of a file, checked."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.finished import Finished
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.groups import KINDS
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.settings import STATES, Settings, digest, read

PLAIN: dict[str, Any] = {"regions": [], "group_by": list(KINDS), "variables": "lean", "address": "public"}
STATE = ("instance-state-name", STATES)


def settings(**options: Any) -> Settings:
    return read({**PLAIN, **options})


@pytest.mark.parametrize(
    ("options", "include"),
    [
        ({}, [[("tag:stairway:app", ("*",)), STATE]]),
        ({"app": "shop"}, [[("tag:stairway:app", ("shop",)), STATE]]),
        ({"app": ["shop", "chat"]}, [[("tag:stairway:app", ("shop", "chat")), STATE]]),
        ({"every_instance": True}, [[STATE]]),
        (
            {"every_instance": True, "filters": {"instance-state-name": "running"}},
            [[("instance-state-name", ("running",))]],
        ),
        (
            {"every_instance": True, "filters": {"a": [1, True]}, "include_filters": [{"b": False}]},
            [[("a", ("1", "true")), STATE], [("b", ("false",)), STATE]],
        ),
        ({"filters": {"tag:stairway:app": "x"}}, [[("tag:stairway:app", ("x",)), STATE]]),
    ],
)
def test_queries(options: dict[str, Any], include: list[Any]) -> None:
    assert [list(query) for query in settings(**options).include] == include


def test_excludes_ask_for_the_app_too() -> None:
    assert settings(app="shop", exclude_filters=[{"tag:team": ["red"]}]).exclude == (
        (("tag:team", ("red",)), ("tag:stairway:app", ("shop",)), STATE),
    )


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"app": "shop", "every_instance": True}, "app and every_instance exclude each other"),
        ({"app": "shop", "filters": {"tag:stairway:app": "chat"}}, "Both app and filters"),
        ({"include_filters": ["x"]}, "A filter is a dictionary"),
        ({"group_by": ["colour"]}, "There is no group by colour"),
    ],
)
def test_says_what_cannot_be(options: dict[str, Any], says: str) -> None:
    with pytest.raises(StairwayError) as caught:
        settings(**options)
    assert says in str(caught.value)


def test_the_digest_tells_other_settings_apart() -> None:
    assert digest(settings(), {"compose": {}}) == digest(settings(), {"compose": {}})
    assert len({digest(settings()), digest(settings(app="shop")), digest(settings(), {"compose": {"a": "b"}})}) == 3


def test_the_cache_gives_back_what_it_got() -> None:
    whole = Finished()
    whole.hosts = {"a": {"x": [1, {"y": None}]}, "b": {"z": "{{ 1 }}"}}
    whole.add("odd", "b")
    whole.add("odd", "a")
    whole.add_child("top", "odd")
    kept = whole.kept("1")
    assert Finished.from_cache(kept, "1") == whole
    assert list(Finished.from_cache(kept, "1").groups["odd"]) == ["b", "a"]
    assert Finished.from_cache(kept, "2") is None
    assert Finished.from_cache({**kept, "version": 0}, "1") is None
    assert Finished.from_cache([1], "1") is None
