"""Every stage again: nothing is changed, and check mode says so too. How long that takes is in the benchmark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.bodies import wait
from tests.support.roads import CHAT, Road, walking

STAGES = ("stage1", "stage2", "stage3", "stage4")

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("account")]


@pytest.fixture(scope="module")
def chat(account: None) -> Iterator[Road]:
    yield from walking(CHAT)


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_to_do(chat: Road, stage: str) -> None:
    chat.play(stage, "-e", "start_empty=db,cache")
    wait(chat.version, "1", 300)
    again = chat.play(stage)
    print(f"\n{stage} again: {again.seconds:.1f} s, {again.tasks()} tasks")
    assert again.changed() == 0, again.tail()
    checked = chat.play(stage, "--check", "--diff")
    assert checked.changed() == 0, checked.tail()
    assert chat.version() == "1"
