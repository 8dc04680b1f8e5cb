"""A disk as it was at a moment: which files are taken from where."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.account import disks, rewind
from rehearsal.account.engines.mariadb import MariaDb
from rehearsal.account.engines.postgres import Postgres

SEGMENTS = [f"0000000100000000000000{number:02X}" for number in range(1, 4)]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Without containers, and by whoever runs the test."""
    monkeypatch.setattr(os, "chown", lambda *_arguments: None)
    return SimpleNamespace(docker=SimpleNamespace(inspect=lambda _name: None))


@pytest.fixture
def source(account: Any, tmp_path: Path) -> Path:
    """A server that has served, was copied then, and has written on."""
    folder = tmp_path / "source"
    (folder / "data" / "pg_wal" / "archive_status").mkdir(parents=True)
    (folder / "data" / "table").write_text("then")
    (folder / "admin").write_text("secret")
    rewind.begin(account, folder, "c", Postgres())
    (folder / "data" / "table").write_text("now")
    for name in SEGMENTS[:2]:
        (rewind.archive(folder) / name).write_text("archived")
    for name in (SEGMENTS[2], "00000002.history", "xlogtemp.12"):
        (folder / "data" / "pg_wal" / name).write_text("not yet")
    (folder / disks.READY).touch()
    return folder


def test_it_begins_with_the_copy_and_has_all_that_was_written(account: Any, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    assert rewind.can(source)
    rewind.bring(account, source, target, "c", Postgres(), "2026-11-21T02:00:00+00:00")
    assert (target / "data" / "table").read_text() == "then"
    assert (target / "admin").read_text() == "secret"
    assert sorted(one.name for one in (target / "archive").iterdir()) == [*SEGMENTS, "00000002.history"]
    assert (target / "data" / "recovery.signal").exists()
    assert "2026-11-21T02:00:00" in (target / "data" / "postgresql.auto.conf").read_text()
    assert (target / disks.READY).exists()


def test_the_copy_is_made_once(account: Any, source: Path) -> None:
    rewind.begin(account, source, "c", Postgres())
    assert (source / "base" / "data" / "table").read_text() == "then"


def test_what_was_cut_begins_anew_and_what_is_whole_stays(account: Any, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "half").touch()
    rewind.bring(account, source, target, "c", Postgres(), "2026-11-21T02:00:00+00:00")
    assert not (target / "half").exists()
    (target / "data" / "table").write_text("written since")
    rewind.bring(account, source, target, "c", Postgres(), "2026-11-21T02:00:00+00:00")
    assert (target / "data" / "table").read_text() == "written since"


def test_a_server_without_a_log_has_no_copy(account: Any, tmp_path: Path) -> None:
    rewind.begin(account, tmp_path, "c", MariaDb())
    assert not rewind.can(tmp_path)
