"""plan_max_monthly."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.limit import check_limit
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError

from .sample import STEPS, sample


def test_a_plan_that_costs_more_says_what_costs_most():
    with pytest.raises(StairwayError) as caught:
        check_limit(sample(), 120)
    error = caught.value
    assert "$180.47" in error.message
    assert error.expected == "at most $120.00 a month"
    assert error.found == "$180.47; most of it: database/main $74.46, nat_gateway/b $48.97, instance/web $37.96"


@pytest.mark.parametrize("most", [None, 180.47, 500])
def test_a_plan_within_the_limit(most):
    check_limit(sample(), most)


def test_a_cent_too_much():
    with pytest.raises(StairwayError):
        check_limit(sample(), 180.46)


def test_traffic_counts():
    with pytest.raises(StairwayError):
        check_limit(sample(), 175)


def test_nothing_to_do_above_the_limit():
    with pytest.raises(StairwayError):
        check_limit(sample(steps=STEPS[8:9]), 10)


def test_a_way_down_passes_although_it_is_above_the_limit():
    check_limit(sample(steps=STEPS[7:9]), 10)
