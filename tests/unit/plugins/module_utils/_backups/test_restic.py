"""What restic says, of every version that a host may have, and what it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import info, restic
from ansible_collections.stairway.cloud.plugins.module_utils._backups.files import doubt
from ansible_collections.stairway.cloud.plugins.module_utils._backups.model import Place, Seal, Settings, Volume
from ansible_collections.stairway.cloud.plugins.module_utils._backups.places import Host
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.run import Finished

OLD = {
    "time": "2026-11-22T20:11:24.222322447Z",
    "id": "0de69ad0" + 56 * "0",
    "short_id": "0de69ad0",
    "tags": ["stairway"],
}
NEW = {
    "time": "2026-11-22T05:11:25.5+09:00",
    "id": "49db77e9" + 56 * "0",
    "tags": ["stairway-doubtful"],
    "summary": {"total_bytes_processed": 3000, "total_files_processed": 2, "backup_end": "2026-11-22T05:11:26+09:00"},
}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host("chat", tmp_path / "etc", tmp_path / "var", tmp_path / "run")


@pytest.fixture
def given(tmp_path: Path) -> Settings:
    volumes = (Volume("files", str(tmp_path / "files")),)
    place = Place("s3://acme/chat", access_key="AKID", secret_key="mrk3r-key")
    return Settings("chat", place, 30, 7, Seal(), None, (), volumes, files_password="mrk3r-pass")


def test_snapshots_are_read_oldest_first_whatever_the_zone() -> None:
    new, old = restic.read(f"some warning\n{json.dumps([OLD, NEW])}\n")
    assert (old.name, old.good, old.bytes, old.files) == ("0de69ad0", True, None, None)
    assert (new.name, new.good, new.bytes, new.files) == ("49db77e9", False, 3000, 2)
    assert old.made - new.made == pytest.approx(86_398.722, abs=0.01)


def test_a_moment_of_any_zone() -> None:
    assert restic.moment("1970-01-01T00:00:01.25Z") == 1.25
    assert restic.moment("1970-01-01T09:00:01+09:00") == 1
    with pytest.raises(ValueError, match="yesterday"):
        restic.moment("yesterday")


@pytest.mark.parametrize("text", ["[]\n", "null\n"])
def test_none_is_no_mistake(text: str) -> None:
    assert restic.read(text) == []


def test_what_is_not_understood_is_not_none() -> None:
    with pytest.raises(StairwayError, match="does not say which"):
        restic.read("Usage: restic\n")


def told(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(restic, "run", lambda argv, **_more: Finished(tuple(argv), 1, "", text))


@pytest.mark.parametrize(
    "text",
    [
        "Fatal: unable to open config file: stat /x/config: no such file or directory\n",
        "Fatal: unable to open config file: Stat: The specified key does not exist.\n",
        "Fatal: repository does not exist: unable to open config file: The specified key does not exist.\n",
    ],
)
def test_no_repository_yet_is_no_backup_yet(
    monkeypatch: pytest.MonkeyPatch, host: Host, given: Settings, text: str
) -> None:
    told(monkeypatch, f"{text}Is there a repository at the following location?\ns3:...")
    assert restic.snapshots(host, given) == []


@pytest.mark.parametrize(
    "text",
    [
        "Fatal: unable to open config file: Stat: Access Denied.\nIs there a repository at the following location?\n",
        "Fatal: unable to open config file: dial tcp: refused\nIs there a repository at the following location?\n",
        "Fatal: unable to open config file: The specified bucket does not exist\n"
        "Is there a repository at the following location?\n",
        "Fatal: wrong password or no key found\n",
    ],
)
def test_a_place_that_does_not_answer_is_not_taken_for_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, host: Host, given: Settings, text: str
) -> None:
    told(monkeypatch, text)
    with pytest.raises(StairwayError, match="cannot be read"):
        restic.snapshots(host, given)


def test_who_asks_takes_no_password_away_from_who_runs(
    monkeypatch: pytest.MonkeyPatch, host: Host, given: Settings
) -> None:
    seen: list[str] = []

    def run(argv: list[str], *, env: dict[str, str], **_more: Any) -> Finished:
        if argv[-1] == "outer":
            restic.call(host, given, ["inner"])
        for name in ("RESTIC_PASSWORD_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            path = Path(env[name])
            assert path.stat().st_mode & 0o777 == 0o600
            seen.append(path.read_text())
        assert "mrk3r" not in str([argv, env])
        return Finished(tuple(argv), 0, "", "")

    monkeypatch.setattr(restic, "run", run)
    restic.call(host, given, ["outer"])
    assert [text for text in seen if "mrk3r" in text] == seen
    assert len(seen) == 4
    assert list(host.run.iterdir()) == []


def test_a_list_says_what_restic_says(monkeypatch: pytest.MonkeyPatch, host: Host, given: Settings) -> None:
    argv: list[str] = []

    def run(words: list[str], **_more: Any) -> Finished:
        argv.extend(words)
        return Finished(tuple(words), 0, json.dumps([OLD, NEW]), "")

    monkeypatch.setattr(restic, "run", run)
    monkeypatch.setattr(info, "settings", lambda _host: given)
    text = info.listed(host)["text"]
    assert text[1] == "files  49db77e9  3.0 kB  2     doubtful, made 2026-11-21 20:11:25 UTC"
    assert text[2] == "files  0de69ad0  -       -     good, made 2026-11-22 20:11:24 UTC"
    assert argv == ["restic", "snapshots", "--json", "--no-lock", "--host", "chat"]


@pytest.mark.parametrize(
    ("size", "files", "before", "why"),
    [
        (0, 0, 0, None),
        (0, 3, 5_000, None),
        (0, 0, 5_000, "no files at all"),
        (49_999, 9, 100_000, "it has 49999 bytes"),
        (50_000, 9, 100_000, None),
        (49_999, 9, 99_999, None),
    ],
)
def test_what_is_doubted(size: int, files: int, before: int, why: str | None) -> None:
    said = doubt(size, files, before)
    assert said is None if why is None else why in str(said)
