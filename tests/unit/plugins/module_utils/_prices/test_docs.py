"""The tables of docs/prices.md and docs/seed-prices.md are made from the books and the plans.

``PYTHONPATH=.:.collections python -m tests.unit.plugins.module_utils._prices.test_docs`` writes the second anew, and
prints those of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import load, regions
from tools.sources import ROOT

from .seed_items import Item
from .seeds import ITEMS

HEAD = """# The seeds' own cost tables beside our plans

Every line of a document that has a sum of dollars a month, beside the lines that `plan.yml` prints for the same thing:
the inventory of that app at that stage, in an account with nothing in it. USD a month. Where they differ by more than
10 %, the reason stands beside it. `tests/unit/plugins/module_utils/_prices/test_seeds.py` compares them. `seed_*.py`
beside it say which lines of which plan belong to which figure; `seeds.py` says which figures are left out, because no
plan has an answer: reservations, CI, savings beside a state that nobody described. MongoDB Atlas, Railway and SMS are
taken as the documents have them."""

PAGES = ROOT / "docs"
APPS = {"000": "chat", "001": "resee", "002": "iamvet", "003": "shop", "004": "promo"}


def books() -> Iterator[str]:
    yield "| region | prices | compared with AWS's price list | oldest | newest |"
    yield "|---|--:|--:|---|---|"
    for region in regions():
        figures = load(region).figures.values()
        dates = sorted(figure.date for figure in figures)
        checked = sum(figure.checked for figure in figures)
        yield f"| {region} | {len(figures)} | {checked} | {dates[0]} | {dates[-1]} |"


def sums() -> Iterator[str]:
    """What whole stages and services cost."""
    yield "| seed | line | what | it says | the plan says | why they differ |"
    yield "|---|--:|---|--:|--:|---|"
    for item in ITEMS:
        if any(word in item.name for word in ("together", "stages:", "growth: phase")):
            yield f"| {item.seed} {_row(item)}"


def every(seed: str) -> Iterator[str]:
    yield "| line | what | it says | the plan says | why they differ |"
    yield "|--:|---|--:|--:|---|"
    for item in sorted((one for one in ITEMS if one.seed == seed), key=lambda one: one.line):
        yield _row(item)


def _row(item: Item) -> str:
    low, high = item.said
    said = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"| {item.line} | {item.name} | {said} | {item.ours:.2f} | {item.reason} |"


def page() -> str:
    """docs/seed-prices.md."""
    tables = [f"## {seed}: {app}\n\n" + "\n".join(every(seed)) for seed, app in APPS.items()]
    return "\n\n".join([HEAD, *tables]) + "\n"


@pytest.mark.parametrize("table", [books, sums], ids=["books", "seeds"])
def test_the_page_has_the_table_as_it_is_now(table: Callable[[], Iterator[str]]) -> None:
    text = "\n".join(table())
    assert text in (PAGES / "prices.md").read_text(), f"docs/prices.md has an old table; put this in its place:\n{text}"


def test_the_page_of_every_line_is_as_it_is_now() -> None:
    again = "docs/seed-prices.md is old: run this file as its docstring says"
    assert (PAGES / "seed-prices.md").read_text() == page(), again


if __name__ == "__main__":
    (PAGES / "seed-prices.md").write_text(page())
    print("\n".join([*books(), "", *sums()]))
