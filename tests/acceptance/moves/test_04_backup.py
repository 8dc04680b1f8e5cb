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
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import catalogue, restore
from ansible_collections.stairway.cloud.plugins.module_utils._backups import manifest as manifests
from ansible_collections.stairway.cloud.plugins.module_utils._backups.keys import ring
from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.support.backups import Stand, age_key

ENGINES = ("postgresql", "mariadb", "redis")
STORES = ["postg", "maria", "redis"]
# What is asked before and after: content, not only how much of it.
DIGEST = {
    "postg": "SELECT md5(string_agg(u::text, ',' ORDER BY id)) FROM users u;"
    ' SELECT sum(worth) FROM "Odd name"; SELECT count(*) FROM names;',
    "maria": "SELECT MD5(GROUP_CONCAT(MD5(CONCAT_WS('|', id, name, HEX(data))) ORDER BY id)) FROM users;"
    " SELECT SUM(worth) FROM `Odd name`; SELECT COUNT(*) FROM names;",
    "redis": "DBSIZE\nGET key:17\nHGETALL hash\nSCARD set",
}
HARM = {"postg": "DROP TABLE users CASCADE;", "maria": "DELETE FROM `Odd name`;", "redis": "FLUSHDB"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Three stores, with one good backup of each in a folder."""
    root = tmp_path_factory.mktemp("folder")
    public, _private = age_key(root)
    stand = Stand(root, ENGINES, {"to": f"file://{root}/out", "encrypt": {"age": [public]}})
    try:
        stand.up()
        stand.fill()
        assert stand.backup().failed == {}
        yield stand
    finally:
        stand.down()


def there(stand: Stand) -> set[str]:
    """Containers and volumes."""
    found = subprocess.run(["docker", "ps", "-a", "--format", "{{.Names}}"], capture_output=True, text=True, check=True)
    volumes = subprocess.run(["docker", "volume", "ls", "-q"], capture_output=True, text=True, check=True)
    names = [*found.stdout.split(), *volumes.stdout.split()]
    return {name for name in names if name.startswith(stand.name)}


@pytest.mark.parametrize("store", STORES)
def test_a_restore_touches_nothing_before_the_switch_and_can_be_undone(folder: Stand, store: str) -> None:
    before = folder.ask(store, DIGEST[store])
    folder.ask(store, HARM[store])
    with contextlib.suppress(AssertionError):
        assert folder.ask(store, DIGEST[store]) != before, "the harm was done"
    with ring(folder.host, folder.settings) as keys:
        found = restore.prepare(folder.host, folder.settings, folder.target, keys, store, "latest")
        again = restore.prepare(folder.host, folder.settings, folder.target, keys, store, "latest")
    assert not found["again"]
    assert again["again"], "what was restored is not restored twice"
    with contextlib.suppress(AssertionError):
        assert folder.ask(store, DIGEST[store]) != before, "the store in use is as it was"
    restore.switch(folder.host, folder.settings, store, found["volume"])
    folder.wait(store)
    assert folder.ask(store, DIGEST[store]) == before
    subprocess.run(["docker", "restart", folder.container(store)], check=True, capture_output=True)
    folder.wait(store)
    assert folder.ask(store, DIGEST[store]) == before, "it is on the disk"
    restore.back(folder.host, folder.settings, store)
    folder.wait(store)
    with contextlib.suppress(AssertionError):
        assert folder.ask(store, DIGEST[store]) != before, "the volume before is there with its harm"
    restore.switch(folder.host, folder.settings, store, found["volume"])
    assert restore.discard(folder.host, folder.settings, store)["gone"] == [folder.container(store)]
    folder.wait(store)
    assert folder.ask(store, DIGEST[store]) == before


def test_what_the_app_has_written_to_is_not_taken_for_the_backup(folder: Stand) -> None:
    """And there are never two ways back: a volume that nobody knows of any more may hold what was written last."""
    host, settings, store = folder.host, folder.settings, "redis"

    def prepare() -> dict[str, Any]:
        with ring(host, settings) as keys:
            return restore.prepare(host, settings, folder.target, keys, store, "latest")

    look = prepare()["volume"]
    old = restore.switch(host, settings, store, look)["before"]
    folder.wait(store)
    folder.ask(store, "SET later 1")
    standing = prepare()
    assert standing["standing"], "the same confirmation typed twice"
    assert restore.switch(host, settings, store, standing["volume"]) == {
        "changed": False,
        "volume": look,
        "before": old,
    }
    assert folder.backup(store).failed == {}
    with pytest.raises(StairwayError, match="not come to its end") as caught:
        prepare()  # of the newer backup
    assert old in str(caught.value)
    restore.back(host, settings, store)
    catalogue.remove(folder.target, catalogue.read(folder.target, store).find("latest"))
    with pytest.raises(StairwayError, match="not come to its end"):
        prepare()  # of the first one, where the app has been
    assert restore.discard(host, settings, store)["gone"] == [look]
    fresh = prepare()
    assert not fresh["again"]
    restore.switch(host, settings, store, fresh["volume"])
    folder.wait(store)
    assert folder.ask(store, "GET later") == ""
    assert restore.discard(host, settings, store)["gone"] == [old]
    anew = prepare()
    assert not anew["again"], "in another year"
    restore.discard(host, settings, store)


def test_a_restore_that_was_killed_leaves_no_volume(folder: Stand) -> None:
    host, settings, store = folder.host, folder.settings, "redis"
    known = there(folder)
    call = f"""from ansible_collections.stairway.cloud.plugins.module_utils._backups.keys import ring
import os
restore.settled = lambda *_any: os.kill(os.getpid(), 9)
given = settings(host)
with ring(host, given) as keys:
    restore.prepare(host, given, target(given.app, given.place), keys, {store!r}, "latest")"""
    assert folder.process(SWITCH, call=call).wait() == -signal.SIGKILL
    assert len(there(folder) - known) == 2, "a container and its volume are left"
    with ring(host, settings) as keys:
        found = restore.prepare(host, settings, folder.target, keys, store, "latest")
    assert there(folder) - known == {found["volume"]}
    restore.discard(host, settings, store)
    assert there(folder) == known


SWITCH = """from ansible_collections.stairway.cloud.plugins.module_utils._backups import restore
from ansible_collections.stairway.cloud.plugins.module_utils._backups.places import target
{call}
"""
# Between the two, the store has no container.
KILLED = """import os
restore.compose.converge = lambda *_any: os.kill(os.getpid(), 9)
{call}"""


def cut_off_without_a_container(stand: Stand, store: str, call: str) -> None:
    """Run ``call`` in a process of its own, which is killed where the store has no container."""
    process = stand.process(SWITCH, call=KILLED.format(call=call))
    assert process.wait() == -signal.SIGKILL
    assert stand.container(store) not in there(stand)


def test_a_switch_that_was_killed_is_gone_on_with_or_undone(folder: Stand) -> None:
    host, settings, store = folder.host, folder.settings, "redis"
    folder.ask(store, "SET harm 1")
    with ring(host, settings) as keys:
        volume = restore.prepare(host, settings, folder.target, keys, store, "latest")["volume"]
    used = restore.in_use(host, restore.store_of(settings, store))

    def harmed() -> bool:
        folder.wait(store)
        return folder.ask(store, "GET harm") == "1"

    there = f"restore.switch(host, settings(host), {store!r}, {volume!r})"
    cut_off_without_a_container(folder, store, there)
    with pytest.raises(StairwayError, match="was cut off"):
        restore.discard(host, settings, store)
    with ring(host, settings) as keys:
        assert restore.prepare(host, settings, folder.target, keys, store, "latest")["again"], "it is not restored anew"
    assert restore.switch(host, settings, store, volume)["before"] == used, "the way back is not lost"
    assert not harmed()
    cut_off_without_a_container(folder, store, f"restore.back(host, settings(host), {store!r})")
    assert restore.back(host, settings, store)["volume"] == used, "the way back is gone on with, and not turned round"
    assert harmed()
    cut_off_without_a_container(folder, store, there)
    assert restore.back(host, settings, store)["volume"] == used, "undone"
    assert harmed()
    assert restore.discard(host, settings, store)["gone"] == [volume]
    folder.ask(store, "DEL harm")


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
