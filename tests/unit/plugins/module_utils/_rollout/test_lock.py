from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.lock import held

HOLDER = """
import sys, time
from pathlib import Path
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.lock import held
with held(Path(sys.argv[1]), actor="mina", what="release", expires=float(sys.argv[2]), patience=0):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Start another process that holds the lock; gives the lock's path and the function that starts it."""
    started = []

    def start(expires):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path / "lock"), str(expires)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[5],
            env={"PYTHONPATH": str(Path(__file__).parents[5] / ".collections")},
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield tmp_path / "lock", start
    for process in started:
        process.kill()
        process.wait()


def take(path, patience=0.0):
    with held(path, actor="jun", what="rollback", expires=100, patience=patience):
        return json.loads(path.read_text())


def test_a_free_lock_names_its_holder_and_is_empty_afterwards(tmp_path):
    path = tmp_path / "run" / "lock"
    facts = take(path)
    assert (facts["actor"], facts["what"]) == ("jun", "rollback")
    assert facts["until"] - facts["since"] == pytest.approx(100)
    assert path.read_text() == ""


def test_a_held_lock_says_by_whom_and_how_long_still(holder):
    path, start = holder
    start(300)
    with pytest.raises(StairwayError) as caught:
        take(path)
    assert "release by mina" in caught.value.found
    assert "299 s" in caught.value.fix or "300 s" in caught.value.fix


def test_a_killed_holder_leaves_no_lock(holder):
    path, start = holder
    process = start(300)
    process.kill()
    process.wait()
    assert take(path)["actor"] == "jun"


def test_a_holder_past_its_time_is_stopped(holder):
    path, start = holder
    process = start(0.1)
    time.sleep(0.2)
    assert take(path, patience=5)["actor"] == "jun"
    assert process.wait(5) != 0
