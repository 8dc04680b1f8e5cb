from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._docker.parse import Container
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.health import Answer, Streak, ended


def container(**changes):
    facts = {
        "id": "1",
        "name": "n",
        "image": "i",
        "status": "running",
        "exit_code": 0,
        "oom_killed": False,
        "restarts": 0,
    }
    return Container(**{**facts, "started_at": "", "restart": "no", **changes})


@pytest.mark.parametrize(
    ("status", "well"), [(200, True), (204, True), (301, False), (400, False), (503, False), (None, False)]
)
def test_which_answers_are_well(status, well):
    assert Answer(status).well is well


def streak(answers):
    found = Streak()
    for status in answers:
        found = found.then(Answer(status))
    return found


@pytest.mark.parametrize(
    ("answers", "healthy", "failing"),
    [
        ([], False, False),
        ([200], False, False),
        ([200, 200], True, False),
        ([200, 503, 200], False, False),
        ([200, 200, 503, 503], False, False),
        ([200, 200, 503, None, 503], False, True),
        ([503, 503, 503, 200, 200], True, False),
    ],
)
def test_one_answer_decides_nothing(answers, healthy, failing):
    found = streak(answers)
    assert (found.healthy, found.failing) == (healthy, failing)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "gone"),
        (container(status="exited", exit_code=3), "exit status 3"),
        (container(oom_killed=True), "memory"),
        (container(restarts=2), "2 times"),
        (container(status="paused"), "paused"),
    ],
)
def test_why_a_container_does_not_run(found, words):
    assert words in ended(found)


@pytest.mark.parametrize("status", ["running", "created", "restarting"])
def test_a_container_on_its_way_has_not_ended(status):
    assert ended(container(status=status)) is None
