"""The collection as a user gets it: built, installed, called by its full name, far from this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tools.sources import ROOT, collection_copy

BIN = Path(sys.executable).parent
PLAYBOOKS = ("stage1", "release", "rollback", "status", "maintenance", "local")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    source = collection_copy(tmp_path_factory.mktemp("source"))
    call(["ansible-galaxy", "collection", "build", "--output-path", str(folder)], cwd=source, home=folder)
    (found,) = folder.glob("stairway-cloud-*.tar.gz")
    return found


@pytest.fixture(scope="module")
def home(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory with the collection installed, and no other."""
    folder = tmp_path_factory.mktemp("home")
    call(["ansible-galaxy", "collection", "install", "--offline", str(archive)], cwd=folder, home=folder)
    return folder


def call(argv: list[str], *, cwd: Path, home: Path) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    done = subprocess.run(
        [str(BIN / argv[0]), *argv[1:]],
        cwd=cwd,
        env={**env, "HOME": str(home), "ANSIBLE_HOME": str(home / ".ansible"), "ANSIBLE_NOCOLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbook_is_found_by_its_full_name(home: Path, playbook: str) -> None:
    inventory = str(ROOT / "inventories" / "chat")
    argv = ["ansible-playbook", f"stairway.cloud.{playbook}", "-i", inventory, "--list-tasks", "-e", "version=1"]
    assert f"cloud/playbooks/{playbook}.yml" in call(argv, cwd=home, home=home)


@pytest.mark.parametrize("module", ["release", "files", "app"])
def test_module_is_documented(home: Path, module: str) -> None:
    text = call(["ansible-doc", f"stairway.cloud.{module}"], cwd=home, home=home)
    assert "EXAMPLES" in text


def test_only_what_users_run_is_packed(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        tops = {name.split("/")[0] for name in packed.getnames()}
    wanted = {"plugins", "roles", "playbooks", "meta", "docs", "inventories", "changelogs", "requirements.txt"}
    assert wanted <= tops
    strays = {name for name in tops if name.startswith(".")} | (
        tops & {"rehearsal", "tests", "tools", "benchmarks", "examples", "molecule", "Makefile", "ansible.cfg"}
    )
    assert strays == set()


def test_no_secret_is_packed(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        names = packed.getnames()
    assert [name for name in names if name.endswith("secrets.yml") or "/.local/" in name] == []
