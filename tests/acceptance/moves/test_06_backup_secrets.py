"""No password in a command line, in what Docker shows of a container, in a log, a report, a manifest or a notice."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import main as program
from ansible_collections.stairway.cloud.plugins.module_utils._backups.info import listed, status
from ansible_collections.stairway.cloud.plugins.module_utils._stages import backups
from tests.support.backups import PASSWORD, Stand, age_key

FILES_PASSWORD = "mrk3r-files-pass"
KEY = "mrk3r-s3-secret"


class Watch(threading.Thread):
    """Looks at every process, and at every container of the stand, as often as it can."""

    def __init__(self, stand: Stand, words: list[str]) -> None:
        super().__init__(daemon=True)
        self.stand, self.words = stand, words
        self.over = False
        self.looked = 0
        self.found: set[str] = set()

    def run(self) -> None:
        while not self.over:
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    self._see(path.read_bytes().decode(errors="replace"), "a command line")
            shown = subprocess.run(["docker", "ps", "-aq", "--filter", f"name={self.stand.name}"], capture_output=True,
                                   text=True, check=False).stdout.split()  # fmt: skip
            if shown:
                told = subprocess.run(["docker", "inspect", *shown], capture_output=True, text=True, check=False).stdout
                self._see(told, "docker inspect")
            self.looked += 1

    def _see(self, text: str, where: str) -> None:
        for word in self.words:
            if word in text:
                self.found.add(f"{word} in {where}: {text[:300]!r}")


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    root = tmp_path_factory.mktemp("secrets")
    public, _private = age_key(root)
    (root / "files").mkdir()
    (root / "files" / "a.txt").write_text("a")
    backups = {"to": f"file://{root}/out", "encrypt": {"age": [public]}, "files_password": FILES_PASSWORD}
    made = Stand(root, ("postgresql", "mariadb", "redis"), backups)
    try:
        made.up()
        made.fill(2000)
        yield made
    finally:
        made.down()


def secrets_of(stand: Stand) -> list[str]:
    admins = [path.read_text().strip() for path in stand.host.etc.rglob("admin/password")]
    assert len(admins) == 2
    private = [line for line in (stand.root / "age.key").read_text().splitlines() if line.startswith("AGE-SECRET")]
    return [PASSWORD, FILES_PASSWORD, KEY, *private, *admins]


def test_nowhere_while_backups_and_drills_run(stand: Stand) -> None:
    stand.backup()  # the first one makes the host's own key
    words = secrets_of(stand)
    words += [
        line for line in (stand.host.keys / "drill.key").read_text().splitlines() if line.startswith("AGE-SECRET")
    ]
    watch = Watch(stand, words)
    watch.start()
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            report = stand.backup("postg", "maria", "redis", "files")
            proof = stand.drill("postg", "maria", "redis", "files", identity=(stand.root / "age.key").read_text())
    finally:
        watch.over = True
        watch.join()
    assert (report.failed, proof.failed) == ({}, {})
    assert watch.looked > 5
    assert watch.found == set()
    texts = [
        out.getvalue(),
        repr(report),
        repr(proof),
        repr(stand.settings),
        str(status(stand.host)),
        str(listed(stand.host)),
    ]
    texts += [path.read_text() for path in [*(stand.root / "out").rglob("manifest.json"), stand.host.state]]
    logs = [subprocess.run(["docker", "logs", stand.container(store)], capture_output=True, text=True, check=True)
            for store in stand.stores]  # fmt: skip
    texts += [log.stdout + log.stderr for log in logs]
    assert [word for word in words for text in texts if word in text] == []


def test_nothing_is_left_in_memory(stand: Stand) -> None:
    stand.backup("redis")
    assert not stand.host.secrets.exists()


def test_errors_show_none(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    words = secrets_of(stand)
    place = {
        "to": "s3://no-such-bucket/x",
        "region": "x",
        "endpoint": "http://127.0.0.1:1",
        "access_key": "AKID",
        "secret_key": KEY,
    }
    stand.write(place=place)
    try:
        from ansible_collections.stairway.cloud.plugins.module_utils._backups import s3

        tries, s3.TRIES = s3.TRIES, 1
        report = stand.backup("redis", "files")
        s3.TRIES = tries
    finally:
        stand.write()
    text = "\n".join(report.failed.values())
    assert "cannot be reached" in text
    assert [word for word in words if word in text] == []


def test_settings_are_roots_alone(stand: Stand) -> None:
    entries = backups.setup(stand.app, "stage1", "/etc/stairway")["entries"]
    holding = [one for one in entries if PASSWORD in str(one) or FILES_PASSWORD in str(one)]
    assert [(one["path"], one["mode"], "secret_content" in one) for one in holding] == [
        (f"/etc/stairway/{stand.name}/backups/settings.json", "0600", True)
    ]


@pytest.fixture
def a_process() -> Iterator[None]:
    """The program shuts others out of its files for as long as its process lives; this process lives on."""
    mask = os.umask(0o077)
    yield
    os.umask(mask)


@pytest.mark.usefixtures("a_process")
def test_the_program_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main([]) == 2
    assert "usage" in capsys.readouterr().err
    assert program.main(["no-such-app-here", "status"]) == 1
    assert "makes no backups" in capsys.readouterr().err
