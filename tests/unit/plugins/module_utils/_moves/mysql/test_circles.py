"""Tables whose rows reach each other by foreign keys."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.catalogue import circles


@pytest.mark.parametrize(
    ("references", "found"),
    [
        ([], set()),
        ([("orders", "coupons"), ("items", "orders")], set()),
        ([("tree", "tree"), ("leaf", "tree")], {"tree"}),
        ([("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("c", "e")], {"a", "b", "c"}),
    ],
)
def test_circles(references: list[tuple[str, str]], found: set[str]) -> None:
    assert circles(references) == found
