"""What a long task says while it works, and when nothing happens."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from ansible_collections.stairway.cloud.plugins.plugin_utils._progress import Progress


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def progress(clock: Clock, said: list[str]) -> Progress:
    return Progress(said.append, clock=clock)


def test_lines_have_the_seconds(progress: Progress, clock: Clock, said: list[str]) -> None:
    progress("database/main", "creating", 3.24)
    clock.now = 12
    progress.line("2 of 4 machines serve")
    assert said == ["     3.2 s  database/main: creating", "    12.0 s  2 of 4 machines serve"]


def test_silence_says_what_is_waited_for(progress: Progress, clock: Clock) -> None:
    progress("database/main", "creating", 0)
    clock.now = 5
    progress("cache/main", "creating", 5)
    progress("vpc/main", "creating", 5)
    progress("vpc/main", "created", 5)
    progress("cache/main", "waiting: snapshotting", 5)
    assert progress.still() is None
    clock.now = 40
    assert progress.still() == "still waiting: database/main (creating, 40 s), cache/main (waiting: snapshotting, 35 s)"


def test_many_are_counted(progress: Progress, clock: Clock) -> None:
    for number in range(6):
        progress(f"subnet/{number}", "creating", 0)
    clock.now = 30
    assert str(progress.still()).endswith("subnet/3 (creating, 30 s), 2 more")


def test_without_resources_the_last_line_is_said_again(progress: Progress, clock: Clock) -> None:
    clock.now = 31
    assert progress.still() is None
    progress.line("2 of 4 machines serve")
    clock.now = 70
    assert progress.still() == "still waiting: 2 of 4 machines serve"


def test_a_silent_task_goes_on_saying_so(said: list[str]) -> None:
    enough = threading.Event()

    def show(text: str) -> None:
        said.append(text)
        if len(said) == 3:
            enough.set()

    with Progress(show, silent_seconds=0.05) as progress:
        progress("database/main", "creating", 0.0)
        assert enough.wait(5)
    ended = len(said)
    assert said[1].split("  ")[-1].startswith("still waiting: database/main (creating")
    assert not enough.wait(0) or len(said) == ended


def test_an_error_ends_it_too() -> None:
    def boom() -> Generator[None, None, None]:
        with Progress(lambda text: None) as progress:
            yield
            progress.line("never")

    running = boom()
    next(running)
    with pytest.raises(ValueError, match="x"):
        running.throw(ValueError("x"))
    assert not [one for one in threading.enumerate() if "_watch" in one.name]
