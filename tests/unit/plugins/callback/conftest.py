"""Real runs of ansible-playbook with the callback on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tools.sources import ROOT

Play = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Runs plays on «localhost»; keyword arguments are variables of the environment."""

    def run(plays: list[dict[str, object]], *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        book = tmp_path / "book.yml"
        book.write_text(yaml.safe_dump([{"gather_facts": False, **one} for one in plays]))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GITHUB_"))}
        return subprocess.run(
            [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,one,two,", str(book), *arguments],
            cwd=ROOT,
            env={**kept, "ANSIBLE_NOCOLOR": "1", "STAIRWAY_TIMELINE_LEAST_SECONDS": "0", "COLUMNS": "80", **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
