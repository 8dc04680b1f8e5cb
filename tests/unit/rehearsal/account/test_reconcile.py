"""The loop between what is wanted and what stands, with a kind of bodies that are words in a dictionary."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from rehearsal.account.body import NotYet, Plain, Standing
from rehearsal.account.reconcile import Reconciler


class Words(Plain[str]):
    name = "words"

    def __init__(self) -> None:
        self.asked: dict[str, str] = {}
        self.there: dict[str, str] = {}
        self.fails = 0
        self.waits = 0
        self.seen: dict[str, str] = {}

    def wanted(self, account: Any) -> dict[str, str]:
        return dict(self.asked)

    def make(self, account: Any, key: str, spec: str) -> None:
        if self.waits:
            self.waits -= 1
            raise NotYet("something")
        if self.fails:
            self.fails -= 1
            raise OSError("no room")
        self.there[key] = spec

    def change(self, account: Any, key: str, old: str, new: str) -> None:
        assert self.there[key] == old
        self.there[key] = new

    def remove(self, account: Any, key: str, old: str) -> None:
        self.there.pop(key, None)

    def state(self, account: Any, bodies: Mapping[str, Standing[str]]) -> None:
        self.seen = {key: body.phase for key, body in bodies.items()}


def made() -> tuple[Words, Reconciler, list[str]]:
    words, log = Words(), list[str]()
    account: Any = SimpleNamespace(look=lambda: None, interfaces=(), changed=threading.Event())
    return words, Reconciler(account, [words], log.append), log


def until(loop: Reconciler, what: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not what():
        assert time.monotonic() < end
        loop.round()
        time.sleep(0.01)


def test_what_is_wanted_is_made_changed_and_removed() -> None:
    words, loop, _log = made()
    for wanted in ({"a": "1", "b": "1"}, {"a": "2", "b": "1"}, {"a": "2"}, {}):
        words.asked = wanted
        until(loop, lambda wanted=wanted: words.there == wanted and words.seen == dict.fromkeys(wanted, "standing"))  # type: ignore[misc]


def test_a_failure_is_said_and_tried_again() -> None:
    words, loop, log = made()
    words.asked, words.fails = {"a": "1"}, 1
    until(loop, lambda: words.there == {"a": "1"})
    assert "making failed, try 1: OSError: no room" in log[0]


def test_who_has_to_wait_waits_without_a_word() -> None:
    words, loop, log = made()
    words.asked, words.waits = {"a": "1"}, 3
    until(loop, lambda: words.there == {"a": "1"})
    assert all("failed" not in line for line in log)


def test_a_body_nobody_wants_any_more_while_it_is_made_goes_again() -> None:
    words, loop, _log = made()
    words.asked, words.fails = {"a": "1"}, 1
    loop.round()
    words.asked = {}
    until(loop, lambda: words.there == {} and loop.bodies["words"] == {})


def test_a_kind_that_fails_keeps_no_other_from_its_turn() -> None:
    words, loop, log = made()
    broken = Words()
    broken.name = "broken"
    broken.wanted = lambda account: 1 / 0  # type: ignore[assignment,method-assign,return-value]
    loop.kinds.insert(0, broken)
    loop.bodies["broken"] = {}
    words.asked = {"a": "1"}
    until(loop, lambda: words.there == {"a": "1"})
    assert sum("ZeroDivisionError" in line for line in log) == 1
