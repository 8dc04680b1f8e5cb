"""The module itself, on this machine as on a host: look, come to where only the switch is left, give up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.moves.conftest import Pair
from tests.support.ansible import ROOT, environment
from tests.support.databases import PASSWORDS, docker
from tests.support.moving import fill, nothing_left

APP = "moduleshop"
STATE = Path("/var/lib/stairway") / APP


@pytest.fixture
def administered(pair: Pair) -> Iterator[Pair]:
    """As in a container of stage 1: the administrator's password is known inside, and nowhere else."""
    if os.geteuid():
        pytest.skip("the journal is root's")
    docker("exec", pair[0].name, "mkdir", "-p", "/stairway/admin")
    docker("exec", "-i", pair[0].name, "sh", "-c", "cat > /stairway/admin/password", given=PASSWORDS["admin"])
    fill(pair[0], 600, tables=3)
    yield pair
    shutil.rmtree(STATE, ignore_errors=True)


def run(pair: Pair, state: str, *more: str) -> tuple[int, dict[str, Any], str]:
    """The module's answer, and everything that was printed."""
    here, there = pair
    options = {
        "app": APP,
        "state": state,
        "authorities": str(there.folder / "stores.pem"),
        "moves": [
            {
                "name": "db",
                "engine": "postgresql",
                "image": f"postgres:{there.version}",
                "from": "container",
                "to": "managed",
                "source": {"container": here.name},
                "target": {"host": there.address, "port": 5432, "admin_password": PASSWORDS["admin"]},
                "user": "shop",
                "password": PASSWORDS["app"],
                "database": "shop",
            }
        ],
    }
    said, book = there.folder / "said.json", there.folder / "book.json"
    tasks = [
        {"name": "Move", "stairway.cloud.store_move": options, "register": "said", "ignore_errors": True},
        {"name": "Keep what it says", "ansible.builtin.copy": {"content": "{{ said | to_json }}", "dest": str(said),
                                                               "mode": "0600"}, "check_mode": False},
    ]  # fmt: skip
    book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    done = subprocess.run(
        [str(ROOT / ".venv/bin/ansible-playbook"), "-i", "localhost,", "-c", "local", "-vvv", *more, str(book)],
        cwd=ROOT,
        env=environment(),
        text=True,
        capture_output=True,
        timeout=180,
        check=False,
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    answer = json.loads(said.read_text())
    assert PASSWORDS["admin"] not in printed
    assert PASSWORDS["app"] not in printed
    return int(answer.get("failed", False)), answer, printed


def test_the_module(administered: Pair) -> None:
    rc, answer, printed = run(administered, "following", "--check")
    assert rc == 0, printed
    (one,) = answer["moves"]
    assert one["survey"]["tables"] == 3
    assert one["refused"] == []
    assert not STATE.exists()

    rc, answer, printed = run(administered, "following")
    assert rc == 0, printed
    assert answer["changed"] is True
    assert answer["moves"][0]["state"] == "open"
    assert "slot" in " ".join(administered[0].left())
    for file in (STATE / "moves").iterdir():
        assert file.stat().st_mode & 0o077 == 0
        assert PASSWORDS["admin"] not in file.read_text()

    rc, answer, printed = run(administered, "moved")
    assert rc, "a move does not end without a release"
    assert "ends with a release" in answer["msg"]

    rc, answer, printed = run(administered, "aborted")
    assert rc == 0, printed
    assert answer["changed"] is True
    nothing_left(*administered)
    rc, answer, printed = run(administered, "aborted")
    assert (rc, answer["changed"]) == (0, False)


def test_it_says_what_hinders(administered: Pair) -> None:
    administered[0].psql("SET ROLE shop; CREATE TABLE public.bare (a int)")
    rc, answer, _printed = run(administered, "following")
    assert rc
    assert "public.bare has no primary key" in answer["msg"]
    assert "ADD PRIMARY KEY" in answer["error"]["fix"]
    assert not (STATE / "moves" / "db.json").exists()
