"""The controller dies at 30 random moments on the way from stage 1 to 4 and back, to and fro until it has. Each time
``status.yml`` says where the app is, and the same command, typed again, ends in the right place. ``STAIRWAY_KILLS``
makes it fewer.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator

import pytest

from tests.support.bodies import wait
from tests.support.roads import CHAT, LONGEST_LEG, Road, walking

KILLS = int(os.environ.get("STAIRWAY_KILLS", "30"))
SEED = 20261121
# seconds that a run has at most: shorter than the way, and than its longest step, in which names lead elsewhere
LONGEST = 45.0
# what a run may do before it notes that it has begun: it plans
PLANS = 30.0

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("account")]


@pytest.fixture(scope="module")
def chat(account: None) -> Iterator[Road]:
    for road in walking(CHAT):
        # the host that the app leaves has its stores' only copy: it stays, and costs
        road.variables["plan_max_monthly"] = 400
        road.play("stage1")
        wait(road.version, "1", 300)
        yield road


def survived(road: Road, stage: str, seconds: float) -> bool:
    """A run that is killed after so many seconds; whether it was over before."""
    played = road.attempt(stage, "-e", "start_empty=db,cache", seconds=seconds)
    if played.rc == -signal.SIGKILL:
        return False
    assert played.rc == 0, played.tail(80)
    return True


def truth(road: Road, before: str, stage: str, seconds: float) -> None:
    """What ``status.yml`` says is so."""
    told = road.attempt("status", "-e", "plan=false")
    assert told.rc == 0, told.tail(80)
    begun = "on its way" in told.output
    on_its_way = f"stands on {before}" in told.output and f"on its way to {stage}" in told.output
    arrived = f"stands on {stage}" in told.output and not begun
    early = f"stands on {before}" in told.output and not begun and seconds < PLANS
    assert on_its_way or arrived or early, told.tail(80)


def test_it_ends_in_the_right_place(chat: Road) -> None:
    dice = random.Random(SEED)
    killed, ways, here = 0, ["stage1", "stage4"], 0
    while killed < KILLS:
        before, stage = ways
        # half of them each way: where a way goes on for longer than that, its next run is left alone
        seconds = dice.uniform(1, LONGEST) if here < KILLS // 2 else LONGEST_LEG
        if survived(chat, stage, seconds):
            arrive(chat, stage)
            ways.reverse()
            here = 0
            continue
        killed, here = killed + 1, here + 1
        answered = chat.version()
        print(f"\n{killed}. to {stage}: killed after {seconds:.0f} s, version {answered!r}", flush=True)
        assert answered == "1"
        truth(chat, before, stage, seconds)
    for stage in [ways[1], "stage1"]:
        chat.play(stage, "-e", "start_empty=db,cache")
        arrive(chat, stage)


def arrive(road: Road, stage: str) -> None:
    """The app serves there, and nothing is left to do."""
    assert road.version() == "1"
    truth(road, stage, stage, 0.0)
    assert road.play(stage).changed() == 0
