"""What can be seen in a blueprint without an account."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._resource.problems import BlueprintError, Problem

from .toys import KINDS, keys

ROOM = {"room": "big", "size": 3}
SHELF = {"shelf": "oak", "room": "big"}


def problems(*resources: Any) -> list[Problem]:
    with pytest.raises(BlueprintError) as caught:
        read(resources, KINDS, "ap-northeast-2")
    return list(caught.value.problems)


def test_entries_stand_in_the_order_of_the_blueprint_with_their_defaults() -> None:
    entries = read([SHELF, ROOM], KINDS, "ap-northeast-2")
    assert keys(entries) == ["shelf/oak", "room/big"]
    assert entries[0].attrs == {"room": "big", "paint": "white", "wood": None}


def test_the_first_key_is_the_kind_and_a_later_one_is_a_field() -> None:
    assert read([ROOM, {"shelf": "a", "room": "big"}], KINDS, "x")[1].attrs["room"] == "big"


def test_an_aws_id_stands_for_something_that_is_not_in_the_blueprint() -> None:
    assert read([{"shelf": "a", "room": "vpc-0123456789abcdef0"}], KINDS, "x")[0].attrs["room"].startswith("vpc-")


@pytest.mark.parametrize(
    ("resources", "where", "suggestion"),
    [
        pytest.param([{"shelv": "a"}], "resources[0]", "shelf", id="unknown kind"),
        pytest.param(
            [ROOM, {"name": "x", "shelf": "a"}],
            "resources[1]",
            "write `shelf: a` first: an entry starts with its kind",
            id="the kind comes second",
        ),
        pytest.param([[]], "resources[0]", None, id="no dictionary"),
        pytest.param([{"room": "Big Room", "size": 1}], "resources[0].room", "big-room", id="bad name"),
        pytest.param([{"room": "a--b", "size": 1}], "resources[0].room", "a-b", id="two hyphens"),
        pytest.param([{"room": "big"}], "room/big.size", None, id="a field is missing"),
        pytest.param([{**ROOM, "sice": 1}], "room/big.sice", "size", id="unknown field"),
        pytest.param([{**ROOM, "size": 12}], "room/big.size", "9", id="out of range"),
        pytest.param([{**ROOM, "size": "3"}], "room/big.size", None, id="a text for a number"),
        pytest.param([ROOM, ROOM], "room/big", None, id="twice"),
        pytest.param([ROOM, {**SHELF, "room": "bigg"}], "shelf/oak.room", "big", id="reference to nothing"),
        pytest.param([{**ROOM, "after": ["shelf/oak"]}], "room/big.after", None, id="after nothing"),
        pytest.param([{**ROOM, "after": "shelf/oak"}], "room/big.after", None, id="after is no list"),
        pytest.param([{**ROOM, "protect": "yes"}], "room/big.protect", None, id="protect is no flag"),
        pytest.param([{**ROOM, "tags": {"aws:x": "y"}}], "room/big.tags.aws:x", None, id="a tag of AWS's own"),
        pytest.param([{**ROOM, "tags": {"stairway:app": "y"}}], "room/big.tags.stairway:app", None, id="a tag of ours"),
    ],
)
def test_each_mistake_has_a_place_and_a_hint(resources: list[Any], where: str, suggestion: str | None) -> None:
    assert [(one.where, one.suggestion) for one in problems(*resources)] == [(where, suggestion)]


def test_all_mistakes_are_told_at_once() -> None:
    assert len(problems({"room": "a"}, {"shelf": "b", "room": "c", "paint": 7}, {"zoom": "d"})) == 4


def test_a_ring_is_told_as_a_path() -> None:
    ring = problems({**ROOM, "after": ["shelf/oak"]}, SHELF)
    assert [one.found for one in ring] == ["room/big -> shelf/oak -> room/big"]


def test_late_references_make_no_ring() -> None:
    boxes = [{"box": "a", "shelf": "oak", "beside": ["b"]}, {"box": "b", "shelf": "oak", "beside": ["a"]}]
    assert len(read([ROOM, SHELF, *boxes], KINDS, "x")) == 4


def test_a_wrong_secret_is_not_shown() -> None:
    wrong = problems(ROOM, SHELF, {"box": "a", "shelf": "oak", "label": 12345})
    assert "12345" not in str(wrong[0])
