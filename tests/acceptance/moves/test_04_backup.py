"""Backups and restores of real engines, to a real folder; and every way in which one can be bad."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import catalogue, restore
from ansible_collections.stairway.cloud.plugins.module_utils._backups import manifest as manifests
from ansible_collections.stairway.cloud.plugins.module_utils._backups.keys import ring
from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.support.backups import DIGEST, Stand, age_key, there

STORES = ["postg", "maria", "redis"]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1000)


def cut_and_filled(path: Path) -> None:
    """As large as before, as a disk leaves a file after a power cut."""
    size = path.stat().st_size
    os.truncate(path, size // 2)
    os.truncate(path, size)


def part_missing(path: Path) -> None:
    """A part in the middle is gone, and another is there twice: the size fits."""
    data, third = path.read_bytes(), path.stat().st_size // 3
    path.write_bytes(data[:third] + data[:third] + data[2 * third :])


def gone(path: Path) -> None:
    path.unlink()


def manifest_changed(path: Path) -> None:
    manifest = path.with_name("manifest.json")
    manifest.write_text(manifest.read_text().replace("2000", "2001").replace("2003", "2004"))


DAMAGE = {
    "a bit": (flip, "is damaged"),
    "the end": (cut, "is damaged"),
    "zeros": (cut_and_filled, "is damaged"),
    "a part": (part_missing, "is damaged"),
    "all of it": (gone, "is damaged"),
    "the manifest": (manifest_changed, "is damaged"),
}


@pytest.fixture
def copy(folder: Stand, tmp_path: Path) -> Iterator[Stand]:
    """The same stores, with their backups in a folder that may be harmed."""
    shutil.copytree(f"{folder.root}/out", tmp_path / "out")
    place = {"to": f"file://{tmp_path}/out", "region": "x", "endpoint": None, "access_key": None, "secret_key": None}
    folder.write(place=place)
    yield folder
    folder.write()


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_before_anything_is_overwritten(copy: Stand, store: str, damage: str) -> None:
    before, standing = copy.ask(store, DIGEST[store]), there(copy)
    known = catalogue.read(copy.target, store).whole[-1]
    harm, said = DAMAGE[damage]
    harm(Path(copy.settings.place.to.removeprefix("file://")) / copy.name / store / known.id / known.file)
    with ring(copy.host, copy.settings) as keys, pytest.raises(StairwayError, match=said):
        restore.prepare(copy.host, copy.settings, copy.target, keys, store, known.id)
    assert there(copy) == standing, "nothing is left of it"
    assert copy.ask(store, DIGEST[store]) == before


@pytest.mark.parametrize("store", STORES)
def test_a_wrong_key_is_found_before_anything_is_overwritten(copy: Stand, store: str, tmp_path: Path) -> None:
    before, standing = copy.ask(store, DIGEST[store]), there(copy)
    _public, other = age_key(tmp_path)
    with ring(copy.host, copy.settings, other) as keys, pytest.raises(StairwayError, match="age ended") as caught:
        restore.prepare(copy.host, copy.settings, copy.target, keys, store, "latest")
    assert "no identity matched" in str(caught.value)
    assert there(copy) == standing, "nothing is left of it"
    assert copy.ask(store, DIGEST[store]) == before


def test_the_owners_key_opens_it_where_the_host_has_lost_its_own(copy: Stand) -> None:
    (copy.host.keys / "drill.key").rename(copy.host.keys / "lost")
    try:
        report = copy.drill("redis", identity=(copy.root / "age.key").read_text())
    finally:
        (copy.host.keys / "lost").rename(copy.host.keys / "drill.key")
    assert report.failed == {}


@pytest.mark.parametrize("store", ["postg", "maria"])
def test_counts_are_exact_while_the_app_writes(copy: Stand, store: str) -> None:
    """Rows come and go all the time: what the manifest says and what was dumped are of one moment."""
    over = threading.Event()
    written = []

    def write() -> None:
        insert = "INSERT INTO users (name) VALUES ('x'), ('y');"
        delete = "DELETE FROM users WHERE id IN (SELECT * FROM (SELECT MAX(id) FROM users WHERE name = 'x') m);"
        while not over.is_set():
            with contextlib.suppress(AssertionError):  # two of them may want the same row
                copy.ask(store, insert + delete)
                written.append(1)

    writers = [threading.Thread(target=write) for _number in range(2)]
    for writer in writers:
        writer.start()
    try:
        for _number in range(3):
            assert copy.backup(store).failed == {}
            assert copy.drill(store).failed == {}
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert len(written) > 20
    rows = {one.rows for one in catalogue.read(copy.target, store).whole}
    assert len(rows) > 2, "they really wrote"


def test_an_implausible_backup_is_no_backup_until_somebody_accepts_it(copy: Stand) -> None:
    keys = [f"DEL key:{number}" for number in range(2000)] + ["DEL hash set short-lived"]
    copy.ask("redis", "\n".join(keys))
    report = copy.backup("redis")
    assert "no rows at all" in report.failed["redis"]
    known = catalogue.read(copy.target, "redis")
    assert [one.good for one in known.whole] == [True, False]
    assert known.find("latest") is known.whole[0]
    assert copy.backup("redis", accept=True).failed == {}
    assert catalogue.read(copy.target, "redis").find("latest").rows == 0
    assert copy.backup("redis").failed == {}, "it is what those after it are compared with"
    copy._redis(20_000)  # as the other tests found it


def test_a_server_that_dies_in_the_middle_leaves_nothing(copy: Stand) -> None:
    """A lock holds the dump at its second table; then the server goes, and everything before it ends well."""
    known = len(catalogue.read(copy.target, "maria").whole)
    lock = ["docker", "exec", "-i", copy.container("maria"), "sh", "-c"]
    login = 'MYSQL_PWD="$(cat /stairway/password)" mariadb -h 127.0.0.1 -u chat chat'
    holder = subprocess.Popen([*lock, login], stdin=subprocess.PIPE, text=True)
    holder.stdin.write("LOCK TABLES users WRITE; DO SLEEP(60);\n")
    holder.stdin.flush()
    asked = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'"
    assert wait.until(lambda: copy.ask("maria", asked) == "1" or None, seconds=60), "the lock is held"
    kill = threading.Timer(8, subprocess.run, (["docker", "kill", copy.container("maria")],), {"capture_output": True})
    kill.start()
    try:
        report = copy.backup("maria")
    finally:
        kill.join()
        holder.kill()
        holder.wait()
        subprocess.run(["docker", "start", copy.container("maria")], check=True, capture_output=True)
        copy.wait("maria")
    assert "maria" in report.failed
    assert len(catalogue.read(copy.target, "maria").whole) == known
    assert list((Path(copy.settings.place.to.removeprefix("file://"))).rglob("*.part")) == []


def as_admin(stand: Stand, statements: str) -> None:
    login = (
        'PGPASSWORD="$(cat /stairway/admin/password)" psql -XAtq -v ON_ERROR_STOP=1 -h 127.0.0.1 -U postgres -d chat'
    )
    stand.sh("postg", login, statements)


def test_a_dump_of_odd_things_can_be_restored(copy: Stand) -> None:
    """An index that could not be built, and is in no dump; a role whose name has to be quoted."""
    as_admin(copy, 'CREATE ROLE "jane.o\'neil \\ {x}"; GRANT SELECT ON users TO "jane.o\'neil \\ {x}";')
    with pytest.raises(AssertionError, match="could not create unique index"):
        as_admin(copy, "CREATE UNIQUE INDEX CONCURRENTLY one_length ON users (length(name) DESC);")
    try:
        assert copy.backup("postg").failed == {}
        assert copy.drill("postg").failed == {}
    finally:
        as_admin(copy, 'DROP INDEX one_length; DROP OWNED BY "jane.o\'neil \\ {x}"; DROP ROLE "jane.o\'neil \\ {x}";')


def test_large_values_and_events_whose_time_is_over(copy: Stand) -> None:
    """A value of 9 MB takes 18 MB in a dump, where servers take 16; a server drops an event that can never run."""
    copy.ask("maria", "CREATE TABLE large (id int PRIMARY KEY, data longblob);"
             " INSERT INTO large VALUES (1, REPEAT(UNHEX('00FF'), 4500000));"
             " CREATE EVENT once ON SCHEDULE AT NOW() + INTERVAL 1 SECOND DO DELETE FROM large;"
             " CREATE EVENT often ON SCHEDULE EVERY 1 YEAR DO DELETE FROM large; DO SLEEP(2);")  # fmt: skip
    try:
        assert copy.ask("maria", "SELECT COUNT(*) FROM information_schema.events") == "2"
        assert copy.backup("maria").failed == {}
        assert copy.drill("maria").failed == {}
        manifest = catalogue.read(copy.target, "maria").find("latest")
        assert manifest.objects["events"] == 1
    finally:
        copy.ask("maria", "DROP TABLE large; DROP EVENT once; DROP EVENT often;")


def test_one_store_that_fails_stops_no_other(copy: Stand) -> None:
    subprocess.run(["docker", "pause", copy.container("maria")], check=True, capture_output=True)
    subprocess.run(["docker", "unpause", copy.container("maria")], check=True, capture_output=True)
    subprocess.run(["docker", "stop", copy.container("maria")], check=True, capture_output=True)
    try:
        report = copy.backup()
    finally:
        subprocess.run(["docker", "start", copy.container("maria")], check=True, capture_output=True)
        copy.wait("maria")
    assert set(report.failed) == {"maria"}
    assert {one["name"] for one in report.done} == {"postg", "redis"}


def test_a_full_disk_leaves_the_good_ones(copy: Stand, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)], check=True)
    try:
        place = {"to": f"file://{small}", "region": "x", "endpoint": None, "access_key": None, "secret_key": None}
        copy.write(place=place)
        reports = [copy.backup("postg") for _number in range(5)]
        failed = [report.failed["postg"] for report in reports if report.failed]
        assert failed, "it never got full"
        assert all("no room" in why or "cannot be written" in why for why in failed)
        known = catalogue.read(copy.target, "postg")
        assert len(known.good) == 5 - len(failed)
        assert known.bad == ()
        assert list(small.rglob("*.part")) == []
        assert copy.drill("postg").failed == {}
    finally:
        copy.write()
        subprocess.run(["umount", str(small)], check=True)


RUN = """from ansible_collections.stairway.cloud.plugins.module_utils._backups.run import Wish, backup
report = backup(host, Wish(({store!r},), False, "test"))
sys.exit(1 if report.failed else 0)
"""


# It stops where it has the lock.
STOPPED = """import os, signal
from ansible_collections.stairway.cloud.plugins.module_utils._backups import run
opened = run.ring
def ring(*given):
    os.kill(os.getpid(), signal.SIGSTOP)
    return opened(*given)
