from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.work import RELEASE, SPEC, Mover

OPTIONS: dict[str, Any] = {name: one.get("default") for name, one in SPEC.items()} | {"app": "chat", "moves": []}
PARTS: dict[str, Any] = {name: one.get("default") for name, one in RELEASE.items()} | {"document": {"app": "chat"}}


def test_a_move_releases_the_version_that_runs(tmp_path: Path) -> None:
    """As Ansible hands the options over: what nobody gave is ``None``."""
    order = Mover({**OPTIONS, "actor": "ci", "release": PARTS}, tmp_path)._order([])
    assert (order.document, order.version, order.first_version, order.again) == ({"app": "chat"}, None, None, False)
    assert (order.actor, order.lock_wait, order.lock_seconds) == ("ci", 60, 900)


def test_without_a_release_nothing_is_switched(tmp_path: Path) -> None:
    with pytest.raises(StairwayError, match="ends with a release"):
        Mover(OPTIONS, tmp_path)._order([])
