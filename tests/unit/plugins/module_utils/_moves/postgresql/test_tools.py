"""What a run that was killed has left of its tools, by what Docker says. A real one is in tests/acceptance/moves."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Side, Wish
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql import tools
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server

LOGIN = Login("shop", "mrk3r-password", "shop")
SERVER = Server("db", "postgresql", "10.0.0.1", 5432, False, "postgres:16", "/ca/stores.pem")
HERE, THERE = Side("container", SERVER, LOGIN, LOGIN, "shop-db"), Side("managed", SERVER, LOGIN, LOGIN)
WISH = Wish("shop", "db", "postgresql", HERE, THERE)
OTHER = replace(WISH, target=replace(THERE, server=replace(SERVER, port=5433)))
# One container, which was made and has not begun; it is gone when it was asked to go as often as ``stays`` has lines.
DOCKER = """#!/bin/sh
cd "${0%/*}" || exit 9
echo "$*" >> asked
case "$1 $2" in
"ps --all") ls -A ../home >> seen; [ ! -s stays ] || echo 4711 ;;
"rm --force") sed -i 1d stays; echo "removal of container 4711 is already in progress" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the stub."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "docker").write_text(DOCKER)
    (folder / "docker").chmod(0o755)
    (folder / "stays").touch()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_a_container_that_goes_by_itself_meanwhile_is_no_error(docker: Path, home: Path) -> None:
    (docker / "stays").write_text("once\ntwice\n")
    tools.end_earlier(WISH, home)
    asked = (docker / "asked").read_text().splitlines()
    assert [line.split()[0] for line in asked] == ["ps", "rm", "ps", "rm", "ps"]
    assert asked[0].endswith("--filter label=stairway.move=shop-db to at 10.0.0.1:5432")
    assert "--volumes" in asked[1], "the image has one of its own"


def test_a_container_that_stays_is_said(docker: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (docker / "stays").write_text("for ever\n" * 1000)
    monkeypatch.setattr(tools, "ENDING_SECONDS", 0.1)
    with pytest.raises(StairwayError, match="do not end") as caught:
        tools.end_earlier(WISH, home)
    assert "already in progress" in str(caught.value)


def test_the_passwords_of_a_run_that_was_killed_go_before_its_tools(docker: Path, home: Path) -> None:
    """What starts late finds nothing to start with. Other moves go on."""
    for wish in (WISH, OTHER):
        made = home / f"{tools.prefix(wish)}x"
        made.mkdir()
        (made / "pgpass").write_text("mrk3r-password")
    tools.end_earlier(WISH, home)
    assert [one.name for one in home.iterdir()] == [f"{tools.prefix(OTHER)}x"]
    assert (docker / "seen").read_text().split() == [f"{tools.prefix(OTHER)}x"]


def test_why_a_tool_failed_is_told_also_where_another_still_writes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def another_file(path: str, **_more: Any) -> None:
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), path)

    monkeypatch.setattr(os, "rmdir", another_file)
    with pytest.raises(StairwayError, match="the tool's own"), tools.Tools.of(WISH, home) as made:
        raise StairwayError("the tool's own")
    monkeypatch.undo()
    assert list(home.iterdir()) == [made.folder]
    assert list(made.folder.iterdir()) == []
    assert made.folder.name.startswith(tools.prefix(WISH))
