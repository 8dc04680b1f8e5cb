"""One machine prepares a release, whatever happens to it; the others hear how it went."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.agent import prepare
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.agent.aws import Aws
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.model import Prepared, prepared_path, written
from ansible_collections.stairway.cloud.plugins.module_utils._identity.metadata import Metadata

from .test_containers import RELEASE

PATH = prepared_path("shop", "r1")


class Kept(Aws):
    """Parameter Store as a dictionary."""

    def __init__(self, given: Prepared | None = None) -> None:
        super().__init__("r", Metadata())
        self.kept = {PATH: written(given)} if given else {}

    def parameter(self, name: str) -> str | None:
        return self.kept.get(name)

    def put(self, name: str, value: str, *, new: bool = False) -> bool:
        if new and name in self.kept:
            return False
        self.kept[name] = value
        return True

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.kept[PATH])
        return found


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "pause", lambda _seconds: None)


def _once(aws: Aws, work: Any, me: str = "i-1") -> bool:
    return prepare.once(aws, RELEASE, me, work, lambda error: error.result()["error"])


def test_the_first_works_and_the_second_does_not() -> None:
    aws, done = Kept(), []
    assert _once(aws, lambda: done.append(1))
    assert not _once(aws, lambda: done.append(2), "i-2")
    assert _once(aws, lambda: done.append(3)), "after a reboot it is the same one still"
    assert done == [1]
    assert (aws.state["state"], aws.state["by"]) == ("done", "i-1")


def _fail() -> None:
    raise StairwayError("The migration failed.", where="python migrate", log=["boom"])


def test_a_failure_is_everybodys() -> None:
    aws = Kept()
    with pytest.raises(StairwayError, match="The migration failed"):
        _once(aws, _fail)
    with pytest.raises(StairwayError, match=r"(?s)failed\. \(on i-1, for all.*python migrate.*boom"):
        _once(aws, _fail, "i-2")


def test_one_that_was_cut_off_goes_on() -> None:
    aws, done = Kept(Prepared("running", "i-1", time.time())), []
    assert _once(aws, lambda: done.append(1))
    assert done == [1]


def test_one_that_is_gone_is_replaced() -> None:
    aws, done = Kept(Prepared("running", "i-0", time.time() - RELEASE.prepare_seconds - 1)), []
    assert _once(aws, lambda: done.append(1))
    assert aws.state["by"] == "i-1"


def test_of_two_who_replace_it_one_works(monkeypatch: pytest.MonkeyPatch) -> None:
    aws, done = Kept(Prepared("running", "i-0", time.time() - RELEASE.prepare_seconds - 1)), []
    read = aws.parameter

    def late(name: str) -> str | None:
        """What was there; by the time it arrives, the other machine has done it."""
        found = read(name)
        monkeypatch.setattr(aws, "parameter", read)
        assert _once(aws, lambda: done.append(2), "i-2")
        return found

    monkeypatch.setattr(aws, "parameter", late)
    assert not _once(aws, lambda: done.append(1))
    assert done == [2]
    assert (aws.state["state"], aws.state["by"]) == ("done", "i-2")


def test_who_is_cut_off_before_it_says_so_goes_on() -> None:
    gone = Prepared("running", "i-0", time.time() - RELEASE.prepare_seconds - 1)
    aws, done = Kept(gone), []
    assert prepare._taken(aws, PATH, "i-1", gone)
    aws.kept[PATH] = written(gone)
    assert _once(aws, lambda: done.append(1))
    assert done == [1]


def test_what_cannot_be_read_is_waited_for_so_long_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    aws, passed = Kept(), [0.0]
    aws.kept[PATH] = "broken"
    monkeypatch.setattr(time, "monotonic", lambda: passed[0])
    monkeypatch.setattr(wait, "pause", lambda seconds: passed.append(passed.pop() + seconds))
    with pytest.raises(StairwayError, match=r"(?s)for too long.*running by somebody"):
        _once(aws, _fail)


@pytest.mark.parametrize(
    ("by", "age", "over"), [("i-1", 0, True), ("i-2", 0, False), ("i-2", 599, False), ("i-2", 601, True)]
)
def test_overdue(by: str, age: float, over: bool) -> None:
    assert prepare.overdue(Prepared("running", by, 1000), "i-1", 1000 + age, 600) is over
