"""Waits until a host lets us in, and ends at once where it never will. Runs on the controller."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action.wait_for_connection import ActionModule as WaitForConnection
from ansible.plugins.action.wait_for_connection import TimedOutException

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.wait import pause

# What ssh says of a host whose key is another one than known_hosts has; no waiting changes that.
OTHER_KEY = re.compile(r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed")


class _OtherKey(AnsibleError):
    """The host is not the one that it was."""


class ActionModule(WaitForConnection):
    """``stairway.cloud.host_ready``."""

    _VALID_ARGS = frozenset(("timeout", "sleep", "known_hosts"))

    def do_until_success_or_timeout(
        self, what: Callable[[int], None], timeout: int, connect_timeout: int, what_desc: str, sleep: int = 1
    ) -> None:
        """As its base does, but for an error that does not go away."""
        end = time.monotonic() + timeout
        last = "nothing"
        while time.monotonic() < end:
            try:
                what(connect_timeout)
            except (AnsibleError, KeyError, OSError) as error:  # KeyError: an answer without the word
                last = str(error)
                if OTHER_KEY.search(last):
                    raise _OtherKey(last) from error
                pause(sleep)
            else:
                return
        raise TimedOutException(last)

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        known = str(self._task.args.get("known_hosts", "~/.ssh/known_hosts"))
        try:
            result: dict[str, Any] = super().run(tmp, variables)
        except _OtherKey as error:
            return {"failed": True, **other_key(where(variables), known, str(error)).result()}
        if result.get("failed"):
            return {**result, **silent(where(variables), str(result.get("msg", ""))).result()}
        return result


def where(variables: Mapping[str, Any]) -> tuple[str, str]:
    """The host's name and its address."""
    name = str(variables.get("inventory_hostname", "the host"))
    return name, str(variables.get("ansible_host", name))


def other_key(host: tuple[str, str], known: str, said: str) -> StairwayError:
    """The error for a key that changed. Pure."""
    name, address = host
    return StairwayError(
        f"{name} shows another host key than the one that it had.",
        where=f"{address}, kept as {name} in {known}",
        expected="the key that was accepted once",
        found=said.strip().splitlines()[-1][:300] if said.strip() else "another key",
        fix="find out why: somebody may stand between. Where the host was made anew, compare its key with its console "
        f"(aws ec2 get-console-output --instance-id {name}), then: ssh-keygen -R {name} -f {known}",
    )


def silent(host: tuple[str, str], said: str) -> StairwayError:
    """The error for a host that lets nobody in. Pure."""
    name, address = host
    return StairwayError(
        f"{name} does not let us in.",
        where=address,
        expected="SSH with your key",
        found=said.strip()[:500] or "no answer",
        fix="see whether your address is in cloud.access of app.yml, whether cloud.compute.ssh_key is the public half "
        "of the key that Ansible uses, and whether the instance runs; then run the same command again",
    )
