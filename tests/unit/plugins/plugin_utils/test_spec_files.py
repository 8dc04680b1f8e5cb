"""Which files are looked at, and in which order."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.stairway.cloud.plugins.plugin_utils._spec_files import candidates, documents, folders


def make(base: Path, *names: str) -> None:
    for name in names:
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text("app: {}\n", encoding="utf-8")


def test_folders_of_files_folders_and_lists(tmp_path: Path) -> None:
    make(tmp_path, "a/hosts.yml", "b/hosts.yml")
    assert folders([str(tmp_path / "a"), str(tmp_path / "b/hosts.yml"), "one,two,"]) == [tmp_path / "a", tmp_path / "b"]


def test_the_weakest_comes_first(tmp_path: Path) -> None:
    make(
        tmp_path,
        "host_vars/h.yml",
        "group_vars/app.yml",
        "group_vars/all/b.yml",
        "group_vars/all/a.yml",
        "play/group_vars/all.yml",
    )
    found = [str(path.relative_to(tmp_path)) for path in candidates([tmp_path], tmp_path / "play", ["all", "app"], "h")]
    assert found == [
        "group_vars/all/a.yml",
        "group_vars/all/b.yml",
        "play/group_vars/all.yml",
        "group_vars/app.yml",
        "host_vars/h.yml",
    ]


def test_what_ansible_ignores_is_ignored(tmp_path: Path) -> None:
    make(
        tmp_path,
        "group_vars/all/.app.yml",
        "group_vars/all/app.yml~",
        "group_vars/all/app.md",
        "group_vars/all/app.yml",
        "group_vars/vault.example.yml",
    )
    assert [path.name for path in candidates([tmp_path], None, ["all"], "h")] == ["app.yml"]


def test_only_files_that_define_the_app_are_read(tmp_path: Path) -> None:
    make(tmp_path, "app.yml")
    (tmp_path / "other.yml").write_text("app_x: 1\nmy_app: 2\n{{ broken", encoding="utf-8")
    found = documents([tmp_path / "app.yml", tmp_path / "other.yml"], lambda path: "", tmp_path)
    assert [document.file for document in found] == ["app.yml"]


def test_an_encrypted_file_is_decrypted_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "app.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n00\n", encoding="utf-8")
    (document,) = documents([tmp_path / "app.yml"], lambda path: "app: {name: chat}\n", Path("/elsewhere"))
    assert document.encrypted
    assert document.file == str(tmp_path / "app.yml")
