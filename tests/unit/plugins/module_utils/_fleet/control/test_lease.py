"""Who holds the lock, whatever falls between two calls: one run, and nobody goes on without it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control import back, lease, rollout
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control.lease import SECONDS, Lease, Lost
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control.note import Note

from ..agent.test_containers import RELEASE
from .fleets import NEW, OLD, serving, view


class Store:
    """Parameter Store with one parameter and all its versions. ``before_put`` is called once, by the next put."""

    def __init__(self) -> None:
        self.versions: list[str] = []
        self.before_put: Callable[[], None] | None = None

    def call(self, _service: str, operation: str, **given: Any) -> Any:
        return getattr(self, operation)(**given)

    def get_parameter(self, Name: str, **_given: Any) -> Any:
        version = int(Name.partition(":")[2] or len(self.versions))
        if not 0 < version <= len(self.versions):
            return {}
        return {"Parameter": {"Value": self.versions[version - 1], "Version": version}}

    def put_parameter(self, Value: str, Overwrite: bool, **_given: Any) -> Any:
        first, self.before_put = self.before_put, None
        if first is not None:
            first()
        if self.versions and not Overwrite:
            raise AwsError("ssm:PutParameter", "ParameterAlreadyExists", "", region="r")
        self.versions.append(Value)
        return {"Version": len(self.versions)}

    def delete_parameter(self, **_given: Any) -> Any:
        self.versions.clear()
        return {}

    @property
    def holder(self) -> str:
        return str(json.loads(self.versions[-1])["actor"]) if self.versions else ""


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets that many seconds pass on the wall; the other clock stands still, as in a machine that sleeps."""
    passed = 0.0
    now = time.time

    def add(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr(time, "time", lambda: now() + passed)
    monkeypatch.setattr(wait, "pause", lambda _seconds: None)
    monkeypatch.setattr(lease, "PUT_BACK_SECONDS", 0.01)
    return add


@pytest.fixture
def store() -> Store:
    return Store()


def _run(store: Any, actor: str) -> Lease:
    return Lease(store, "shop", actor, "shop 2")


def test_it_is_said_again_now_and_then(store: Store, later: Callable[[float], None]) -> None:
    one = _run(store, "a")
    one.take(0)
    for seconds in (0, lease.AGAIN_SECONDS + 1, 1):
        later(seconds)
        one.keep()
    assert len(store.versions) == 3, "when it was taken, at the first word, and when it was time to"
    one.give_back()
    assert store.versions == []


def test_who_slept_stops_and_leaves_the_other_one_his_lock(store: Store, later: Callable[[float], None]) -> None:
    one, two = _run(store, "a"), _run(store, "b")
    one.take(0)
    later(SECONDS + 1)
    two.take(0)
    for _again in range(2):
        with pytest.raises(Lost, match=r"(?s)has taken over.*shop 2 by b on"):
            one.keep()
    one.give_back()
    two.keep()
    assert store.holder == "b"


def test_who_slept_stops_also_when_the_other_one_has_ended(store: Store, later: Callable[[float], None]) -> None:
    one, two = _run(store, "a"), _run(store, "b")
    one.take(0)
    later(SECONDS + 1)
    two.take(0)
    two.give_back()
    with pytest.raises(Lost, match="just ended"):
        one.keep()
    assert store.versions == []


def test_a_takeover_while_the_word_is_on_its_way(store: Store, later: Callable[[float], None]) -> None:
    one, two = _run(store, "a"), _run(store, "b")
    one.take(0)
    later(SECONDS + 1)
    store.before_put = lambda: two.take(0)
    with pytest.raises(Lost, match="shop 2 by b on"):
        one.keep()
    assert store.holder == "b", "his text is back in its place"
    two.keep()


def test_of_two_who_take_over_at_once_the_second_leaves_no_trace(store: Store, later: Callable[[float], None]) -> None:
    gone, one, two = _run(store, "x"), _run(store, "a"), _run(store, "b")
    gone.take(0)
    later(SECONDS + 1)

    def refused() -> None:  # the first put of a run is for a lock that is not there
        store.before_put = lambda: one.take(0)

    store.before_put = refused
    assert two._take() is None
    assert store.holder == "a"
    one.keep()
    one.give_back()
    assert two._take()


def test_an_answer_that_is_lost_loses_nothing(store: Store, later: Callable[[float], None]) -> None:
    one = _run(store, "a")
    for put in (one._take, one.keep):
        later(SECONDS + 1)
        store.before_put = lambda: store.versions.append(one._text())
        put()
    assert one._take()


def _lost(*_given: Any) -> Any:
    raise Lost("another run has taken over")


def test_nothing_is_taken_back_once_it_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    run = object.__new__(rollout.Rollout)
    monkeypatch.setattr(run, "machines", SimpleNamespace(forward=_lost), raising=False)
    monkeypatch.setattr(run, "_failed", lambda *_given: pytest.fail("it touches what is another run's"))
    with pytest.raises(Lost):
        run._over_machines(RELEASE, Note("r2", "2", "r1", 1, "rolling", "a", "then"))


def test_a_way_back_that_is_lost_ends_no_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    machines: Any = SimpleNamespace(
        strategy=rollout.order.Strategy(),
        look=lambda: view(serving("i-1", NEW)),
        readmit=lambda *_given: None,
        tell=lambda *_given: None,
        change=_lost,
    )
    monkeypatch.setattr(back.calls, "end", lambda *_given: pytest.fail("it ends a machine of another run"))
    with pytest.raises(Lost):
        back._in_place(machines, OLD)
