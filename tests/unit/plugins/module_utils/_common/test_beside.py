"""A process beside this one."""

from __future__ import annotations

import os
import signal
import time

from ansible_collections.stairway.cloud.plugins.module_utils._common.beside import Beside

_ECHO = "import sys\nfor line in sys.stdin.buffer:\n  sys.stdout.buffer.write(line); sys.stdout.buffer.flush()"


def test_it_hears_and_answers() -> None:
    one = Beside(_ECHO)
    one.say(b"a\n")
    assert one.heard() == b"a\n"
    assert os.getsid(one.number) == one.number, "a session of its own"
    one.end(0.1)


def test_one_that_is_gone() -> None:
    one = Beside(_ECHO)
    os.kill(one.number, signal.SIGKILL)
    assert one.heard() == b""
    one.say(b"a\n")
    one.say(b"b\n")
    one.end(1)


def test_one_that_does_not_end() -> None:
    one = Beside("import time; time.sleep(60)")
    begun = time.monotonic()
    one.end(0.2)
    assert time.monotonic() - begun < 10
