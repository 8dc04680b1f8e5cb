"""Each seed's own cost table beside the plans of its presets, line by line.

Where they differ by more than 10 %, a reason stands; elsewhere none.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.sources import ROOT

from .seed_items import Item
from .seeds import ITEMS, LEFT_OUT

DOCUMENTS = ROOT.parent / "shared" / "seeds"
SEEDS = ("000", "001", "002", "003", "004")
MONEY = re.compile(r"\$ ?\d")
each_item = pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item.seed}:{item.line} {item.name}")
each_seed = pytest.mark.parametrize("seed", SEEDS)


def told(item: Item) -> str:
    low, high = item.said
    said = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"seed {item.seed}, line {item.line}, {item.name}: it says {said}, the plan says {item.ours:.2f}"


def document(seed: str) -> list[str]:
    path: Path | None = next(DOCUMENTS.glob(f"{seed}_*.txt"), None)
    if path is None:
        pytest.skip("the seeds' documents are not here")
    return path.read_text(encoding="utf-8").splitlines()


@each_item
def test_a_reason_stands_where_we_differ_and_only_there(item: Item) -> None:
    if item.differs:
        assert item.reason, f"{told(item)}. Say why."
    else:
        assert not item.reason, f"{told(item)}. That is within 10 %: take the reason away."


@each_item
def test_the_document_has_the_figure_in_that_line(item: Item) -> None:
    line = document(item.seed)[item.line - 1].replace(",", "")
    figures = {float(one) for one in re.findall(r"\d+(?:\.\d+)?", line)}
    free = {0.0} if "무료" in line else set()
    assert set(item.said) <= figures | free, line


@each_seed
def test_every_sum_of_dollars_of_the_document_is_there(seed: str) -> None:
    money = {number for number, line in enumerate(document(seed), 1) if MONEY.search(line)}
    ours = {item.line for item in ITEMS if item.seed == seed}
    assert money - ours == set(LEFT_OUT[seed]), "in no item: say what the plan has for it, or why it is left out"


def test_no_line_stands_twice() -> None:
    names = [(item.seed, item.line, item.name) for item in ITEMS]
    assert len(names) == len(set(names))
