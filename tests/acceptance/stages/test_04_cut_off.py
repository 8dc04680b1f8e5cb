"""The controller dies at 30 random moments on the way from stage 1 to 4 and back. Each time ``status.yml`` says where
the app is, and the same command, typed again, ends in the right place. ``STAIRWAY_KILLS`` makes it fewer.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.bodies import wait
from tests.support.roads import CHAT, Road, walking

KILLS_EACH = int(os.environ.get("STAIRWAY_KILLS", "30")) // 2
SEED = 20261121
# how long each way takes here, at most: where a run has nothing left to do, the next one is not killed either
LONGEST = 150.0

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("account")]


@dataclass(frozen=True)
class Cut:
    """One run that was killed ``at`` seconds after its start, and what ``status.yml`` said then."""

    at: float
    ended_before: bool
    answered: str
    status: str
    rc: int


@pytest.fixture(scope="module")
def chat(account: None) -> Iterator[Road]:
    for road in walking(CHAT):
        road.play("stage1")
        wait(road.version, "1", 300)
        yield road


def cut(road: Road, stage: str, at: float) -> Cut:
    running = road.begin(stage, "-e", "start_empty=db,cache")
    time.sleep(max(0.0, running.started + at - time.time()))
    ended_before = running.process.poll() is not None
    running.kill()
    running.wait(10)
    answered = road.version()
    told = road.attempt("status", "-e", "plan=false")
    return Cut(round(at, 1), ended_before, answered, told.output, told.rc)


@pytest.mark.parametrize(("before", "stage"), [("stage1", "stage4"), ("stage4", "stage1")])
def test_it_ends_in_the_right_place(chat: Road, before: str, stage: str) -> None:
    dice = random.Random(f"{SEED}-{stage}")
    done = []
    for number in range(KILLS_EACH):
        # later and later, so that the way is gone through to its end however much of it earlier runs have done
        at = (number + dice.random()) / KILLS_EACH * LONGEST
        one = cut(chat, stage, at)
        done.append(one)
        before_it = "ended before, " if one.ended_before else ""
        print(f"\n{stage}: killed after {one.at} s, {before_it}version {one.answered!r}")
        assert one.rc == 0, one.status[-3000:]
        on_its_way = f"stands on {before}" in one.status and f"on its way to {stage}" in one.status
        arrived = f"stands on {stage}" in one.status and "on its way" not in one.status
        early = f"stands on {before}" in one.status and "on its way" not in one.status
        assert on_its_way or arrived or (early and one.at < 30), one.status[-3000:]
    assert sum(not one.ended_before for one in done) >= KILLS_EACH // 2, "most runs were not cut off"
    assert all(one.answered for one in done), [one.at for one in done if not one.answered]

    chat.play(stage, "-e", "start_empty=db,cache")
    assert chat.version() == "1"
    told = chat.attempt("status", "-e", "plan=false")
    assert f"stands on {stage}" in told.output
    assert "on its way" not in told.output
    assert chat.play(stage).changed() == 0
