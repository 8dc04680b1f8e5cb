"""The action plugin with a connection that answers from a string: no host is asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.action.host_info import ActionModule

DEBIAN = 'NAME="Debian GNU/Linux"\nVERSION_ID="13"\n'
PACKAGES = "bash\tinstall ok installed\t\nchrony\tinstall ok installed\ttime-daemon\n"
PLATFORMS: dict[str, Any] = {"Debian 12": {}, "Debian 13": {"suite": "trixie", "packages": ["docker.io"]}}


def run(arguments: dict[str, Any], *, missing: str = "", answer: str | None = None) -> dict[str, Any]:
    """The task's result on a Debian 13 that has bash and chrony and lacks the paths of ``missing``."""
    plugin: Any = ActionModule.__new__(ActionModule)
    plugin._task = SimpleNamespace(
        args=arguments, async_val=0, check_mode=False, action="stairway.cloud.host_info", diff=False
    )
    plugin._connection = SimpleNamespace(has_pipelining=True, _shell=SimpleNamespace(tmpdir=None))
    plugin._play_context = SimpleNamespace()
    plugin._cleanup_remote_tmp = False
    text = f"{DEBIAN}\n== packages\n{PACKAGES}== missing paths\n{missing}== end\n" if answer is None else answer
    plugin._low_level_execute_command = lambda command: {"rc": 0, "stdout": text, "stderr": "no such host"}
    found: dict[str, Any] = plugin.run(task_vars={})
    return found


def test_nothing_is_missing() -> None:
    result = run({"platforms": {"Debian 13": {"http2": True}}, "packages": ["bash", "systemd-timesyncd|time-daemon"]})
    assert result["complete"] is True
    assert result["changed"] is False
    assert (result["platform"], result["here"]) == ("Debian 13", {"http2": True})


def test_missing_packages_of_every_platform_and_of_this_one() -> None:
    result = run({"platforms": PLATFORMS, "packages": ["curl"]})
    assert result["missing_packages"] == ["curl", "docker.io"]
    assert result["complete"] is False


def test_missing_paths() -> None:
    result = run({"platforms": PLATFORMS | {"Debian 13": {}}, "paths": ["/etc/key"]}, missing="/etc/key\n")
    assert (result["missing_paths"], result["complete"]) == (["/etc/key"], False)


def test_no_fact_is_made() -> None:
    assert "ansible_facts" not in run({"platforms": PLATFORMS})


def test_a_platform_that_is_not_supported() -> None:
    result = run({"platforms": {"Debian 12": {}, "Ubuntu 24.04": {}}, "advice": "Take another."})
    assert result["failed"] is True
    for part in ("runs Debian 13", "Debian 12, Ubuntu 24.04", "Take another."):
        assert part in result["msg"]


@pytest.mark.parametrize("answer", ["", "sudo: a password is required"])
def test_no_answer(answer: str) -> None:
    result = run({"platforms": PLATFORMS}, answer=answer)
    assert result["failed"] is True
    assert "did not say" in result["msg"]
    assert "no such host" in result["error"]["log"]
