"""What a host gets so that it makes backups by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._backups.model import settings_of
from ansible_collections.stairway.cloud.plugins.module_utils._backups.restore import variable
from ansible_collections.stairway.cloud.plugins.module_utils._stages import backups
from ansible_collections.stairway.cloud.plugins.module_utils._stages.compose import volume_variable

AGE = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
STORES = {
    "db": {"engine": "postgresql", "version": "17", "database": "chat", "user": "chat", "password": "pw-db"},
    "cache": {"engine": "redis", "version": "7", "password": "pw-cache"},
}


def app(given: dict[str, Any] | None, **more: Any) -> App:
    service = {"image": "x", "port": 8000, "volumes": [{"name": "files", "path": "/files"}]}
    spec = {"name": "chat", "domains": ["a.example.com"], "services": {"api": service}, "stores": STORES, **more}
    return parse({**spec, **({"backups": given} if given else {})})


FULL = {"to": "s3://bucket/x", "timezone": "Asia/Seoul", "encrypt": {"age": [AGE]}, "files_password": "pw-files"}


def found(given: dict[str, Any] | None, stage: str = "stage1") -> dict[str, Any]:
    return backups.setup(app(given), stage)


def texts(given: dict[str, Any]) -> dict[str, str]:
    return {one["path"]: one["content"] for one in found(given)["entries"] if "content" in one}


def test_the_program_reads_what_a_stage_writes() -> None:
    read = settings_of(backups.settings(app(FULL), "stage1"))
    assert (read.app, read.keep_days, read.keep_least, read.seal.kind) == ("chat", 30, 7, "age")
    assert [store.name for store in read.stores] == ["db", "cache"]
    assert [(volume.name, volume.path) for volume in read.volumes] == [
        ("files", "/var/lib/stairway/chat/volumes/files")
    ]
    assert read.drill is not None
    assert "pw-" not in repr(read)


def test_no_password_of_a_store_is_in_it() -> None:
    text = json.dumps(backups.settings(app(FULL), "stage1"))
    assert "pw-db" not in text
    assert "pw-cache" not in text


def test_settings_are_secret_and_roots() -> None:
    entry = next(one for one in found(FULL)["entries"] if one["path"].endswith("settings.json"))
    assert (entry["mode"], "content" in entry) == ("0600", False)
    assert json.loads(entry["secret_content"])["files_password"] == "pw-files"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (FULL, ["zstd", "age", "restic"]),
        ({"to": "file:///b", "encrypt": {"gpg": "-----BEGIN PGP PUBLIC KEY BLOCK-----"}}, ["zstd", "gpg", "gpg-agent"]),
        ({"to": "file:///b"}, ["zstd"]),
    ],
    ids=["age and files", "gpg", "neither"],
)
def test_packages(given: dict[str, Any], names: list[str]) -> None:
    assert found(given)["packages"] == names


def test_timers_know_the_apps_own_time_and_catch_up() -> None:
    made = texts({**FULL, "at": "23:30"})
    timer = made["/etc/systemd/system/stairway-backup-chat.timer"]
    assert "OnCalendar=*-*-* 23:30:00 Asia/Seoul\n" in timer
    assert "Persistent=true\n" in timer
    assert "OnCalendar=*-*-* 01:00:00 Asia/Seoul\n" in made["/etc/systemd/system/stairway-drill-chat.timer"]


def test_the_default_is_two_in_the_morning() -> None:
    timer = texts({"to": "file:///b"})["/etc/systemd/system/stairway-backup-chat.timer"]
    assert "OnCalendar=*-*-* 02:00:00 UTC\n" in timer


def test_without_drills_there_is_no_timer_for_them() -> None:
    made = found({**FULL, "drill": {"every_days": 0}})
    assert [unit["name"] for unit in made["units"]] == ["stairway-backup-chat.timer"]
    assert settings_of(backups.settings(app({**FULL, "drill": {"every_days": 0}}), "stage1")).drill is None


@pytest.mark.parametrize(("given", "stage"), [(None, "stage1"), (FULL, "local")], ids=["no backups", "this machine"])
def test_what_is_not_wanted_goes(given: dict[str, Any] | None, stage: str) -> None:
    made = found(given, stage)
    assert {one["state"] for one in made["entries"]} == {"absent"}
    assert made["units"] == made["packages"] == []
    assert not backups.backs_up(app(given), stage)


def test_the_program_starts_from_its_files_alone(tmp_path: Path) -> None:
    for entry in backups.program():
        path = Path(f"{tmp_path}{entry['path']}")
        if entry.get("state") == "directory":
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.write_text(entry["content"])
    program = [sys.executable, "-I", "-B", f"{tmp_path}{backups.PROGRAM}"]
    said = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr[:6]) == (2, "usage:")
    said = subprocess.run([*program, "no-such-app", "status"], capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "makes no backups of no-such-app" in said.stderr


@pytest.mark.parametrize("store", ["db", "main-db", "a"])
def test_a_restore_and_compose_mean_the_same_variable(store: str) -> None:
    assert variable(store) == volume_variable(store)


@pytest.mark.parametrize(("at", "later"), [("02:00", "03:30"), ("23:00", "00:30"), ("00:00", "01:30")])
def test_later(at: str, later: str) -> None:
    assert backups.later(at, 90) == later
