"""From usages to a month."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._prices.bill import Bill, bill, bills
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import Book, Figure
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Usage

BOOK = Book(
    "ap-northeast-2",
    {
        "ec2/nat_gateway": Figure("ec2/nat_gateway", "hour", Decimal("0.059"), "2026-10-01", "AmazonEC2", True),
        "ec2/nat_gateway/gb": Figure("ec2/nat_gateway/gb", "GB", Decimal("0.059"), "2025-11", "AmazonEC2", False),
        "cloudwatch/alarm": Figure(
            "cloudwatch/alarm", "alarm-month", Decimal("0.10"), "2026-10-01", "AmazonCloudWatch", True, Decimal(10)
        ),
    },
)


def test_a_month_of_a_nat_gateway():
    found = bill(BOOK, [Usage("ec2/nat_gateway", 730), Usage("ec2/nat_gateway/gb", 100, "100 GB")])
    assert [line.usd for line in found.lines] == [Decimal("43.07"), Decimal("5.9")]
    assert (found.usd, found.traffic, found.assumptions) == (Decimal("48.97"), Decimal("5.9"), ("100 GB",))
    assert [line.checked for line in found.lines] == [True, False]


def test_usages_of_one_sku_become_one_line_unless_they_assume_something_else():
    found = bill(
        BOOK, [Usage("ec2/nat_gateway/gb", 1, "a"), Usage("ec2/nat_gateway/gb", 2, "a"), Usage("ec2/nat_gateway/gb", 4)]
    )
    assert [(int(line.quantity), line.traffic) for line in found.lines] == [(3, "a"), (4, None)]


def test_a_price_that_nobody_knows():
    found = bill(BOOK, [Usage("ec2/nat", 1), Usage("ec2/nat_gateway", 1)])
    assert found.unknown == ("ec2/nat",)
    assert found.usd == Decimal("0.059")


def test_tenths_are_exact():
    assert bill(BOOK, [Usage("cloudwatch/alarm", 0.1)] * 3).lines[0].quantity == Decimal("0.3")


def test_the_free_tier_is_the_accounts_and_used_up_in_order():
    usages = {
        "a": [Usage("cloudwatch/alarm", 8)],
        "b": [Usage("cloudwatch/alarm", 8)],
        "c": [Usage("cloudwatch/alarm", 1)],
    }
    found = bills(BOOK, usages, free_tier=True)
    assert {name: one.usd for name, one in found.items()} == {"a": 0, "b": Decimal("0.6"), "c": Decimal("0.1")}
    assert found["b"].lines[0].free == 2
    assert bills(BOOK, usages)["a"].usd == Decimal("0.8")


@pytest.mark.parametrize("free_tier", [True, False])
def test_what_is_not_used_any_more_is_taken_off(free_tier):
    assert bill(BOOK, [Usage("cloudwatch/alarm", -2)], free_tier=free_tier).usd == Decimal("-0.2")


def test_nothing():
    assert (Bill() + Bill()).usd == 0
    assert not (Bill() + Bill()).lines
