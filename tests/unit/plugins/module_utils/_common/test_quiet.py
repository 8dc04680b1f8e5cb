"""What a quiet module writes to the journal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args

from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule

SECRET = "FIRST=hunter2\nSECOND=hunter3\n"
SPEC: dict[str, Any] = {
    "entries": {"type": "list", "elements": "dict", "options": {"secret_content": {"type": "str", "no_log": True}}}
}


def logged(kind: type[basic.AnsibleModule], monkeypatch: pytest.MonkeyPatch) -> str:
    lines: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda _self, message, **_more: lines.append(str(message)))
    with patch_module_args({"entries": [{"secret_content": SECRET}]}):
        kind(argument_spec=SPEC)
    return json.dumps(lines)


def test_the_arguments_are_named_and_their_values_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "entries" in logged(QuietModule, monkeypatch)
    assert "hunter" not in logged(QuietModule, monkeypatch)


def test_a_plain_module_would_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once this fails, Ansible hides secrets of several lines itself, and the class can go."""
    assert "hunter" in logged(basic.AnsibleModule, monkeypatch)
