"""Every linter, and ansible-test, each as one test: `make lint` runs the same steps without pytest."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tools.lint import STEPS, Step, run
from tools.sources import ROOT


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_is_clean(step: Step) -> None:
    outcome = run(step)
    assert outcome.ok, outcome.output[-8000:]


def test_ansible_test_sanity() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.sanity"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=900,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith(("ERROR", "FATAL"))]
    assert done.returncode == 0, "\n".join(told) or done.stdout[-4000:]
