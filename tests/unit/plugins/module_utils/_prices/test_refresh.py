"""A new book from an old one: what changed is told, and nothing is lost."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import Book, dump, load, parse
from ansible_collections.stairway.cloud.plugins.module_utils._prices.refresh import product, refresh

SEOUL = "ap-northeast-2"
ANSWERS = json.loads((Path(__file__).parent / "answers" / f"{SEOUL}.json").read_text())
OLD = load(SEOUL)


@pytest.fixture(scope="module")
def fresh():
    return refresh(OLD, ANSWERS, date="2026-11-21")


def test_what_aws_answers_is_checked_and_has_its_day(fresh):
    found = fresh.book.figure("ec2/instance/t3.small")
    assert (found.usd, found.checked, found.date) == (Decimal("0.026"), True, "2026-11-12")


def test_a_change_of_more_than_a_fifth_is_told_apart(fresh):
    assert [str(moved) for moved in fresh.jumps] == ["ec2/instance/t4g.nano: 0.0052 -> 0.008 USD (+54 %)"]
    assert "please look" in "\n".join(fresh.lines())


def test_a_small_change_is_no_jump():
    dearer = json.loads(json.dumps(ANSWERS).replace("0.0520000000", "0.0600000000"))
    fresh = refresh(OLD, dearer, date="2026-11-21")
    assert "ec2/instance/t3.medium" in [moved.sku for moved in fresh.moved]
    assert "ec2/instance/t3.medium" not in [moved.sku for moved in fresh.jumps]
    assert "  ec2/instance/t3.medium: 0.052 -> 0.06 USD (+15 %)" in fresh.lines()


def test_nothing_is_lost_that_aws_does_not_answer(fresh):
    assert set(fresh.book.figures) == set(OLD.figures)
    assert fresh.book.figure("ec2/instance/m6i.large") == OLD.figure("ec2/instance/m6i.large")
    assert "ec2/instance/m6i.large" in fresh.kept


def test_several_prices_of_one_thing_change_nothing(fresh):
    assert fresh.unclear == ("rds/backup",)
    assert fresh.book.figure("rds/backup") == OLD.figure("rds/backup")


def test_two_answers_with_one_price_are_clear(fresh):
    assert fresh.book.figure("rds/storage/gp3").date == "2026-11-12"


def test_the_free_tier_stays(fresh):
    assert fresh.book.figure("transfer/out").free == 100


def test_what_nobody_asked_for_is_left_out_and_what_was_added_is_in(fresh):
    assert "ec2/instance/m7i.large" not in fresh.book.figures
    more = refresh(
        OLD, ANSWERS, add=["ec2/instance/m7i.*", "rds/*/db.r7g.large", "ec2/instance/z9.huge"], date="2026-11-21"
    )
    assert more.added == ("ec2/instance/m7i.large", "rds/postgresql/db.r7g.large")
    assert more.absent == ("ec2/instance/z9.huge",)
    assert more.lines()[-2:] == ["AWS has no price of:", "  ec2/instance/z9.huge"]


def test_a_second_refresh_changes_nothing(fresh):
    again = refresh(fresh.book, ANSWERS, date="2026-12-01")
    assert dump(again.book) == dump(fresh.book)
    assert again.moved == ()


def test_what_is_written_is_what_is_read(fresh):
    assert parse(dump(fresh.book), "x") == fresh.book


def test_a_region_that_aws_does_not_have():
    with pytest.raises(StairwayError, match="no price of the region ap-north-2"):
        refresh(Book("ap-north-2", {}), ANSWERS[:0], add=["ec2/instance/*"], date="2026-11-21")


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_an_answer_that_is_no_product(text):
    with pytest.raises(StairwayError, match="no product"):
        product(text)
