"""An app that writes while its store moves, and the tap in front of it, as files that any process may turn.

``python -m tests.support.moving FOLDER CUT`` runs one move in a process of its own and ends it by SIGKILL at the
CUT-th writing of the journal, or, where CUT is the name of a step, stops it by SIGSTOP as that begins; the move is
described by ``FOLDER/move.json``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.engines import engine_of
from ansible_collections.stairway.cloud.plugins.module_utils._moves.journal import Journal
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import SWITCHING, Limits, Side, Wish
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move, cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.wire import Connection
from ansible_collections.stairway.cloud.plugins.module_utils._moves.pulse import IDLE_SECONDS
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server
from tests.support.ansible import ROOT
from tests.support.databases import Postgres

# A fence for tests of faults, on machines that have other things to do: what they show is no time.
PATIENT_SECONDS = 20.0
# What a move says whose fence has ended by itself, as it does when nothing is heard of this process for a while.
FENCE_LOST = ("connection to a store was lost", "idle-in-transaction timeout", "was over before the switch")
LOOK_SECONDS = 0.2


@dataclass
class Tap:
    """Users are held while ``hold`` is there and not over; the target serves once ``flipped`` is there. ``let_go`` says
    whether somebody has ended the last hold before its time was over.
    """

    folder: Path
    held: list[float] = field(default_factory=list)
    let_go: bool = False

    @property
    def _hold(self) -> Path:
        return self.folder / "hold"

    @property
    def flipped(self) -> bool:
        return (self.folder / "flipped").exists()

    @property
    def closed(self) -> bool:
        try:
            return time.time() < float(self._hold.read_text() or 0)
        except FileNotFoundError:
            return False

    def hold(self, seconds: float, _expected: float = 0.0) -> None:
        self.held.append(time.monotonic())
        new = self._hold.with_suffix(".new")
        new.write_text(str(time.time() + seconds))
        new.rename(self._hold)
        until = time.monotonic() + 3
        while (self.folder / "busy").exists() and time.monotonic() < until:
            time.sleep(0.01)

    def flip(self) -> None:
        (self.folder / "flipped").touch()

    def release(self) -> None:
        self.let_go = self.closed
        self._hold.unlink(missing_ok=True)
        if self.held:
            self.held[-1] = time.monotonic() - self.held[-1]


@dataclass
class App:
    """Writers that number what they write, as an app with a pool would; ``failed`` has what a user would have seen."""

    stores: tuple[Postgres, Postgres]
    tap: Tap
    tables: int = 30
    per_second: int = 200
    threads: int = 4
    first: int = 0
    written: list[set[int]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> App:
        self.written = [set() for _number in range(self.threads)]
        for number in range(self.threads):
            self._running.append(threading.Thread(target=self._write, args=(number,), daemon=True))
        for thread in self._running:
            thread.start()
        return self

    def __exit__(self, *_what: object) -> None:
        self._stop.set()
        for thread in self._running:
            thread.join()

    def _write(self, thread: int) -> None:
        pools: dict[int, Connection] = {}
        number = 0
        pause = self.threads / self.per_second
        while not self._stop.is_set():
            number += 1
            begun = time.monotonic()
            self._enter()
            where = int(self.tap.flipped)
            try:
                if where not in pools:
                    pools[where] = self.stores[where].connect()
                self._one(pools[where], thread, number)
                self.written[thread].add(number)
            except StairwayError as error:
                self.failed.append(f"{time.time():.3f} {thread}/{number} on {where}: {error.message}")
                pools.pop(where).close() if where in pools else None
            finally:
                self._leave()
            self.slowest = max(self.slowest, time.monotonic() - begun)
            time.sleep(max(0.0, pause - (time.monotonic() - begun)))

    def _enter(self) -> None:
        """As a request at the edge: it waits while users are held."""
        while True:
            while self.tap.closed and not self._stop.is_set():
                time.sleep(0.005)
            with self._lock:
                self._busy += 1
                (self.tap.folder / "busy").touch()
            if not self.tap.closed:
                return
            self._leave()
            if self._stop.is_set():
                return

    def _leave(self) -> None:
        with self._lock:
            self._busy -= 1
            if not self._busy:
                (self.tap.folder / "busy").unlink(missing_ok=True)

    def _one(self, connection: Connection, thread: int, number: int) -> None:
        table = f"t{number % self.tables}"
        kind = number % 10
        also = ""
        if kind < 3:
            also = f"UPDATE {table} SET word = 'changed {number}', score = score + 0.1 WHERE id = {1 + number % 97}; "
        elif kind == 3:
            also = f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table} WHERE writer IS NULL); "
        connection.run(
            f"BEGIN; {also}INSERT INTO {table} (word, score, writer, number) "
            f"VALUES ('by {thread}', {number}/7.0, {self.first + thread}, {number}); COMMIT"
        )

    def read_back(self, store: Postgres) -> tuple[int, int]:
        """How many of the writes that were said to be done are lost there, and how many are doubled."""
        union = " UNION ALL ".join(f"SELECT writer, number FROM t{n} WHERE number > 0" for n in range(self.tables))
        lost = doubled = 0
        for thread, told in enumerate(self.written):
            rows = store.psql(
                f"SELECT number, count(*) FROM ({union}) x WHERE writer = {self.first + thread} GROUP BY 1"
            )
            found = {int(line.split("|")[0]): int(line.split("|")[1]) for line in rows.splitlines()}
            lost += len(told - found.keys())
            doubled += sum(count - 1 for count in found.values())
        return lost, doubled


def fill(store: Postgres, rows: int, tables: int = 30, width: int = 100) -> None:
    """``rows`` rows over ``tables`` tables, each with two indexes; some tables have more than numbers and words."""
    each = max(100, rows // tables)
    parts = ["SET ROLE shop; SET search_path = public; SET synchronous_commit = off;"]
    for number in range(tables):
        parts.append(
            f"CREATE TABLE t{number} (id bigserial PRIMARY KEY, word text, score double precision, note jsonb, "
            "data bytea, price numeric(12, 4), writer int, number int, made timestamptz NOT NULL DEFAULT now());"
            f"INSERT INTO t{number} (word, score, note, data, price) SELECT "
            f"repeat(md5(i::text), {max(1, width // 32)}), i / 3.0, "
            " jsonb_build_object('i', i), decode(md5(i::text), 'hex'), i / 7.0 "
            f"FROM generate_series(1, {each}) i;"
            f"CREATE INDEX ON t{number} (writer, number);"
        )
    store.psql("\n".join(parts))


def a_move(folder: Path, source: Postgres, target: Postgres, **options: Any) -> Move:
    limits = Limits(**{name: options.pop(name) for name in ("fence_seconds", "jobs") if name in options})
    wish = Wish("shop", "db", source.server.engine, source.side(), target.side(), limits=limits, **options)
    return Move(engine_of(wish), Journal.load(folder / "db.json"))


@dataclass
class Stalls:
    """How long this machine stood still at the most, while its block ran."""

    longest: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Stalls:
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()
        return self

    def __exit__(self, *_what: object) -> None:
        self._stop.set()
        self._looking.join()

    def _look(self) -> None:
        before, ended = time.monotonic(), False
        while not ended:
            ended = self._stop.wait(LOOK_SECONDS)
            now = time.monotonic()
            self.longest, before = max(self.longest, now - before), now


def moved(folder: Path, source: Postgres, target: Postgres, tap: Tap, **options: Any) -> Move:
    """From wherever it stands to its end, as the module does it.

    Where the fence was lost because this machine stood still, the same once more, as its error advises: but not where a
    test claims a time.

    :raises StairwayError: as that does.
    """
    with Stalls() as stalls:
        try:
            return _moved(folder, source, target, tap, **options)
        except StairwayError as error:
            problem = error
    stood_still = stalls.longest > IDLE_SECONDS / 2 and any(words in problem.message for words in FENCE_LOST)
    if not stood_still or options.get("fence_seconds") != PATIENT_SECONDS:
        raise problem
    return _moved(folder, source, target, tap, **options)


def _moved(folder: Path, source: Postgres, target: Postgres, tap: Tap, **options: Any) -> Move:
    move = a_move(folder, source, target, **options)
    try:
        _to_the_end(move, tap)
    finally:
        move.engine.close()
    return move


def _to_the_end(move: Move, tap: Tap) -> None:
    switching = move.journal.open and move.journal.last in SWITCHING
    if move.begin(flipped=bool(switching and tap.flipped)):
        cut_over([move], tap)
        move.finish()


def nothing_left(*stores: Any, kept: Sequence[str] = ()) -> None:
    """Of a move nothing is left at any of these, but at the last what is ``kept``. A server has a session for a moment
    longer than its client; MariaDB sees with its next sign of life, after 5 s, that nobody reads its log any more.
    """
    wanted = [*([] for _store in stores[1:]), sorted(kept)]

    def found() -> list[list[str]]:
        return [sorted(one.left()) for one in stores]

    assert wait.until(lambda: found() == wanted or None, seconds=30, every=0.5), found()


def describe(folder: Path, source: Postgres, target: Postgres, way_back: str = "") -> None:
    """What :func:`main` reads."""
    sides = [
        {"server": vars(one.server), "admin": vars(one.admin), "app": vars(one.app), "managed": one.managed}
        for one in (source, target)
    ]
    (folder / "move.json").write_text(json.dumps({"sides": sides, "way_back": way_back}))


def cut_run(folder: Path, number: int) -> subprocess.CompletedProcess[str]:
    """A run of what was described, ended by SIGKILL at the ``number``-th writing of the journal."""
    return subprocess.run(
        [sys.executable, "-m", "tests.support.moving", str(folder), str(number)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / '.collections'}"},
        text=True,
        capture_output=True,
        timeout=180,
        check=False,
    )


def main(folder: Path, cut: str) -> None:
    told = json.loads((folder / "move.json").read_text())
    sides = [
        Side(
            "managed" if one["managed"] else "container",
            Server(**one["server"]),
            Login(**one["app"]),
            Login(**one["admin"]),
        )
        for one in told["sides"]
    ]
    engine, limits = sides[0].server.engine, Limits(PATIENT_SECONDS)
    wish = Wish("shop", "db", engine, sides[0], sides[1], limits=limits, way_back=told["way_back"])
    move = Move(engine_of(wish), Journal.load(folder / "db.json"))
    save, count = Journal.save, 0

    def cutting(journal: Journal) -> None:
        nonlocal count
        save(journal)
        count += 1
        if str(count) == cut:
            os.kill(os.getpid(), signal.SIGKILL)
        if journal.last == cut and not journal.done(cut):
            os.kill(os.getpid(), signal.SIGSTOP)

    Journal.save = cutting  # type: ignore[method-assign,assignment]
    _to_the_end(Move(move.engine, move.journal), Tap(folder))
    print(count)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])


def goes(folder: Path, pair: tuple[Postgres, Postgres], tap: Tap) -> None:
    """The same command again comes to its end."""
    with App(pair, tap, first=50) as app:
        moved(folder, *pair, tap, fence_seconds=PATIENT_SECONDS)
        app.__exit__()
        assert app.failed == []
        assert app.read_back(pair[1]) == (0, 0)
