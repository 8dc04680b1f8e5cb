"""What the tests of modules share."""

from __future__ import annotations

import pytest
from ansible.module_utils.basic import AnsibleModule


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a module warns of.

    ansible-core puts warnings into the result only in a process that never loaded its controller; other tests here do.
    """
    told: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: told.append(text))
    return told
