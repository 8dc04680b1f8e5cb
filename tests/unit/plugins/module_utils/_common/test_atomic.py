from __future__ import annotations

import stat

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import atomic
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError


def test_write_makes_the_folder_and_sets_the_mode(tmp_path):
    path = tmp_path / "a" / "b"
    atomic.write(path, "text", mode=0o600)
    assert path.read_text() == "text"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_disk_leaves_the_old_text_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "file"
    atomic.write(path, "old")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(StairwayError, match="No space left on device") as caught:
        atomic.write(path, "new")
    assert "df -h" in caught.value.fix
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_append_adds_one_line_each_time(tmp_path):
    path = tmp_path / "log"
    atomic.append(path, "one\n")
    atomic.append(path, "two")
    assert path.read_text() == "one\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
