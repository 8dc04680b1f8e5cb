"""Issue 5, 6: no password in a command line, an environment, a log, the journal, a report or an error of a move."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.acceptance.moves.conftest import Marias, Pair, Redises
from tests.support import databases, maria, moving, redises
from tests.support.ansible import ROOT

WORDS = {*databases.PASSWORDS.values(), *maria.PASSWORDS.values(), redises.PASSWORD}
# What the official images take, and what these tests gave to their servers before the move began.
OF_SERVERS = {"POSTGRES_PASSWORD", "MARIADB_ROOT_PASSWORD"}


class Watch(threading.Thread):
    """Looks at the command line and the environment of every process, as often as it can."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.looked = 0
        self.found: set[str] = set()

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_what: object) -> None:
        self.over.set()
        self.join()

    def run(self) -> None:
        while not self.over.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    self._look(process)
            self.looked += 1

    def _look(self, process: Path) -> None:
        line = (process / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
        given = [one.partition("=") for one in (process / "environ").read_bytes().decode(errors="replace").split("\0")]
        self.found |= {f"command line: {line[:200]}" for word in WORDS if word in line}
        self.found |= {
            f"{name} of {line[:200]}" for name, _is, value in given if value in WORDS and name not in OF_SERVERS
        }


def shows_none(stores: tuple[Any, Any], folder: Path) -> None:
    """A move from end to end, in a process of its own, and what it has left."""
    moving.describe(folder, *stores)
    argv = [sys.executable, "-m", "tests.support.moving", str(folder), "0"]
    with Watch() as watch:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / ".collections")}
        done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert watch.looked > 5
    assert watch.found == set()
    texts = {str(path): path.read_text() for path in folder.iterdir() if path.is_file() and path.name != "move.json"}
    assert "db.json" in " ".join(texts), "there is no journal"
    logs = [subprocess.run(["docker", "logs", one.name], capture_output=True, text=True, check=True) for one in stores]
    texts |= {f"log of {one.name}": log.stdout + log.stderr for one, log in zip(stores, logs, strict=True)}
    texts["output"] = done.stdout + done.stderr
    assert [name for name, text in texts.items() for word in WORDS if word in text] == []


def errors_show_none(stores: tuple[Any, Any], folder: Path) -> None:
    """A password that is not right: whatever the server says of it, and all that a traceback would print."""
    here, there = stores
    side = there.side()
    wrong = replace(side, admin=replace(side.admin, password="mrk3r-not-the-password"))
    with pytest.raises(StairwayError) as caught:
        moving.a_move(folder, here, _At(there, wrong)).begin()
    printed = "".join(traceback.format_exception(caught.value)) + repr(caught.value.result())
    assert [word for word in (*WORDS, "mrk3r-not-the-password") if word in printed] == []
    journal = folder / "db.json"
    assert not journal.exists() or "mrk3r" not in journal.read_text()


@dataclass
class _At:
    """A store as a move is told of it."""

    store: Any
    told: Any

    def side(self) -> Any:
        return self.told


def test_postgresql(pair: Pair, tmp_path: Path) -> None:
    moving.fill(pair[0], 3000)
    errors_show_none(pair, tmp_path)
    shows_none(pair, tmp_path)


def test_mariadb(maria_pair: Marias, tmp_path: Path) -> None:
    maria.fill_maria(maria_pair[0], 3000)
    errors_show_none(maria_pair, tmp_path)
    shows_none(maria_pair, tmp_path)


def test_redis(redis_pair: Redises, tmp_path: Path) -> None:
    redises.fill_redis(redis_pair[0], 3000)
    errors_show_none(redis_pair, tmp_path)
    shows_none(redis_pair, tmp_path)
