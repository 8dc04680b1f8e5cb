"""Every role on real hosts: check mode on a bare host, converge, idempotence, verify.

``make molecule SCENARIO=<name>`` runs one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.sources import ROOT

BIN = Path(sys.executable).parent
SCENARIOS = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/converge.yml"))
PLATFORMS = os.environ.get("STAIRWAY_MOLECULE_PLATFORMS", "molecule-debian13 molecule-debian12").split()


def call(argv: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MOLECULE_"))}
    return subprocess.run(
        argv,
        cwd=ROOT,
        env={**env, "PATH": f"{BIN}{os.pathsep}{env['PATH']}", "NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
    )


def wrong(said: str) -> str:
    """What Ansible calls errors, on one line: who shortens a long report keeps its beginning."""
    return " | ".join(line for line in said.splitlines() if line.startswith(("[ERROR]: ", "ERROR ")))


def rehearsal(*arguments: str) -> None:
    done = call([sys.executable, "-m", "rehearsal", *arguments], 900)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.fixture(scope="module", autouse=True)
def _parts() -> Iterator[None]:
    """Certificate authority, registry and the rest; the hosts of Molecule go when all scenarios are through."""
    rehearsal("parts", "up")
    yield
    for platform in PLATFORMS:
        rehearsal("host", "down", platform)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str) -> None:
    done = call([str(BIN / "molecule"), "test", "--scenario-name", scenario], 1500)
    assert done.returncode == 0, f"{wrong(done.stdout)}\n{done.stdout[-12000:]}"
