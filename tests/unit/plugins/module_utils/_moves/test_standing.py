"""What status.yml says of the moves, and what it tells to type next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.standing import standing

WAY = {"source": "container", "target": "managed", "began": "2026-11-22T01:00:00Z", "by": "ci"}
DONE = {**WAY, "ended": "2026-11-22T01:10:00Z", "fence_seconds": 0.3, "keep_source_until": "2026-11-29T01:10:00Z"}


def told(folder: Path, data: dict[str, Any]) -> tuple[dict[str, Any], str]:
    place = folder / "shop" / "moves"
    place.mkdir(parents=True)
    (place / "db.json").write_text(json.dumps(data))
    (place / "db.report.json").write_text("{}")
    found = standing("shop", folder)
    (one,) = found["moves"]
    return one, "\n".join(found["text"])


def test_nothing_has_moved(tmp_path: Path) -> None:
    assert standing("shop", tmp_path) == {"moves": [], "text": []}


def test_on_its_way(tmp_path: Path) -> None:
    one, text = told(tmp_path, {**WAY, "state": "open", "steps": [{"name": "copy"}]})
    assert (one["name"], one["state"], one["step"]) == ("db", "open", "copy")
    assert "db: from container to managed, begun 2026-11-22T01:00:00Z by ci: it has come to copy" in text
    assert "-e store=db -e to=managed -e abort=true" in text


@pytest.mark.parametrize("more", [{"flipped": True, "steps": [{"name": "switch"}]}, {"steps": [{"name": "keep"}]}])
def test_what_is_switched_is_not_given_up(tmp_path: Path, more: dict[str, Any]) -> None:
    _one, text = told(tmp_path, {**WAY, "state": "open", **more})
    assert "switched, and not tidied up yet" in text
    assert "abort" not in text


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({"state": "open", "steps": [{"name": "follow"}]}, None),
        ({"state": "open", "steps": [{"name": "switch"}], "turning": True}, "container"),
        ({"state": "open", "steps": [{"name": "switch"}], "turning": False}, None),
        ({"state": "open", "steps": [{"name": "unfence"}], "turning": True, "flipped": True}, "container"),
        ({"state": "moved"}, "container"),
        ({"state": "aborted", "left": "managed"}, "managed"),
    ],
)
def test_what_takes_no_writes_any_more(tmp_path: Path, more: dict[str, Any], left: str | None) -> None:
    """Also where the move was killed in its switch; where that was taken back, the source is as good as ever."""
    assert told(tmp_path, {**WAY, **more})[0]["left"] == left


@pytest.mark.parametrize("kept", [False, True])
def test_moved(tmp_path: Path, *, kept: bool) -> None:
    one, text = told(tmp_path, {**DONE, "state": "moved", "facts": {"way_back": {"lsn": "0/1"}} if kept else {}})
    assert one["way_back"] is kept
    assert "moved, 2026-11-22T01:10:00Z; nobody could write for 0.3 s" in text
    assert "read-only, until 2026-11-29T01:10:00Z" in text
    assert ("-e store=db -e to=container -e way_back=db" in text) is kept
    assert ("-e to=container -e abort=true" in text) is kept


def test_given_up(tmp_path: Path) -> None:
    assert (
        told(tmp_path, {**DONE, "state": "aborted"})[1]
        == "db: from container to managed: given up, 2026-11-22T01:10:00Z"
    )


def test_a_journal_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "shop" / "moves").mkdir(parents=True)
    (tmp_path / "shop" / "moves" / "db.json").write_text("{")
    with pytest.raises(StairwayError, match="cannot be read"):
        standing("shop", tmp_path)
