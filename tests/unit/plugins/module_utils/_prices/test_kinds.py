"""Every SKU that a kind names has a price in every book."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import load, regions
from tools.sources import ROOT

KINDS = sorted((ROOT / "plugins/module_utils/_kinds").glob("*.py"))


def skus(source: str) -> Iterator[str]:
    """The first argument of each ``Usage(...)``; what is filled in becomes a star."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Usage" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)
            elif isinstance(first, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in first.values)


@pytest.mark.parametrize("path", KINDS, ids=lambda path: path.stem)
def test_the_skus_of_a_kind_are_in_the_books(path):
    named = set(skus(path.read_text()))
    for region in regions():
        figures = load(region).figures
        assert {sku for sku in named if not any(fnmatchcase(one, sku) for one in figures)} == set()
