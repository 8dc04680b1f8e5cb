"""``docs/kinds`` says what the kinds' tables say."""

from __future__ import annotations

import pytest

from tools.kind_docs import FOLDER, pages

PAGES = pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text() == PAGES[name], "type: make docs"


def test_there_is_no_page_of_a_kind_that_is_gone() -> None:
    assert {path.name for path in FOLDER.iterdir()} - {"adding.md"} == set(PAGES)
