"""The Docker Engine of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal import docker, engine
from rehearsal.errors import RehearsalError
from rehearsal.run import Finished


def test_a_pid_file_is_believed_only_while_its_process_lives(tmp_path: Path) -> None:
    pidfile = tmp_path / "docker.pid"
    assert not engine._alive(pidfile)
    pidfile.write_text(str(os.getpid()))
    assert engine._alive(pidfile)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    pidfile.write_text(str(ended.pid))
    assert not engine._alive(pidfile)
    pidfile.write_text("half written")
    assert not engine._alive(pidfile)


@pytest.mark.parametrize("granted", list(docker.RIGHTS))
def test_the_best_rights_that_are_granted_are_taken(monkeypatch: pytest.MonkeyPatch, granted: str) -> None:
    order = list(docker.RIGHTS)

    def answer(argv: list[str]) -> Finished:
        tried = next(name for name in order if argv == docker.try_rights(name, "i"))
        return Finished(0 if order.index(tried) >= order.index(granted) else 125, "", "refused")

    monkeypatch.setattr(engine, "run", answer)
    assert engine._granted("i") == granted


def test_a_machine_that_grants_nothing_says_what_it_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "run", lambda argv: Finished(125, "", "unable to apply caps"))
    with pytest.raises(RehearsalError, match="privileged: unable to apply caps"):
        engine._granted("i")
