"""``ansible-test sanity`` on this checkout: ``python -m tools.sanity [argument of ansible-test sanity ...]``.

ansible-test wants the collection below ``ansible_collections``, so it gets a copy of what belongs to the collection.
Its virtualenvs need pip, which it would download from a host of its own; a script in its cache makes pip with
``ensurepip`` instead. Cache and virtualenvs are kept in ``.cache/ansible-test``: the first run takes a minute more.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import ansible_test  # type: ignore[import-untyped]

from tools.sources import ROOT, collection_copy

HOME = ROOT / ".cache" / "ansible-test"
BIN = Path(sys.executable).parent
# Programs and tests of the repository, which no one installs; ruff and mypy look at them.
LEAVE_OUT = (
    ".ci/",
    ".config/",
    ".github/",
    "benchmarks/",
    "examples/",
    "molecule/",
    "rehearsal/",
    "tests/acceptance/",
    "tests/lint/",
    "tests/molecule/",
    "tests/support/",
    "tests/unit/",
    "tools/",
)
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
SHIM = '''"""Stands for get-pip.py: the pip that Python itself carries will do."""
import ensurepip

ensurepip.bootstrap(default_pip=True)
'''


def shim_paths() -> list[Path]:
    """Where ansible-test looks for the pip bootstrap script of each Python version it knows."""
    source = Path(ansible_test.__path__[0], "_internal", "python_requirements.py").read_text(encoding="utf-8")
    versions = set(re.findall(r"['\"](\d+\.\d+(?:\.\d+)?)['\"]", source))
    cache = HOME / ".ansible" / "test" / "cache"
    return [cache / f"get_pip_{version.replace('.', '_')}.py" for version in sorted(versions)]


def main(arguments: Sequence[str]) -> int:
    for path in shim_paths():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SHIM, encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTEST_"))}
    env |= {"HOME": str(HOME), "PATH": f"{BIN}{os.pathsep}{env.get('PATH', os.defpath)}"}
    argv = [str(BIN / "ansible-test"), "sanity", "--color", "no", "--python", PYTHON, *arguments]
    with tempfile.TemporaryDirectory(prefix="stairway-sanity-") as folder:
        cwd = collection_copy(Path(folder), LEAVE_OUT)
        return subprocess.run(argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
