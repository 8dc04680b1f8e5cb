from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves import pulse
from ansible_collections.stairway.cloud.plugins.module_utils._moves.pulse import Pulse


class Session:
    """``answers`` is set while the server answers; a session that is cut ends whoever waits for it."""

    def __init__(self) -> None:
        self.answers, self.gone = threading.Event(), False
        self.answers.set()
        self.asked = 0
        self.once, self.twice = threading.Event(), threading.Event()

    def ask(self) -> None:
        self.asked += 1
        self.once.set()
        if self.asked > 1:
            self.twice.set()
        self.answers.wait(60)
        if self.gone:
            raise StairwayError("lost.")

    def cut(self) -> None:
        self.gone = True
        self.answers.set()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(pulse, "RENEWED_SECONDS", 0.02)
    return Session()


def beating(session: Any) -> Pulse:
    made = Pulse(session, session.ask)
    made.start()
    return made


def test_it_is_heard_again_and_again_until_it_ends(session: Session) -> None:
    made = beating(session)
    assert session.twice.wait(5)
    made.end()
    asked = session.asked
    time.sleep(0.1)
    assert session.asked == asked
    assert made.problem is None
    assert not session.gone


def test_a_session_that_does_not_answer_is_cut_and_waited_for_no_longer(session: Session) -> None:
    session.answers.clear()
    made = beating(session)
    assert session.once.wait(5)
    made.end()
    assert session.gone
    assert made.problem is not None


def test_a_server_that_is_busy_has_the_time_that_is_left(session: Session) -> None:
    session.answers.clear()
    made = beating(session)
    assert session.once.wait(5)
    threading.Timer(0.5, session.answers.set).start()
    made.end(time.monotonic() + 60)
    assert not session.gone
    assert made.problem is None


def test_but_no_more_than_it_would_keep_the_session_for(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "IDLE_SECONDS", 0.05)
    session.answers.clear()
    made = beating(session)
    assert session.once.wait(5)
    made.end(time.monotonic() + 60)
    assert session.gone
    assert made.problem is not None


def test_one_that_was_never_started_ends(session: Session) -> None:
    Pulse(session, session.ask).end()  # type: ignore[arg-type]
    assert session.asked == 0
