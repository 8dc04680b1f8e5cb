"""Each seed's own cost table beside ours: where they differ by more than 10 %, a reason stands; elsewhere none."""

from __future__ import annotations

import functools

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import Book, load

from .seed_items import Item
from .seeds import ITEMS

book = functools.cache(load)
each_item = pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item.seed} {item.table}: {item.name}")


def told(item: Item, prices: Book) -> str:
    low, high = item.said
    said = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"seed {item.seed}, {item.table}, {item.name}: it says {said}, we say {item.ours(prices):.2f}"


@each_item
def test_a_reason_stands_where_we_differ_and_only_there(item):
    prices = book(item.region)
    if item.differs(prices):
        assert item.reason, f"{told(item, prices)}. Say why."
    else:
        assert not item.reason, f"{told(item, prices)}. That is within 10 %: take the reason away."


@pytest.mark.parametrize("seed", ["000", "001", "002", "003", "004"])
def test_every_seed_is_there(seed):
    assert any(item.seed == seed for item in ITEMS)


def test_no_line_stands_twice():
    names = [(item.seed, item.table, item.name) for item in ITEMS]
    assert len(names) == len(set(names))
