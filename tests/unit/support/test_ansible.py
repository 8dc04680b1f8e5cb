"""Reading what ansible-playbook printed."""

from __future__ import annotations

import sys
import time

from tests.support.ansible import Played, Running, recap
from tests.support.site import merged

# ansible-core 2.19, default callback
OUTPUT = """
TASK [stairway.cloud.app : Release] ****
fatal: [chat-1]: FAILED! => {"changed": false, "msg": "Version 3 was not released.\\n  last lines:\\n    boom \\"x\\""}

PLAY RECAP *********************************************************************
accept-caddy               : ok=12   changed=3    unreachable=0    failed=1    skipped=2    rescued=0    ignored=0
accept-nginx               : ok=12   changed=0    unreachable=0    failed=0    skipped=2    rescued=0    ignored=0
"""


def test_the_recap_of_each_host() -> None:
    found = recap(OUTPUT)
    assert found["accept-caddy"]["failed"] == 1
    assert found["accept-nginx"] == {
        "ok": 12,
        "changed": 0,
        "unreachable": 0,
        "failed": 0,
        "skipped": 2,
        "rescued": 0,
        "ignored": 0,
    }
    assert recap("ERROR! the playbook could not be found") == {}


def test_text_is_what_a_person_reads() -> None:
    played = Played((), 2, OUTPUT, 0.0, 1.0)
    assert '  last lines:\n    boom "x"' in played.text
    assert played.changed() == 3


def test_a_killed_playbook_is_dead_with_all_its_children() -> None:
    running = Running([sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '77.7'])"])
    time.sleep(0.5)
    running.kill()
    assert running.wait(10).rc == -9


def test_one_that_takes_too_long_counts_as_failed() -> None:
    played = Running(["sleep", "60"]).wait(0.3)
    assert played.rc != 0
    assert "killed by the test" in played.output


def test_overrides_merge_key_by_key() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 3}, "d": [2]}) == {"a": {"b": 3, "c": 2}, "d": [2]}
