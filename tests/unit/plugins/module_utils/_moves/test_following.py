"""What ends a thread is told by whoever waits for it, whatever it was."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.following import Background
from ansible_collections.stairway.cloud.plugins.module_utils._moves.parallel import in_parallel

PROBLEMS = pytest.mark.parametrize(
    ("problem", "told"),
    [(StairwayError("The source is gone."), "The source is gone"), (KeyError(17), "does not foresee")],
    ids=["foreseen", "not foreseen"],
)


class Failing(Background):
    def __init__(self, problem: Exception) -> None:
        super().__init__()
        self._problem, self.failed = problem, threading.Event()

    def portion(self) -> None:
        self.failed.set()
        raise self._problem


@PROBLEMS
def test_in_the_background(problem: Exception, told: str) -> None:
    one = Failing(problem)
    one.start()
    assert one.failed.wait(60)
    for _time in range(2):
        with pytest.raises(StairwayError, match=told) as caught:
            one.pause()
    assert problem in (caught.value, caught.value.__cause__)


@PROBLEMS
def test_beside_each_other(problem: Exception, told: str) -> None:
    done = []

    def fail() -> None:
        raise problem

    with pytest.raises(StairwayError, match=told) as caught:
        in_parallel([lambda: done.append(1), fail, *[lambda: done.append(2)] * 5], 1)
    assert problem in (caught.value, caught.value.__cause__)
    assert done == [1], "the first error stops what has not begun"


def test_where_it_was_is_said() -> None:
    with pytest.raises(StairwayError) as caught:
        in_parallel([lambda: setattr(int, "three", 3)], 1)
    assert str(caught.value.found).startswith("TypeError: cannot set")
    assert "test_following.py, line" in caught.value.log[-1]
