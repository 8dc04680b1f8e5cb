from __future__ import annotations

import sys

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.run import check, run


def test_output_and_status_come_back():
    done = run([sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"])
    assert (done.returncode, done.stdout, done.stderr, done.ok) == (3, "out\n", "err\n", False)
    assert done.tail() == ["out", "err"]


def test_a_program_that_takes_too_long_is_stopped_with_what_it_printed():
    done = run(["sh", "-c", "echo begun; exec sleep 60"], timeout=1)
    assert done.returncode == 124
    assert done.stdout == "begun\n"
    assert "stopped after 1 s" in done.stderr


def test_stdin_is_closed_when_nothing_is_given():
    assert run([sys.executable, "-c", "import sys; print(len(sys.stdin.read()))"]).stdout == "0\n"


def test_a_missing_program_is_named():
    with pytest.raises(StairwayError, match="no-such-program is not installed"):
        run(["no-such-program"])


def test_check_says_what_failed_where_and_with_which_lines():
    with pytest.raises(StairwayError) as caught:
        check([sys.executable, "-c", "import sys; sys.exit('disk on fire')"], what="Starting", fix="call someone")
    error = caught.value.result()["error"]
    assert error["message"] == "Starting failed with exit status 1."
    assert error["log"] == ["disk on fire"]
    assert error["fix"] == "call someone"
    assert "disk on fire" in str(caught.value)
