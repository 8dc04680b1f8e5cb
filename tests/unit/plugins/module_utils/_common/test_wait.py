from __future__ import annotations

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait


def test_until_returns_the_first_answer_that_is_not_none():
    answers = iter([None, None, 0, "late"])
    assert wait.until(lambda: next(answers), seconds=5, every=0.001) == 0


def test_until_gives_up_but_asks_at_least_once():
    asked = []
    assert wait.until(lambda: asked.append(1), seconds=0) is None
    assert asked == [1]
