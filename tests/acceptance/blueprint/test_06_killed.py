"""Killed with SIGKILL after every single API call of a full stage-4 apply in turn, then run again.

Calls that only ask leave the account as the call before them did, so the cuts are made after each call that changes
something. They come from many threads, so the n-th is not always the same one: every run is another cut.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.aws.apps import resources
from tests.support.aws.emulators import Emulator
from tests.support.aws.faults import FaultyAccount
from tests.support.aws.runs import census, converge, converge_and_die, goal, picture, unlike

# Each cut is a run of its own. CI takes every seventh, STAIRWAY_EVERY_CALL=1 all of them.
STRIDE = 1 if os.environ.get("STAIRWAY_EVERY_CALL") else 7


@dataclass(frozen=True)
class Whole:
    """An apply that nobody disturbs: its account, its calls that change something, and what it ends in."""

    account: FaultyAccount
    writes: int
    picture: dict[str, Any]
    census: Counter[str]


@pytest.fixture(scope="module")
def whole(moto_server: Emulator) -> Whole:
    moto_server.reset()
    account = FaultyAccount(moto_server)
    converge(account, resources("shop", "stage4"))
    return Whole(account, account.writes, picture(account), census(account))


def test_it_always_ends_in_the_same_account(moto_server: Emulator, whole: Whole) -> None:
    wanted = goal(resources("shop", "stage4"))
    dying = FaultyAccount(moto_server)
    dying.prepare(whole.account)
    cuts = 0
    for call in range(1, whole.writes + 1, STRIDE):
        moto_server.reset()
        if not converge_and_die(dying, wanted, call):
            break
        cuts += 1
        whole.account.forget()
        converge(whole.account, resources("shop", "stage4"))
        seen = picture(whole.account)
        assert {key: len(several) for key, several in seen.items() if len(several) > 1} == {}, f"twice, cut at {call}"
        assert unlike(seen, whole.picture) == {}, f"cut after call {call}"
        more = {what: n - whole.census[what] for what, n in census(whole.account).items() if n > whole.census[what]}
        assert more == {}, f"left over when cut after call {call}"
    # the number of calls differs a little from run to run: a resource that is ready at once is asked for once less
    assert cuts >= (whole.writes - 5) // STRIDE, f"only {cuts} cuts of {whole.writes} calls"
    print(f"{cuts} cuts of {whole.writes} calls that change something")
