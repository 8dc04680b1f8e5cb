"""Programs joined by pipes do well only when every one of them does."""

from __future__ import annotations

import os
import time

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.pipe import Pipe

SOURCE = ["sh", "-c", "printf abc; printf def; echo said >&2"]


def test_what_comes_out_at_the_end() -> None:
    with Pipe([SOURCE, ["tr", "a-z", "A-Z"]], what="It") as pipe:
        assert pipe.read(100) == b"ABCDEF"
        assert "said" in pipe.finish()


def test_what_goes_in_comes_out() -> None:
    with Pipe([["cat"], ["cat"]], what="It", fed=True) as pipe:
        assert pipe.write(b"x" * 1000)
        pipe.end()
        assert len(pipe.read(5000)) == 1000
        pipe.finish()


@pytest.mark.parametrize("at", [0, 1, 2])
def test_any_that_fails_fails_all(at: int) -> None:
    commands = [["sh", "-c", "echo x"], ["cat"], ["cat"]]
    commands[at] = ["sh", "-c", "cat >/dev/null; echo why >&2; exit 3"]
    with Pipe(commands, what="It") as pipe:
        pipe.read(100)
        with pytest.raises(StairwayError, match="ended with 3") as caught:
            pipe.finish()
    assert caught.value.log == ["why"]


def test_the_reason_is_named_and_not_its_victim() -> None:
    """A writer whose reader has gone is killed by the pipe: that is not why."""
    with Pipe([["sh", "-c", "yes"], ["sh", "-c", "exit 7"]], what="It") as pipe:
        pipe.read(10)
        with pytest.raises(StairwayError, match="ended with 7"):
            pipe.finish()


def test_a_dump_that_breaks_off_is_no_end() -> None:
    """The classic: `pg_dump | gzip` where only gzip is asked."""
    with Pipe([["sh", "-c", "echo half; exit 1"], ["gzip", "-c"]], what="It") as pipe:
        assert pipe.read(1000)
        with pytest.raises(StairwayError, match="ended with 1"):
            pipe.finish()


def test_one_that_is_not_there_says_so_and_leaves_none_running() -> None:
    with pytest.raises(StairwayError, match="not installed"), Pipe([["sleep", "60"], ["no-such-program"]], what="It"):
        raise AssertionError("it began")


def test_leaving_it_ends_what_still_runs() -> None:
    begun = time.monotonic()
    with Pipe([["sh", "-c", "echo $$; exec sleep 60"]], what="It") as pipe:
        pid = int(pipe.line() or 0)
    assert time.monotonic() - begun < 10
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_tells_when_the_first_is_over() -> None:
    with Pipe([["true"], ["cat"]], what="It") as pipe:
        pipe.read(1)
        pipe.finish()
        assert pipe.over()
