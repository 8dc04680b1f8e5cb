"""The module itself with MongoDB, as a host runs it: all of it in one archive, and its guard beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.moves.conftest import Mongos
from tests.support.ansible import ROOT, environment
from tests.support.databases import docker
from tests.support.mongos import PASSWORDS, fill_mongo

APP = "modulechat"
STATE = Path("/var/lib/stairway") / APP


@pytest.fixture
def administered(mongo_pair: Mongos) -> Iterator[Mongos]:
    """As in a container of stage 1: the administrator's password is known inside, and nowhere else."""
    if os.geteuid():
        pytest.skip("the journal is root's")
    docker("exec", mongo_pair[0].name, "mkdir", "-p", "/stairway/admin")
    docker("exec", "-i", mongo_pair[0].name, "sh", "-c", "cat > /stairway/admin/password", given=PASSWORDS["admin"])
    fill_mongo(mongo_pair[0], 300)
    yield mongo_pair
    shutil.rmtree(STATE, ignore_errors=True)


def playbook(pair: Mongos, state: str) -> tuple[list[str], Path]:
    here, there = pair
    move = {
        **{"name": "db", "engine": "mongodb", "image": "mongo:7", "from": "container", "to": "external"},
        **{"source": {"container": here.name}, "target": {"url": there.url}},
        **{"user": "chat", "password": PASSWORDS["app"], "database": "chatdb"},
    }
    options = {"app": APP, "state": state, "moves": [move], "authorities": str(there.folder / "stores.pem")}
    said, book = there.folder / "said.json", there.folder / "book.json"
    said.unlink(missing_ok=True)
    keep = {"content": "{{ said | to_json }}", "dest": str(said), "mode": "0600"}
    tasks = [
        {"name": "Move", "stairway.cloud.store_move": options, "register": "said", "ignore_errors": True},
        {"name": "Keep what it says", "ansible.builtin.copy": keep, "check_mode": False},
    ]
    book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    program = str(ROOT / ".venv/bin/ansible-playbook")
    return [program, "-i", "localhost,", "-c", "local", "-vvv", str(book)], said


def run(pair: Mongos, state: str, *more: str) -> dict[str, Any]:
    """The module's answer."""
    command, said = playbook(pair, state)
    done = subprocess.run(
        [*command, *more], cwd=ROOT, env=environment(), text=True, capture_output=True, timeout=180, check=False
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    for secret in PASSWORDS.values():
        assert secret not in printed
    assert pair[1].url not in printed
    return dict(json.loads(said.read_text()))


@pytest.mark.long
def test_the_module(administered: Mongos) -> None:
    answer = run(administered, "following", "--check")
    (one,) = answer["moves"]
    assert one["survey"]["tables"] == 11
    assert one["refused"] == []
    assert not STATE.exists()

    answer = run(administered, "following")
    assert answer["changed"] is True, answer
    assert answer["moves"][0]["state"] == "open"
    assert len(administered[1].documents("kinds")) == 29
    for file in (STATE / "moves").iterdir():
        assert file.stat().st_mode & 0o077 == 0
        for secret in (*PASSWORDS.values(), administered[1].url):
            assert secret not in file.read_text()

    answer = run(administered, "moved")
    assert answer["failed"], "a move does not end without a release"
    assert "ends with a release" in answer["msg"]

    assert run(administered, "aborted")["changed"] is True
    assert administered[1].collections() == []
    assert [one.left() for one in administered] == [[], []]
    assert run(administered, "aborted")["changed"] is False


@pytest.mark.long
def test_no_secret_is_seen_while_it_runs(administered: Mongos) -> None:
    """Not in an argument, not in an environment, of the module or of its guard; and a guard goes with its run."""
    command, _said = playbook(administered, "following")
    ours = f"THIS_TEST={administered[1].folder}"
    known = {**environment(), "THIS_TEST": str(administered[1].folder)}
    play = subprocess.Popen(command, cwd=ROOT, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    guards: set[int] = set()
    while play.poll() is None:
        for number, words, variables in processes():
            for secret in PASSWORDS.values():
                assert secret not in words, words
                assert secret not in variables, words
            if ours in variables and "importlib.import_module(told['module'])" in words:
                guards.add(number)
        time.sleep(0.02)
    assert guards
    until = time.monotonic() + 10
    while guards & {number for number, _words, _variables in processes()} and time.monotonic() < until:
        time.sleep(0.1)
    assert not guards & {number for number, _words, _variables in processes()}
    run(administered, "aborted")


def processes() -> Iterator[tuple[int, str, str]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                words, variables = ((folder / name).read_bytes() for name in ("cmdline", "environ"))
            except OSError:
                continue
            yield int(folder.name), words.decode(errors="replace"), variables.decode(errors="replace")
