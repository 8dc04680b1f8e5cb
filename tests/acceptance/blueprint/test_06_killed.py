"""Killed with SIGKILL after every single API call of a full stage-4 apply in turn, then run again.

Calls that only ask leave the account as the call before them did, so the cuts are made after each call that changes
something. They come from many threads, so the n-th is not always the same one: every run is another cut.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.support.aws.apps import resources
from tests.support.aws.emulators import Emulator
from tests.support.aws.faults import FaultyAccount
from tests.support.aws.runs import census, converge, converge_and_die, goal, picture

# Each cut is a run of its own. CI takes every seventh, STAIRWAY_EVERY_CALL=1 all of them.
STRIDE = 1 if os.environ.get("STAIRWAY_EVERY_CALL") else 7


@pytest.fixture(scope="module")
def whole(moto_server: Emulator) -> tuple[int, dict[str, Any], Any]:
    """Calls, picture and census of an apply that nobody disturbs."""
    moto_server.reset()
    account = FaultyAccount(moto_server)
    converge(account, resources("shop", "stage4"))
    return account.writes, picture(moto_server.account()), census(moto_server.account())


def test_it_always_ends_in_the_same_account(moto_server: Emulator, whole: tuple[int, dict[str, Any], Any]) -> None:
    calls, wanted, counted = whole
    goal_ = goal(resources("shop", "stage4"))
    cuts = 0
    for call in range(1, calls + 1, STRIDE):
        moto_server.reset()
        if not converge_and_die(moto_server, goal_, call):
            break
        cuts += 1
        account = moto_server.account()
        converge(account, resources("shop", "stage4"))
        seen = picture(account)
        assert {key: len(several) for key, several in seen.items() if len(several) > 1} == {}, f"twice, cut at {call}"
        assert seen == wanted, f"cut after call {call}"
        more = {model: n - counted[model] for model, n in census(account).items() if n > counted[model]}
        assert more == {}, f"left over when cut after call {call}"
    # the number of calls differs a little from run to run: a resource that is ready at once is asked for once less
    assert cuts >= (calls - 5) // STRIDE, f"only {cuts} cuts of {calls} calls"
    print(f"{cuts} cuts of {calls} calls that change something")
