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

    # the same from above: what AWS, or Atlas, holds is not left, and what the container has is not written over
    chat.play("stage2", "-e", "start_empty=db")
    before = written(chat)
    refused(chat, "stage1", ("the target is not empty", "drop the database"), "stage2")
    assert shown(chat) == before
    chat.play("stage1", "-e", "start_empty=db")
    assert chat.version() == "1"


def refused(road: Road, stage: str, words: tuple[str, str], stands: str) -> None:
    played = road.attempt(stage)
    assert played.rc != 0
    for word in ("The store db cannot be moved as it is", *words):
        assert word in played.output, f"{word!r} is not in:\n{played.tail()}"
    assert road.version() == "1"
    told = road.attempt("status", "-e", "plan=false")
    assert f"stands on {stands}" in told.output, told.tail()
    assert f"on its way to {stage}" in told.output, told.tail()
