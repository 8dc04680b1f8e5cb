from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.run import Finished
from ansible_collections.stairway.cloud.plugins.module_utils._files import apt, systemd

Answer = Callable[[list[str]], tuple[int, str]]


class Programs:
    """Stands for every program: remembers what was started and answers as told."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.answers: list[tuple[str, int, str]] = []

    def answer(self, start: str, returncode: int = 0, output: str = "") -> None:
        """The first answer whose ``start`` begins the command line is used once; the last one stays."""
        self.answers.append((start, returncode, output))

    def run(self, argv: list[str], **_: object) -> Finished:
        line = " ".join(argv)
        self.started.append(line)
        fitting = [item for item in self.answers if line.startswith(item[0])]
        if not fitting:
            return Finished(tuple(argv), 0, "", "")
        if len(fitting) > 1:
            self.answers.remove(fitting[0])
        return Finished(tuple(argv), fitting[0][1], fitting[0][2], "")

    def check(self, argv: list[str], **_: object) -> str:
        return self.run(argv).stdout


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Programs:
    found = Programs()
    for module in (apt, systemd):
        monkeypatch.setattr(module, "run", found.run)
        monkeypatch.setattr(module, "check", found.check)
    return found
