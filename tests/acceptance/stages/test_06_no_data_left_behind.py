"""A store whose data cannot go along is not left, up or down: the run says what hinders and how to go on, and the app
serves where it was. What stands for MongoDB here does not tell of changes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support.bodies import wait
from tests.support.roads import CHAT, Road, walking

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("account")]


@pytest.fixture(scope="module")
def chat(account: None) -> Iterator[Road]:
    yield from walking(CHAT)


def written(road: Road) -> bytes:
    """Messages by users; what the app shows of them."""
    with road.under_load() as seen:
        time.sleep(5)
    assert seen.report.summary.failed == 0, seen.report.why()
    assert road.ledger(seen.report).clean
    return shown(road)


def shown(road: Road) -> bytes:
    status, _headers, body = road.ask("/messages")
    assert status == 200
    assert b"text" in body
    return body


def test_it_is_not_left_behind(chat: Road) -> None:
    chat.play("stage1")
    wait(chat.version, "1", 300)
    before = written(chat)
    refused(chat, "stage2", ("it does not tell of changes", "-e move_how=dump"), "stage1")
    assert shown(chat) == before
    goes_along(chat, "stage2")

    # the same from above: what AWS, or Atlas, holds is not left, and what the container has is not written over
    before = written(chat)
    refused(chat, "stage1", ("the target is not empty", "-e replace_target=db"), "stage2")
    assert shown(chat) == before
    goes_along(chat, "stage1", "-e", "replace_target=db")


def goes_along(road: Road, stage: str, *more: str) -> None:
    """Everything while the app is held, as the message says: users wait, and what they wrote is there."""
    leg = road.leg(stage, stage, "-e", "move_how=dump", *more)
    assert leg.report.summary.failed == 0, leg.report.why()
    assert road.ledger(leg.report).clean
    assert road.version() == "1"


def refused(road: Road, stage: str, words: tuple[str, str], stands: str) -> None:
    played = road.attempt(stage)
    assert played.rc != 0
    for word in ("The store db cannot be moved as it is", *words):
        assert word in played.output, f"{word!r} is not in:\n{played.tail()}"
    assert road.version() == "1"
    told = road.attempt("status", "-e", "plan=false")
    assert f"stands on {stands}" in told.output, told.tail()
    assert f"on its way to {stage}" in told.output, told.tail()
