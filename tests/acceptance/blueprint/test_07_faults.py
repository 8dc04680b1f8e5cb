"""Throttling, server errors, an AWS that has not heard of it yet, credentials that end: it finishes, or it says where
it stopped, and the next run goes on.
"""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.apply import ApplyError
from tests.support.aws.apps import resources
from tests.support.aws.emulators import Emulator
from tests.support.aws.faults import FaultyAccount
from tests.support.aws.runs import converge, picture, planned, verbs

SHOP = resources("shop", "stage4")


@pytest.fixture(scope="module")
def wanted(moto_server: Emulator) -> dict[str, object]:
    moto_server.reset()
    converge(moto_server.account(), SHOP)
    return picture(moto_server.account())


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_a_fifth_of_all_calls_is_throttled(wanted: dict[str, object], on_moto: Emulator, seed: int) -> None:
    account = FaultyAccount(on_moto, throttle=0.2, seed=seed)
    converge(account, SHOP)
    assert account.faults > 20
    assert picture(on_moto.account()) == wanted


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_servers_fail_now_and_then(wanted: dict[str, object], on_moto: Emulator, seed: int) -> None:
    account = FaultyAccount(on_moto, broken=0.1, seed=seed)
    converge(account, SHOP)
    assert account.faults > 10
    assert picture(on_moto.account()) == wanted


def test_what_was_just_made_is_not_known_for_three_seconds(wanted: dict[str, object], on_moto: Emulator) -> None:
    converge(FaultyAccount(on_moto, forgetful=3), SHOP)
    assert picture(on_moto.account()) == wanted


@pytest.mark.parametrize("calls", [1, 60, 150])
def test_credentials_that_end_half_way(wanted: dict[str, object], on_moto: Emulator, calls: int) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the type depends on how far it came
        converge(FaultyAccount(on_moto, expires_after=calls), SHOP)
    text = str(caught.value)
    assert "ExpiredToken" in text
    assert "aws sso login" in text
    if isinstance(caught.value, ApplyError):
        assert all("/" in key for key in caught.value.failures), "the entry is named"
        assert all(one.where for one in caught.value.failures.values()), "the call is named"
    converge(on_moto.account(), SHOP)
    assert picture(on_moto.account()) == wanted
    assert verbs(planned(on_moto.account(), SHOP)) == {}
