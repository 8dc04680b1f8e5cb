"""The app's files by restic, and backups that are encrypted by GPG."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import files
from tests.support.backups import Stand


def gpg_key(home: Path, name: str) -> tuple[str, str]:
    """A fresh pair, both armored: the public key and the private one."""
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet"]
    subprocess.run([*gpg, "--passphrase", "", "--quick-generate-key", name, "default", "default", "never"], check=True)
    words = ([*gpg, "--armor", "--export", name], [*gpg, "--armor", "--export-secret-keys", name])
    public, private = (subprocess.run(one, check=True, capture_output=True, text=True).stdout for one in words)
    return public, private


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    root = tmp_path_factory.mktemp("gpg")
    return {name: gpg_key(root / name, name) for name in ("owner", "other")}


@pytest.fixture(scope="module")
def stand(keys: dict[str, tuple[str, str]]) -> Iterator[Stand]:
    # as short as a host's own: the agent of GPG listens in its folder, and a socket's path has 107 bytes at most
    root = Path(tempfile.mkdtemp(prefix="mv-"))
    (root / "files" / "deep").mkdir(parents=True)
    (root / "files" / "deep" / "large").write_bytes(os.urandom(3_000_000))
    (root / "files" / "사진.txt").write_text("안녕")
    given = {"to": f"file://{root}/out", "encrypt": {"gpg": keys["owner"][0]}, "files_password": "pw"}
    made = Stand(root, ("redis",), given)
    try:
        made.up()
        made.fill(2000)
        yield made
    finally:
        made.down()
        shutil.rmtree(root, ignore_errors=True)  # an agent of GPG takes its sockets away by itself


def test_gpg_needs_no_private_key_to_write_and_its_own_to_read(stand: Stand, keys: dict[str, tuple[str, str]]) -> None:
    assert stand.backup("redis").failed == {}
    assert stand.drill("redis").failed == {}, "by the host's own key"
    assert stand.drill("redis", identity=keys["owner"][1]).failed == {}
    assert "No secret key" in stand.drill("redis", identity=keys["other"][1]).failed["redis"]


def stored(stand: Stand) -> dict[Path, int]:
    return {path: path.stat().st_size for path in (stand.root / "out").rglob("files/data/*/*") if path.is_file()}


def test_only_what_is_new_is_stored(stand: Stand) -> None:
    assert stand.backup("files").failed == {}
    before = sum(stored(stand).values())
    assert before > 3_000_000
    (stand.root / "files" / "new.txt").write_text("new")
    report = stand.backup("files")
    assert report.failed == {}
    assert report.done[0]["rows"] == 3
    assert sum(stored(stand).values()) - before < 100_000


CALL = """from ansible_collections.stairway.cloud.plugins.module_utils._backups import restic
restic.call(host, settings(host), {words!r})
"""


@pytest.mark.parametrize("words", [["backup", "/usr/share"], ["check"]], ids=["beside others", "alone"])
def test_what_a_killed_run_has_locked_is_free_again(stand: Stand, words: list[str]) -> None:
    assert stand.backup("files").failed == {}
    folder = stand.root / "out" / stand.name / "files" / "locks"

    def locks() -> list[Path]:
        return [path for path in folder.iterdir() if "-tmp-" not in path.name]

    assert locks() == []
    while not locks():  # until one was killed while it held a lock
        process = stand.process(CALL, words=words)
        while not locks() and process.poll() is None:
            time.sleep(0.001)
        # restic alone: where nobody buries it, it looks to the next one as if it still ran
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has come to its end before: once more
            for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
        process.wait()
    assert stand.backup("files").failed == {}
    assert stand.drill("files").failed == {}
    assert locks() == []


def test_a_place_that_cannot_be_read_is_not_made_anew(stand: Stand) -> None:
    assert stand.backup("files").failed == {}
    stand.write(files_password="another")
    try:
        failed = stand.backup("files").failed["files"]
    finally:
        stand.write()
    assert "cannot be read" in failed
    assert "wrong password" in failed


def test_a_key_that_was_never_written_down_is_not_made_twice(stand: Stand) -> None:
    """As where a run was killed between making it and writing down its public half."""
    assert stand.backup("redis").failed == {}
    (stand.host.keys / "gnupg" / "drill.asc").unlink()
    assert stand.backup("redis").failed == {}
    assert stand.drill("redis").failed == {}


def test_files_come_back_beside_the_volume(stand: Stand) -> None:
    stand.backup("files")
    (stand.root / "files" / "사진.txt").unlink()
    found = files.restore(stand.host, stand.settings, "latest")
    folder = Path(found["volumes"]["files"])
    assert (folder / "사진.txt").read_text() == "안녕"
    assert (folder / "deep" / "large").read_bytes() == (stand.root / "files" / "deep" / "large").read_bytes()
    assert not (stand.root / "files" / "사진.txt").exists(), "the volume is as it was"


def test_a_drill_finds_a_flipped_bit(stand: Stand) -> None:
    stand.backup("files")
    assert stand.drill("files").failed == {}
    largest = max(stored(stand).items(), key=lambda one: one[1])[0]
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.chmod(0o600)
    largest.write_bytes(data)
    assert "files" in stand.drill("files").failed
    assert not (stand.host.var / stand.name / "backups" / "drill").exists()
