from __future__ import annotations

from typing import Any

import pytest
from ansible.plugins.action.wait_for_connection import TimedOutException

from ansible_collections.stairway.cloud.plugins.action.host_ready import ActionModule, _OtherKey, other_key, silent

CHANGED = (
    "Failed to connect to the host via ssh: @@@\r\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\n"
    "Host key for i-0abc has changed and you have requested strict checking.\r\nHost key verification failed."
)


@pytest.fixture
def action() -> Any:
    return ActionModule.__new__(ActionModule)


def test_another_key_ends_it_at_once(action: Any) -> None:
    asked = []

    def what(_seconds: int) -> None:
        asked.append(1)
        raise ConnectionError(CHANGED)

    with pytest.raises(_OtherKey):
        action.do_until_success_or_timeout(what, 600, 5, "ping", 1)
    assert len(asked) == 1


def test_a_host_that_only_starts_is_waited_for(action: Any) -> None:
    answers = iter([ConnectionError("Connection refused"), ConnectionError("Permission denied (publickey)"), None])

    def what(_seconds: int) -> None:
        answer = next(answers)
        if answer:
            raise answer

    action.do_until_success_or_timeout(what, 10, 5, "ping", 0)
    assert next(answers, "none left") == "none left"


def test_the_last_reason_is_told(action: Any) -> None:
    def what(_seconds: int) -> None:
        raise ConnectionError("Connection timed out")

    with pytest.raises(TimedOutException, match="Connection timed out"):
        action.do_until_success_or_timeout(what, 0.01, 5, "ping", 0.02)


def test_the_errors_say_what_to_do() -> None:
    changed = str(other_key(("i-0abc", "203.0.113.9"), "~/.ssh/stairway_known_hosts", CHANGED))
    assert "ssh-keygen -R i-0abc -f ~/.ssh/stairway_known_hosts" in changed
    assert "Host key verification failed." in changed
    assert "203.0.113.9" in changed
    assert "cloud.access" in str(silent(("i-0abc", "203.0.113.9"), "Connection timed out"))
