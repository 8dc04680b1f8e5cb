"""The policy of ``docs/iam-policy.json`` is what a full apply needs: with it everything goes, without any one of its
statements something does not. On an emulator that checks permissions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.support.aws.apps import resources
from tests.support.aws.emulators import ROOT
from tests.support.aws.guarded import Guard, guarded
from tests.support.aws.runs import converge, holding, planned, verbs

POLICY: dict[str, Any] = json.loads((ROOT / "docs" / "iam-policy.json").read_text())
# What shop does not use: scaling of ECS services, the price list, and roles that AWS makes at an account's first use
# of a service, which the emulator has from the start.
NOT_BY_SHOP = {"ApplicationAutoscaling", "Pricing", "FirstUse"}
SIDS = [one["Sid"] for one in POLICY["Statement"] if one["Sid"] not in NOT_BY_SHOP]


@pytest.fixture(scope="module")
def _server() -> Iterator[Guard]:
    with guarded() as guard:
        yield guard


@pytest.fixture
def guard(_server: Guard) -> Guard:
    _server.reset()
    return _server


def test_a_full_apply_passes_and_so_does_its_way_down(guard: Guard) -> None:
    shop = resources("shop", "stage4")
    account = guard.account(POLICY)
    converge(account, shop)
    assert verbs(planned(account, shop)) == {}
    converge(account, [], give_up=holding(shop))
    assert verbs(planned(account, [])) == {}


@pytest.mark.parametrize("sid", SIDS)
def test_without_one_statement_it_does_not(guard: Guard, sid: str) -> None:
    less = {**POLICY, "Statement": [one for one in POLICY["Statement"] if one["Sid"] != sid]}
    with pytest.raises(StairwayError) as caught:
        converge(guard.account(less), resources("shop", "stage4"))
    assert "docs/iam-policy.json" in str(caught.value), "the error says what to allow"
