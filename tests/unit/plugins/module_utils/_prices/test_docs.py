"""The tables of docs/prices.md are made from the books and from the seeds' tables; run this file to see them anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import load, regions
from tools.sources import ROOT

from .seeds import ITEMS

PAGE = ROOT / "docs" / "prices.md"
SUMS = {"together", "stages", "in short", "growth"}


def books() -> Iterator[str]:
    yield "| region | prices | compared with AWS's price list | oldest | newest |"
    yield "|---|--:|--:|---|---|"
    for region in regions():
        figures = load(region).figures.values()
        dates = sorted(figure.date for figure in figures)
        checked = sum(figure.checked for figure in figures)
        yield f"| {region} | {len(figures)} | {checked} | {dates[0]} | {dates[-1]} |"


def sums() -> Iterator[str]:
    yield "| seed | what | it says | we say | why they differ |"
    yield "|---|---|--:|--:|---|"
    for item in ITEMS:
        if item.name in SUMS or item.table in SUMS:
            low, high = item.said
            said = f"{low:g}" if low == high else f"{low:g} to {high:g}"
            ours = f"{item.ours(load(item.region)):.2f}"
            yield f"| {item.seed} | {item.table}: {item.name} | {said} | {ours} | {item.reason} |"


@pytest.mark.parametrize("table", [books, sums], ids=["books", "seeds"])
def test_the_page_has_the_table_as_it_is_now(table):
    text = "\n".join(table())
    assert text in PAGE.read_text(), f"docs/prices.md has an old table; put this in its place:\n{text}"