run.ring = ring
"""


def started(stand: Stand, store: str) -> subprocess.Popen[str]:
    """A backup, as a timer has it."""
    return stand.process(RUN, store=store)


def test_a_run_that_was_killed_is_never_taken_for_a_good_one(copy: Stand) -> None:
    out = Path(copy.settings.place.to.removeprefix("file://")) / copy.name / "maria"
    known = catalogue.read(copy.target, "maria")
    for delay in (None, 0.3, 0.5, 0.7, 0.9, 1.1):
        process = started(copy, "maria")
        while delay is None and process.poll() is None and not list(out.glob("*/*.part")):
            time.sleep(0.01)
        time.sleep(delay or 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        now = catalogue.read(copy.target, "maria")
        assert now.bad == ()
        for one in now.whole[len(known.whole) :]:
            assert one.good, "what counts was whole"
    assert copy.backup("maria").failed == {}, "the lock went with the process that held it"
    for path in out.rglob("*"):
        os.utime(path, (1, 1))
    catalogue.sweep(copy.target, "maria", time.time())
    assert list(out.rglob("*.part")) == []
    assert {path.parent for path in out.rglob("*") if path.is_file()} == {
        out / one.id for one in catalogue.read(copy.target, "maria").whole
    }, "what was left half-written is gone"


def test_two_at_once_is_one_too_many(copy: Stand) -> None:
    process = copy.process(STOPPED + RUN, store="redis")
    try:
        stands = Path(f"/proc/{process.pid}/stat")
        assert wait.until(lambda: stands.read_text().rpartition(")")[2].split()[0] == "T" or None, seconds=60)
        with pytest.raises(StairwayError, match="holds the lock"):
            copy.backup("redis")
    finally:
        os.killpg(process.pid, signal.SIGCONT)
        assert process.wait(60) == 0


def test_a_manifest_names_no_content(folder: Stand) -> None:
    one = catalogue.read(folder.target, "postg").good[-1]
    text = manifests.text(one)
    assert re.search("이름|md5", text) is None
    assert "mrk3r" not in text
