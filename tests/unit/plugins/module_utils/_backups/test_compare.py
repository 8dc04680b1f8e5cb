"""What a restored store holds beside what was written down."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups.compare import agree, differences
from ansible_collections.stairway.cloud.plugins.module_utils._backups.engines.words import Facts
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError

from .conftest import Make

RIGHT = Facts({"users": 10, "posts": 5}, {"indexes": 2}, server="17.2")


def test_the_same_agrees(make: Make) -> None:
    agree(make(), RIGHT)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Facts({"users": 9, "posts": 5}, {"indexes": 2}, server="17.2"), "users: 10 rows, restored 9"),
        (Facts({"users": 11, "posts": 5}, {"indexes": 2}, server="17.2"), "users: 10 rows, restored 11"),
        (Facts({"users": 10}, {"indexes": 2}, server="17.2"), "posts: 5 rows"),
        (Facts({"users": 10, "posts": 5, "new": 0}, {"indexes": 2}, server="17.2"), "new: not in the manifest"),
        (Facts({"users": 10, "posts": 5}, {"indexes": 1}, server="17.2"), "2 indexes, restored 1"),
        (Facts({"users": 10, "posts": 5}, {"indexes": 2, "triggers": 1}, server="17.2"), "0 triggers, restored 1"),
        (Facts({}, {}, server="17.2"), "users: 10 rows"),
    ],
    ids=["a row less", "a row more", "a table less", "a table more", "an index less", "a trigger more", "nothing"],
)
def test_any_difference_is_found(make: Make, found: Facts, said: str) -> None:
    with pytest.raises(StairwayError, match="does not hold what it should") as caught:
        agree(make(), found)
    assert said in str(caught.value)


def test_what_nobody_could_hold_still_may_differ_but_not_be_missing(make: Make) -> None:
    assert differences(make(loose=("users",)), Facts({"users": 12, "posts": 5})) == []
    assert differences(make(loose=("users",)), Facts({"posts": 5})) != []


def test_another_version_counts_its_objects_in_its_own_way(make: Make) -> None:
    assert differences(make(), Facts({"users": 10, "posts": 5}, {"indexes": 3}, server="18.0")) == []
