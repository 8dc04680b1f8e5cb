"""Files that were lost, older ones that are looked for, and a disk that has no room for a second copy: restic without a
store.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections import namedtuple
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import files, restic, tasks
from ansible_collections.stairway.cloud.plugins.module_utils._backups import main as program
from ansible_collections.stairway.cloud.plugins.module_utils._backups.info import listed, status
from ansible_collections.stairway.cloud.plugins.module_utils._backups.run import ended
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.support.backups import Stand

Usage = namedtuple("Usage", "total used free")
GB = 1_000_000_000


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """Its store is never started: nothing here asks it."""
    (tmp_path / "files" / "deep").mkdir(parents=True)
    (tmp_path / "files" / "deep" / "large").write_bytes(os.urandom(3_000_000))
    (tmp_path / "files" / "사진.txt").write_text("안녕")
    made = Stand(tmp_path, ("redis",), {"to": f"file://{tmp_path}/out", "files_password": "pw"})
    for where in (program, tasks):  # they know the app's name alone
        monkeypatch.setattr(where, "Host", lambda _app: made.host)
    return made


def empty(stand: Stand) -> None:
    shutil.rmtree(stand.root / "files")
    (stand.root / "files").mkdir()


def kept(stand: Stand) -> list[tuple[str, bool]]:
    return [(one.name, one.good) for one in restic.snapshots(stand.host, stand.settings)]


def room(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(50 * GB, 50 * GB - free, free))


# --- files that were lost ---------------------------------------------------------------------------------------------


def test_empty_volumes_of_a_new_host_are_doubted_and_take_no_good_backup_away(stand: Stand) -> None:
    stand.write(keep_days=0, keep_least=1)
    good = stand.backup("files").done[0]["id"]
    stand.host.state.unlink()
    empty(stand)
    for _night in range(2):
        failed = stand.backup("files").failed["files"]
        assert "no files at all" in failed
        assert "accept_size=true" in failed
        assert "restore.yml -e store=files" in failed
    assert [is_good for _name, is_good in kept(stand)] == [True, False, False]
    assert stand.drill("files").done[0]["id"] == good
    found = files.restore(stand.host, stand.settings, "latest")
    assert (Path(found["volumes"]["files"]) / "사진.txt").read_text() == "안녕"
    assert stand.backup("files", accept=True).failed == {}
    assert [is_good for _name, is_good in kept(stand)] == [True], "what is accepted is the last good one from then on"
    assert stand.backup("files").failed == {}


def test_much_less_than_before_is_doubted_and_a_little_less_is_not(stand: Stand) -> None:
    assert stand.backup("files").failed == {}
    (stand.root / "files" / "deep" / "large").write_bytes(os.urandom(1_600_000))
    assert stand.backup("files").failed == {}
    (stand.root / "files" / "deep" / "large").write_bytes(os.urandom(700_000))
    assert "the last good one had 1600006" in stand.backup("files").failed["files"]


def test_the_first_one_may_be_empty(stand: Stand) -> None:
    empty(stand)
    assert stand.backup("files").failed == {}
    assert stand.drill("files").failed == {}


def test_a_volume_that_is_not_there_is_told(stand: Stand) -> None:
    there = {"name": "files", "path": str(stand.root / "files")}
    stand.write(volumes=[there, {"name": "avatars", "path": str(stand.root / "avatars")}])
    failed = stand.backup("files").failed["files"]
    assert "the folder of avatars is not on this host" in failed
    assert "run the stage again" in failed
    assert [is_good for _name, is_good in kept(stand)] == [False], "what is there is stored all the same"
    assert "no good backup" in stand.drill("files").failed["files"]
    (stand.root / "avatars").mkdir()
    assert stand.backup("files").failed == {}


def test_what_was_backed_up_from_another_folder_goes_too(stand: Stand) -> None:
    """As when a volume was given another name: what users have deleted must not stay at the place for ever."""
    stand.write(keep_days=0, keep_least=1)
    stand.backup("files")
    (stand.root / "files").rename(stand.root / "uploads")
    stand.write(keep_days=0, keep_least=1, volumes=[{"name": "uploads", "path": str(stand.root / "uploads")}])
    last = stand.backup("files").done[0]["id"]
    assert kept(stand) == [(last, True)]


# --- older ones that are looked for -----------------------------------------------------------------------------------


def test_a_file_that_was_deleted_is_found_in_an_older_backup(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    stand.write(stores=[])
    stand.backup("files")
    (stand.root / "files" / "사진.txt").unlink()
    for _night in range(3):
        stand.backup("files")
    told = listed(stand.host)
    assert [(one["store"], one["good"]) for one in told["backups"]] == [("files", True)] * 4
    oldest = told["backups"][0]["id"]
    line = next(line for line in told["text"] if oldest in line)
    assert "good, made 2" in line
    assert program.main([stand.name, "list"]) == 0
    assert f"files  {oldest}  " in capsys.readouterr().out
    assert program.main([stand.name, "list", "files"]) == 0
    text = tasks.bring_back(stand.name, "files", oldest, state="prepared", identity=None, actor="test")
    folder = Path(text["volumes"]["files"])
    assert (folder / "사진.txt").read_text() == "안녕"
    assert f"rm -r {text['folder']}" in text["text"][-1]


CALL = """from ansible_collections.stairway.cloud.plugins.module_utils._backups import restic
restic.call(host, settings(host), ["check"])
"""


def test_a_list_is_given_while_a_run_holds_the_place_for_itself(stand: Stand) -> None:
    stand.write(stores=[])
    stand.backup("files")
    locks = stand.root / "out" / stand.name / "files" / "locks"

    def held() -> bool:
        return any("-tmp-" not in path.name for path in locks.iterdir())

    while not held():  # until it was stopped while it held the lock
        process = stand.process(CALL)
        while not held() and process.poll() is None:
            time.sleep(0.001)
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGSTOP)
        if not held():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    try:
        assert len(listed(stand.host)["backups"]) == 1
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_name_that_there_is_not_is_refused_before_anything_is_taken_away(stand: Stand) -> None:
    stand.backup("files")
    before = Path(files.restore(stand.host, stand.settings, "latest")["folder"])
    names = ["-r", "nonesuch", "../files", "", before.name.removeprefix("files-")[:4], "latest:", "deadbeef"]
    for name in names:
        (before.parent / f"files-{name}").mkdir(parents=True, exist_ok=True)
    standing = sorted(before.parent.iterdir())
    for name in names:
        with pytest.raises(StairwayError) as caught:
            files.restore(stand.host, stand.settings, name)
        assert "There is no backup of the files of this name." in str(caught.value)
        assert "backup.yml -e list=true" in str(caught.value)
        assert sorted(before.parent.iterdir()) == standing


def test_what_cannot_be_listed_is_told_and_hides_no_store(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    catalogued = stand.root / "out" / stand.name / "redis"
    catalogued.mkdir(parents=True)
    assert "There is no backup of the files yet" in "\n".join(listed(stand.host)["text"])
    stand.backup("files")
    damaged = catalogued / "000001-20261121T020000Z" / "manifest.json"
    damaged.parent.mkdir()
    damaged.write_text("{")
    stand.write(files_password="another")
    text = "\n".join(listed(stand.host)["text"])
    assert "000001-20261121T020000Z" in text
    assert "The place for the files cannot be read." in text
    assert "wrong password" in text
    assert program.main([stand.name, "list"]) == 1
    said = capsys.readouterr()
    assert "000001-20261121T020000Z" in said.out
    assert "cannot be read" in said.err


# --- the disk ---------------------------------------------------------------------------------------------------------


def test_a_drill_without_room_reads_all_and_restores_nothing(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.backup("files")
    room(monkeypatch, 2_400_000_000)  # of 50 GB, of which a twentieth has to stay free
    seen: list[str] = []
    call = restic.call
    monkeypatch.setattr(restic, "call", lambda *given, **more: seen.append(given[2][0]) or call(*given, **more))
    report = stand.drill("files")
    assert report.failed == {}
    assert "restore" not in seen
    assert "restored nothing for lack of room" in report.notes[0]
    told = status(stand.host)
    assert f"files: {report.notes[0]}" in told["text"]
    assert "not proven" in next(line for line in told["text"] if line.startswith("files  "))
    with pytest.raises(StairwayError, match="no room to bring the files back") as caught:
        files.restore(stand.host, stand.settings, "latest")
    assert "df -h" in str(caught.value)
    assert "restore" not in seen

    largest = max((stand.root / "out").rglob("files/data/*/*"), key=lambda path: path.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.chmod(0o600)
    largest.write_bytes(data)
    assert "Reading all the stored files again failed" in stand.drill("files").failed["files"]


def test_with_room_it_is_restored(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.backup("files")
    room(monkeypatch, 2_600_000_000)
    report = stand.drill("files")
    assert (report.failed, report.notes, report.done[0]["rows"]) == ({}, [], 2)
    assert status(stand.host)["state"]["files"]["drill"]["id"] == kept(stand)[-1][0]


def test_what_a_killed_drill_leaves_is_not_counted_and_goes(stand: Stand) -> None:
    stand.backup("files")
    folder = files.drill_folder(stand.host)

    def left() -> None:
        (folder / "deep").mkdir(parents=True)
        (folder / "deep" / "of another").write_text("x")

    left()
    assert stand.drill("files").done[0]["rows"] == 2
    assert not folder.exists()
    left()
    secrets = stand.host.run / f"{restic.secrets_prefix(stand.host)}x"
    secrets.mkdir()
    ended(stand.host, "signal")
    assert not folder.exists()
    assert not secrets.exists()


def test_what_is_brought_back_by_half_is_taken_away(stand: Stand) -> None:
    name = stand.backup("files").done[0]["id"]
    largest = max((stand.root / "out").rglob("files/data/*/*"), key=lambda path: path.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.chmod(0o600)
    largest.write_bytes(data)
    with pytest.raises(StairwayError, match="Restoring the files failed"):
        files.restore(stand.host, stand.settings, "latest")
    assert not (stand.host.var / stand.name / "backups" / f"files-{name}").exists()
