"""Files on a real (temporary) disk: in whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._files import apt, converge, disk
from ansible_collections.stairway.cloud.plugins.module_utils._files.converge import Result, Wish
from ansible_collections.stairway.cloud.plugins.module_utils._files.model import parse_entries


def go(folder: Path, *raw: dict[str, Any], check_mode: bool = False, **wish: Any) -> Result:
    entries = parse_entries([{**item, "path": f"{folder}/{item['path']}"} for item in raw])
    return converge.converge(Wish(entries=entries, **wish), check_mode=check_mode)


def tree(folder: Path) -> dict[str, str]:
    """Every path below ``folder`` and what it is, so that nothing that stays behind escapes a test."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_dir():
            found[name] = "folder"
        else:
            found[name] = path.read_text()
    return found


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_a_set_goes_in_and_the_second_run_changes_nothing(tmp_path: Path) -> None:
    raw: list[dict[str, Any]] = [
        {"path": "a/b/file", "content": "text\n", "label": "x"},
        {"path": "secret", "secret_content": "s\n"},
        {"path": "closed", "state": "directory", "mode": "0700"},
        {"path": "closed/in", "content": "", "mode": "0640"},
        {"path": "link", "link": "a/b/file"},
    ]
    first = go(tmp_path, *raw)
    assert tree(tmp_path) == {
        "a": "folder",
        "a/b": "folder",
        "a/b/file": "text\n",
        "secret": "s\n",
        "closed": "folder",
        "closed/in": "",
        "link": "-> a/b/file",
    }
    assert [mode(tmp_path / name) for name in ("a", "a/b/file", "secret", "closed", "closed/in")] == [
        0o755,
        0o644,
        0o600,
        0o700,
        0o640,
    ]
    assert first.result()["changed_labels"] == ["x"]
    second = go(tmp_path, *raw).result()
    assert second["changed"] is False
    assert second["diff"] == []


def test_check_mode_says_the_same_and_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old\n")
    raw = [{"path": "new/file", "content": "x"}, {"path": "old", "state": "absent"}]
    said = go(tmp_path, *raw, check_mode=True).result()
    assert tree(tmp_path) == {"old": "old\n"}
    done = go(tmp_path, *raw).result()
    assert (said["changed_paths"], said["diff"]) == (done["changed_paths"], done["diff"])


def test_a_refused_file_keeps_the_whole_set_out(tmp_path: Path) -> None:
    (tmp_path / "first").write_text("old\n")
    with pytest.raises(StairwayError, match="no file was changed") as error:
        go(
            tmp_path,
            {"path": "first", "content": "new\n"},
            {"path": "deep/folder/second", "content": "bad\n", "validate": ["sh", "-c", "echo no: $0; exit 1", "%s"]},
        )
    assert tree(tmp_path) == {"first": "old\n"}
    assert error.value.log == [f"no: {tmp_path}/deep/folder/second"], "the validator's words name the target"


def test_a_validator_sees_the_new_text(tmp_path: Path) -> None:
    go(tmp_path, {"path": "f", "content": "good\n", "validate": ["grep", "-q", "good", "%s"]})
    assert tree(tmp_path) == {"f": "good\n"}


def test_the_words_of_a_validator_of_a_secret_are_hidden(tmp_path: Path) -> None:
    with pytest.raises(StairwayError) as error:
        go(tmp_path, {"path": "f", "secret_content": "MARKER", "validate": ["sh", "-c", "cat $0; exit 1", "%s"]})
    assert "MARKER" not in str(error.value)


def test_check_mode_warns_of_a_validator_that_says_no(tmp_path: Path) -> None:
    result = go(tmp_path, {"path": "f", "content": "x", "validate": ["false", "%s"]}, check_mode=True)
    assert "f is not valid" in result.notes[0]
    assert tree(tmp_path) == {}


def test_check_mode_passes_over_a_validator_that_is_not_installed(tmp_path: Path) -> None:
    raw = {"path": "f", "content": "x", "validate": ["no-such-program-here", "%s"]}
    assert go(tmp_path, raw, check_mode=True).notes == []


def test_a_missing_validator_keeps_the_set_out(tmp_path: Path) -> None:
    with pytest.raises(StairwayError, match="not installed"):
        go(tmp_path, {"path": "f", "content": "x", "validate": ["no-such-program-here", "%s"]})
    assert tree(tmp_path) == {}


def test_a_full_disk_in_the_middle_takes_everything_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").write_text("old\n")
    (tmp_path / "gone").write_text("stays\n")
    os.symlink("somewhere", tmp_path / "link")
    before = tree(tmp_path)
    replace = os.replace
    calls: list[str] = []

    def full(source: str, target: str) -> None:
        calls.append(str(target))
        if str(target).endswith("/two") and len(calls) < 5:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(disk.os, "replace", full)
    with pytest.raises(StairwayError, match="two cannot be written: No space left on device"):
        go(
            tmp_path,
            {"path": "one", "content": "new\n", "mode": "0600"},
            {"path": "gone", "state": "absent"},
            {"path": "link", "link": "elsewhere"},
            {"path": "sub/two", "content": "x"},
        )
    assert tree(tmp_path) == before
    assert mode(tmp_path / "one") == 0o644


def test_a_package_that_cannot_be_installed_takes_the_files_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apt, "missing", tuple)

    def fail(*_: object, **__: object) -> None:
        raise StairwayError("No repository has it.")

    monkeypatch.setattr(apt.Apt, "install", fail)
    with pytest.raises(StairwayError, match="No repository has it"):
        go(tmp_path, {"path": "f", "content": "x"}, packages=("nothing",))
    assert tree(tmp_path) == {}


def test_mode_alone_is_changed_in_place(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    inode = (tmp_path / "f").stat().st_ino
    go(tmp_path, {"path": "f", "content": "x", "mode": "0600"})
    assert (mode(tmp_path / "f"), (tmp_path / "f").stat().st_ino) == (0o600, inode)


def test_a_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    (tmp_path / "f").chmod(0o751)
    go(tmp_path, {"path": "f", "content": "y"})
    assert mode(tmp_path / "f") == 0o751


def test_a_full_folder_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("x")
    with pytest.raises(StairwayError, match="not empty"):
        go(tmp_path, {"path": "d", "state": "absent"})
    assert tree(tmp_path) == {"d": "folder", "d/f": "x"}


def test_an_unknown_owner(tmp_path: Path) -> None:
    raw = {"path": "f", "content": "x", "owner": "nobody-of-that-name"}
    with pytest.raises(StairwayError, match="The user 'nobody-of-that-name' .* does not exist"):
        go(tmp_path, raw)
    assert go(tmp_path, raw, check_mode=True).result()["changed"], "an earlier task may be going to make it"


def test_installed_packages_are_reported_with_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "missing", lambda wanted: ("b",))
    said = go(tmp_path, packages=("a", "b"), check_mode=True).result()
    assert (said["changed"], said["installed_packages"]) == (True, ["b"])
    assert said["diff"][0]["after"] == "b\n"
