"""What a plan costs, and what differs in it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.money import amount, change, dollars
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.values import HIDDEN, leaves, shown
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.view import view

from .sample import BOOK, KINDS, PLAN, sample, unknown


def row(key, verb):
    (found,) = [row for row in sample().rows if row.step.key == key and row.step.verb == verb]
    return found


def test_the_month_now_and_after_and_the_difference():
    found = sample()
    nat, small, medium = Decimal("48.97"), Decimal("18.98"), Decimal("37.96")
    assert found.now.usd == small + small + nat + nat
    assert found.after.usd == medium + small + nat + Decimal("74.46") + Decimal("0.1")
    assert found.difference == found.after.usd - found.now.usd


def test_what_depends_on_traffic_and_on_which_assumption():
    assert sample().after.traffic == Decimal("5.9")
    assert sample().after.assumptions == ("100 GB a month through the NAT gateway",)


def test_what_is_free_without_what_goes():
    free = [row.step.key for row in sample().free]
    assert free == ["vpc/main", "subnet/app-c", "security_group/app", "database/old", "subnet/app-a"]


def test_a_price_that_nobody_knows_is_in_no_sum_and_told():
    assert sample().unknown == ("cloudwatch/alarms",)
    assert row("alarm/cpu", "create").after.usd == Decimal("0.1")


def test_figures_that_nobody_compared():
    assert sample().unchecked == ("rds/mysql/db.t4g.medium",)


def test_the_free_tier_only_where_asked_for():
    assert view(PLAN, KINDS, BOOK, free_tier=True).after.usd == sample().after.usd - Decimal("0.1")


def test_attributes_leaf_by_leaf():
    (size, labels, tags) = row("instance/web", "change").attributes
    assert [(leaf.path, leaf.before, leaf.after) for leaf in size.leaves] == [("size", "t3.small", "t3.medium")]
    assert [(leaf.path, leaf.before, leaf.after) for leaf in labels.leaves] == [("labels.b", "2", "3")]
    assert [(leaf.path, leaf.before, leaf.after) for leaf in tags.leaves] == [
        ("tags.team", "a", "b"),
        ("tags.old", "x", None),
    ]


def test_elements_of_a_list_come_and_go():
    (ingress,) = row("security_group/app", "change").attributes
    assert [(leaf.verb, leaf.before or leaf.after) for leaf in ingress.leaves] == [
        ("remove", "office:22"),
        ("add", "alb:9090"),
    ]


def test_which_attribute_forces_a_replacement():
    assert [(one.name, one.forces) for one in row("instance/job", "replace").attributes] == [
        ("zone", True),
        ("size", False),
    ]


def test_secrets_are_hidden_in_changes_and_in_what_is_new():
    (password,) = row("database/old", "change").attributes
    assert (password.leaves[0].before, password.leaves[0].after) == (HIDDEN, HIDDEN)
    assert row("database/main", "create").new == {"engine": "mysql", "password": HIDDEN}


def test_a_field_that_no_kind_knows_is_hidden():
    found = view(PLAN, {}, BOOK)
    assert {
        leaf.after for row in found.rows for one in row.attributes if one.name != "tags" for leaf in one.leaves
    } == {HIDDEN}


def test_an_empty_plan():
    found = sample(steps=())
    assert found.now.usd == found.after.usd == 0
    assert found.dates is None
    assert not found.free


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, [("x.b", None, 2)]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [("x.a.b", 1, 2)]),
        ([1, 1], [1], [("x", 1, None)]),
        ([1, 2], [2, 1], [("x", [1, 2], [2, 1])]),
        (None, [1], [("x", None, [1])]),
        ("a", {"b": 1}, [("x", "a", {"b": 1})]),
    ],
)
def test_leaves(before, after, expected):
    assert [(leaf.path, leaf.before, leaf.after) for leaf in leaves("x", before, after)] == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        ("a", '"a"'),
        (True, "true"),
        ({"a": [1]}, '{"a": [1]}'),
        (unknown(), "(subnet/app-c, known after apply)"),
        ([unknown()], '["(subnet/app-c, known after apply)"]'),
        ("한", '"한"'),
        ("a" * 200, '"' + "a" * 118 + "…"),
    ],
)
def test_how_a_value_is_shown(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(
    ("usd", "text", "signed"),
    [
        ("0", "$0.00", "$0.00"),
        ("1234.5", "$1,234.50", "+$1,234.50"),
        ("-3", "-$3.00", "-$3.00"),
        ("-0.001", "$0.00", "$0.00"),
    ],
)
def test_money(usd, text, signed):
    assert (dollars(Decimal(usd)), change(Decimal(usd))) == (text, signed)


@pytest.mark.parametrize(("quantity", "text"), [("730", "730"), ("1460.0", "1,460"), ("0.50", "0.5"), ("100", "100")])
def test_amounts(quantity, text):
    assert amount(Decimal(quantity)) == text
