"""A drill finds a backup that was silently bad; retention never takes the last good one; and somebody hears of it."""

from __future__ import annotations

import dataclasses
import hashlib
import http.server
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import catalogue, state
from ansible_collections.stairway.cloud.plugins.module_utils._backups import manifest as manifests
from ansible_collections.stairway.cloud.plugins.module_utils._backups.info import status
from ansible_collections.stairway.cloud.plugins.module_utils._backups.model import Manifest
from ansible_collections.stairway.cloud.plugins.module_utils._backups.run import Wish, drills, ended
from tests.support.backups import Stand, age_key

DAY = 86_400


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    root = tmp_path_factory.mktemp("drill")
    public, _private = age_key(root)
    made = Stand(root, ("postgresql", "redis"), {"to": f"file://{root}/out", "encrypt": {"age": [public]}})
    try:
        made.up()
        made.fill(2000)
        assert made.backup().failed == {}
        yield made
    finally:
        made.down()


@pytest.fixture
def good(stand: Stand) -> Iterator[Manifest]:
    """The newest backup of PostgreSQL; it is the newest again afterwards."""
    one = catalogue.read(stand.target, "postg").good[-1]
    file = place(stand, one)
    kept = {path: path.read_bytes() for path in file.parent.iterdir()}
    yield one
    for path, data in kept.items():
        path.write_bytes(data)


def place(stand: Stand, one: Manifest) -> Path:
    return stand.root / "out" / stand.name / one.store / one.id / one.file


def written(stand: Stand, one: Manifest, **changes: Any) -> None:
    """A manifest that is whole and says something else."""
    text = manifests.text(dataclasses.replace(one, **changes))
    place(stand, one).with_name("manifest.json").write_text(text)


def names(stand: Stand) -> list[str]:
    found = subprocess.run(["docker", "ps", "-a", "--format", "{{.Names}}"], capture_output=True, text=True, check=True)
    volumes = subprocess.run(["docker", "volume", "ls", "-q"], capture_output=True, text=True, check=True)
    return sorted(name for name in [*found.stdout.split(), *volumes.stdout.split()] if name.startswith(stand.name))


def test_a_good_one_is_proven_timed_and_taken_away(stand: Stand, good: Manifest) -> None:
    before = names(stand)
    report = stand.drill("postg")
    assert report.failed == {}
    assert names(stand) == before
    told = status(stand.host)
    proof = told["state"]["stores"]["postg"]["drill"]
    assert proof["id"] == good.id
    assert 0 < proof["seconds"] < 300
    assert proof["rows"] == 2200
    assert "RTO 30 min" in "\n".join(told["text"])


def test_a_backup_that_lost_rows_on_its_way_is_found(stand: Stand, good: Manifest) -> None:
    """Every checksum fits: only counting what was restored can tell."""
    written(stand, good, counts={**good.counts, "public.users": good.counts["public.users"] + 1})
    report = stand.drill("postg")
    assert "public.users: 2001 rows, restored 2000" in report.failed["postg"]


def test_a_backup_that_lost_a_table_is_found(stand: Stand, good: Manifest) -> None:
    written(stand, good, counts={**good.counts, "public.invoices": 7})
    assert "public.invoices: 7 rows" in stand.drill("postg").failed["postg"]


def test_a_backup_that_lost_an_index_is_found(stand: Stand, good: Manifest) -> None:
    written(stand, good, objects={**good.objects, "indexes": good.objects["indexes"] + 1})
    assert "indexes, restored" in stand.drill("postg").failed["postg"]


