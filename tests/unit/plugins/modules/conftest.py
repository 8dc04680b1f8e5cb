"""What the tests of modules share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.stairway.cloud.plugins.module_utils._atlas.login import VARIABLES
from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.modules import atlas_cluster
from tests.support.atlas import PRIVATE, PUBLIC, Atlas

PASSWORD = "s3cret/of:the@chat"
# What the chat's document makes by hand, and its user.
CHAT: dict[str, Any] = {
    "project": "chat",
    "name": "chat-db-prod",
    "region": "us-east-1",
    "tier": "M10",
    "version": "7",
    "access_list": ["203.0.113.7"],
    "user": {"name": "chat", "password": PASSWORD, "database": "chatdb"},
}


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a module warns of.

    ansible-core puts warnings into the result only in a process that never loaded its controller; other tests here do.
    """
    told: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: told.append(text))
    return told


@pytest.fixture
def atlas(monkeypatch: pytest.MonkeyPatch) -> Iterator[Atlas]:
    """What stands for Atlas, with nobody waiting between two looks; pauses that were asked for are in ``paused``."""
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        *VARIABLES.values(),
    ):
        monkeypatch.delenv(name, raising=False)
    with Atlas() as server:
        monkeypatch.setattr(wait, "pause", server.paused.append)
        yield server


@pytest.fixture
def task(atlas: Atlas, capsys: pytest.CaptureFixture[str], warnings: list[str]) -> Callable[..., dict[str, Any]]:
    """A task with ``atlas_cluster`` as the chat would write it, ``more`` on top; None takes an option away."""

    def run(**more: Any) -> dict[str, Any]:
        given = {
            **CHAT,
            "base_url": atlas.url,
            "timeout_seconds": 60,
            "public_key": PUBLIC,
            "private_key": PRIVATE,
            **more,
        }
        named = {name: value for name, value in given.items() if value is not None}
        with patch_module_args(named), pytest.raises(SystemExit):
            atlas_cluster.main()
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run
