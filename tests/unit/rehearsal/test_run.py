"""The runner of the rehearsal."""

from __future__ import annotations

import sys

import pytest

from rehearsal.errors import RehearsalError
from rehearsal.run import check, run


def test_output_and_status_come_back() -> None:
    done = run([sys.executable, "-c", "import sys; print(sys.stdin.read()); sys.exit(3)"], stdin=b"hello")
    assert (done.returncode, done.stdout.strip(), done.ok) == (3, "hello", False)


def test_a_slow_program_is_stopped() -> None:
    assert run([sys.executable, "-c", "import time; time.sleep(9)"], timeout=0.2).returncode == 124


def test_a_failure_says_what_failed_with_its_last_lines_and_what_to_do() -> None:
    with pytest.raises(RehearsalError) as caught:
        check([sys.executable, "-c", "import sys; sys.exit('no space left')"], what="Building x", fix="df -h")
    assert "Building x failed" in str(caught.value)
    assert "no space left" in str(caught.value)
    assert "do next: df -h" in str(caught.value)


def test_a_missing_program_is_named() -> None:
    with pytest.raises(RehearsalError, match="no-such-program is not installed"):
        run(["no-such-program"])