def test_a_dump_that_cannot_be_loaded_is_found(stand: Stand, good: Manifest) -> None:
    """Whole, compressed and encrypted as it should be, and no dump."""
    key = next(line for line in (stand.host.keys / "drill.key").read_text().splitlines() if "public key" in line)
    recipient = key.split(": ")[1]
    packed = subprocess.run(["zstd", "-q", "-c"], input=b"-- half a dump\n", capture_output=True, check=True).stdout
    data = subprocess.run(["age", "-r", recipient], input=packed, capture_output=True, check=True).stdout
    place(stand, good).write_bytes(data)
    written(stand, good, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    assert "Restoring" in stand.drill("postg").failed["postg"]


def test_the_apps_own_question_is_asked(stand: Stand, good: Manifest) -> None:
    def asked(expect: str, query: str = 'SELECT count(*) FROM "Odd name";') -> dict[str, str]:
        probes = [{"store": "postg", "query": query, "expect": expect}]
        stand.write(drill={"every_days": 7, "alarm_days": 14, "probes": probes})
        return stand.drill("postg").failed

    try:
        assert asked("^200$") == {}
        assert "another answer" in asked("^201$")["postg"]
        assert "failed" in asked("1", "SELECT no_such_function();")["postg"]
    finally:
        stand.write()


def test_a_drill_runs_when_it_is_due(stand: Stand, good: Manifest) -> None:
    stand.drill("postg", "redis")
    assert drills(stand.host, Wish((), False, "test"), forced=False).done == []
    known = state.read(stand.host)
    known["stores"]["redis"]["drill"]["at"] -= 7 * DAY
    state.write(stand.host, known)
    assert [one["name"] for one in drills(stand.host, Wish((), False, "test"), forced=False).done] == ["redis"]


def test_what_a_killed_drill_leaves_is_taken_away(stand: Stand, good: Manifest) -> None:
    before = names(stand)
    name = f"{stand.container('postg')}-drill"
    subprocess.run(["docker", "volume", "create", name], check=True, capture_output=True)
    words = ["docker", "run", "-d", "--name", name, "-v", f"{name}:/x", "--entrypoint", "sleep", "postgres:17", "60"]
    subprocess.run(words, check=True, capture_output=True)
    stand.host.secrets.mkdir(parents=True, exist_ok=True)
    (stand.host.secrets / "identity").write_text("AGE-SECRET-KEY-1")
    with slack() as (url, heard):
        stand.write(slack=url)
        ended(stand.host, "signal")
        stand.write()
    assert names(stand) == before
    assert not stand.host.secrets.exists()
    assert "ended from outside: signal" in heard[0]


# --- who hears of it --------------------------------------------------------------------------------------------------


@contextmanager
def slack() -> Iterator[tuple[str, list[str]]]:
    """A webhook that really listens; its address and what it was told."""
    heard: list[str] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mrk3r-hook", heard
    finally:
        server.shutdown()


def test_a_failure_is_told_and_success_by_choice(stand: Stand) -> None:
    with slack() as (url, heard):
        try:
            stand.write(slack=url)
            stand.backup("redis")
            assert heard == []
            stand.write(slack=url, slack_success=True)
            stand.backup("redis")
            assert len(heard) == 1
            assert "redis" in heard[0]
            subprocess.run(["docker", "stop", stand.container("redis")], check=True, capture_output=True)
            stand.write(slack=url)
            stand.backup("redis")
            assert heard[1].startswith(":x:")
            assert "redis" in heard[1]
        finally:
            subprocess.run(["docker", "start", stand.container("redis")], check=True, capture_output=True)
            stand.wait("redis")
            stand.write()


def test_an_old_drill_is_an_alarm_with_every_backup(stand: Stand, good: Manifest) -> None:
    stand.drill("postg")
    known = state.read(stand.host)
    known["stores"]["postg"]["drill"]["at"] -= 15 * DAY
    state.write(stand.host, known)
    with slack() as (url, heard):
        try:
            stand.write(slack=url)
            report = stand.backup("redis")
        finally:
            stand.write()
    assert "no good restore drill for 15 days" in report.failed["drill of postg"]
    assert "no good restore drill for 15 days" in heard[0]
    assert "No good drill of postg for more than 14 days." in status(stand.host)["text"]
    stand.drill("postg")
    assert stand.backup("redis").failed == {}


# --- retention --------------------------------------------------------------------------------------------------------


def aged(stand: Stand, store: str, days: float) -> None:
    """As if all of them had been made so long ago."""
    for one in catalogue.read(stand.target, store).whole:
        written(stand, one, made=one.made - days * DAY)


def test_retention_by_days_and_by_count_under_clocks_that_lie(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.write(keep_days=30, keep_least=2)
    try:
        for _number in range(3):
            assert stand.backup("redis").failed == {}
        every = [one.id for one in catalogue.read(stand.target, "redis").whole]
        stand.backup("redis")
        assert [one.id for one in catalogue.read(stand.target, "redis").whole][:-1] == every, "all are young"

        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + 3650 * DAY)
        stand.backup("redis")
        ahead = catalogue.read(stand.target, "redis")
        assert len(ahead.good) >= 2, "the newest stay although all seem to be ten years old"
        assert ahead.good[-2].id > every[-1]

        monkeypatch.setattr(time, "time", lambda: real() - 3650 * DAY)
        stand.backup("redis")
        behind = catalogue.read(stand.target, "redis")
        assert behind.good[:-1] == ahead.good, "nothing goes while the clock is behind"
        assert behind.find("latest") is behind.whole[-1], "the newest is the last that was made, whatever it says"
        assert behind.find("latest").made < ahead.good[0].made

        monkeypatch.setattr(time, "time", real)
        aged(stand, "redis", 4000)
        stand.backup("redis")
        left = catalogue.read(stand.target, "redis")
        proven = state.read(stand.host)["stores"]["redis"]["drill"]["id"]
        assert [one.id for one in left.good if one.id != proven][-2:] == [one.id for one in left.good[-2:]]
        assert len(left.good) <= 3
        assert stand.drill("redis").failed == {}
    finally:
        stand.write()


def test_nothing_goes_while_backups_fail(stand: Stand) -> None:
    stand.write(keep_days=1, keep_least=1)
    aged(stand, "postg", 400)
    before = [one.id for one in catalogue.read(stand.target, "postg").whole]
    subprocess.run(["docker", "stop", stand.container("postg")], check=True, capture_output=True)
    try:
        for _number in range(3):
            assert "postg" in stand.backup("postg").failed
    finally:
        subprocess.run(["docker", "start", stand.container("postg")], check=True, capture_output=True)
        stand.wait("postg")
        stand.write()
    assert [one.id for one in catalogue.read(stand.target, "postg").whole] == before
