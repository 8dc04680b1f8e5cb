"""A folder as the place of backups, and the parts of an upload."""

from __future__ import annotations

import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups.bucket import PART_BYTES, part_bytes
from ansible_collections.stairway.cloud.plugins.module_utils._backups.model import Place
from ansible_collections.stairway.cloud.plugins.module_utils._backups.places import Host, target
from ansible_collections.stairway.cloud.plugins.module_utils._backups.target import Folder
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError

DATA = os.urandom(3_000_000)


def test_nothing_is_there_before_it_counts(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    upload = folder.write("db/1/data", io.BytesIO(DATA))
    assert folder.items("db/") == []
    assert (upload.bytes, upload.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())
    upload.commit()
    assert [(item.name, item.bytes) for item in folder.items("db/")] == [("db/1/data", len(DATA))]
    assert b"".join(folder.blocks("db/1/data")) == DATA
    assert (tmp_path / "db/1/data").stat().st_mode & 0o777 == 0o600


def test_what_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write("db/1/data", io.BytesIO(DATA)).abort()
    assert list(tmp_path.rglob("*1*")) == []


class Breaks(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ValueError("broken")
        return super().read(size)


def test_a_source_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"):
        Folder(tmp_path).write("db/1/data", Breaks(DATA))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_sweeping_takes_what_is_old_and_half_written(tmp_path: Path) -> None:
    for name in ("a/old.part", "a/new.part", "a/whole"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    os.utime(tmp_path / "a/old.part", (1, 1))
    assert Folder(tmp_path).sweep("a/", 3600) == [str(tmp_path / "a/old.part")]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["new.part", "whole"]


def test_sweeping_takes_folders_with_their_last_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for name in ("a/1/data.part", "a/2/data.part", "a/3/b/data.part"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (1, 1))
    assert len(folder.sweep("a/", 3600)) == 3
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["a", "a/3"]


def test_a_list_is_read_while_another_run_removes(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    kept = {f"db/{number}/data" for number in range(0, 300, 3)}
    for number in range(300):
        folder.put(f"db/{number}/data", b"x")
    with ThreadPoolExecutor(1) as pool:
        removing = pool.submit(lambda: [folder.delete(f"db/{number}/data") for number in range(300) if number % 3])
        while not removing.done():
            assert kept <= {item.name for item in folder.items("db/")}
        removing.result()
    assert {item.name for item in folder.items("db/")} == kept


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path) -> None:
    assert Folder(tmp_path / "none").items("db/") == []
    (tmp_path / "db").write_text("no folder")
    with pytest.raises(StairwayError, match="cannot be read") as caught:
        Folder(tmp_path).items("db/")
    assert str(tmp_path / "db") in str(caught.value)


def test_what_cannot_be_read_says_which(tmp_path: Path) -> None:
    with pytest.raises(StairwayError, match="cannot be read") as caught:
        Folder(tmp_path).get("none")
    assert str(tmp_path / "none") in str(caught.value)


def test_ten_thousand_parts_hold_more_than_a_host_does() -> None:
    assert sum(part_bytes(number) for number in range(1, 10_001)) > 400e9
    assert part_bytes(1) == PART_BYTES
    assert max(part_bytes(number) for number in range(1, 10_001)) * 2 < 150e6, "two of them are in memory"


@pytest.mark.parametrize(
    ("to", "where"),
    [("file:///var/backups", "/var/backups/chat"), ("s3://bucket/a/b/", "s3://bucket/a/b/chat"), ("s3://bucket", "s3://bucket/chat")],
)  # fmt: skip
def test_apps_share_a_place_and_nothing_in_it(to: str, where: str) -> None:
    assert target("chat", Place(to)).where == where


def test_a_host_keeps_each_app_apart() -> None:
    paths = {str(path) for app in ("a", "b") for path in (Host(app).settings, Host(app).state, Host(app).lock)}
    assert len(paths) == 6
