from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.journal import Journal, folder_of
from ansible_collections.stairway.cloud.plugins.module_utils._moves.leave import leave


@pytest.mark.parametrize(
    ("data", "left"),
    [
        ({}, None),
        ({"state": "open", "source": "container", "target": "managed"}, None),
        ({"state": "aborted", "source": "container", "target": "managed"}, None),
        ({"state": "moved", "source": "container", "target": "managed"}, "container"),
        ({"state": "aborted", "source": "managed", "target": "container", "left": "container"}, "container"),
    ],
)
def test_what_the_last_move_has_left(tmp_path: Path, data: dict[str, Any], left: str | None) -> None:
    assert Journal(tmp_path / "db.json", data).left == left


def test_nothing_starts_empty_where_it_could_not_write(tmp_path: Path) -> None:
    """The app would meet old rows there, and could not write: well for its health check, and broken for its users."""
    moved = Journal(tmp_path / "db.json", {"state": "moved", "source": "container", "target": "managed"})
    with pytest.raises(StairwayError, match="cannot start empty there") as caught:
        moved.require_writable("db", "container")
    assert "-e replace_target=db" in str(caught.value.fix)
    moved.require_writable("db", "external")
    Journal(tmp_path / "cache.json").require_writable("cache", "container")


def test_one_that_starts_empty_is_not_asked_what_it_holds(tmp_path: Path) -> None:
    """Its ends need not even be there."""
    given = {"app": "chat", "name": "db", "to": "container", "start_empty": True, "source": {}, "target": {}}
    assert leave(given, tmp_path) == {"source": None, "target": None}
    folder_of("chat", tmp_path).mkdir(parents=True)
    (folder_of("chat", tmp_path) / "db.json").write_text('{"state": "moved", "source": "container"}')
    with pytest.raises(StairwayError, match="cannot start empty there"):
        leave(given, tmp_path)
