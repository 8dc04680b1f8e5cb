"""User data that fits, that is always the same, and whose program runs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._fleet.lean import lean
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.pack import packed
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.user_data import files, user_data
from ansible_collections.stairway.cloud.plugins.module_utils._kinds._machine import USER_DATA_BYTES
from ansible_collections.stairway.cloud.plugins.module_utils._kinds._machine import user_data as sent

SETTINGS = {"app": "a-rather-long-name", "region": "ap-northeast-2", "mirrors": ["https://mirror.acme.example:5000"]}


def test_ec2_takes_it() -> None:
    """When this fails, the agent or what it stands on has grown: see with ``files()`` what came in."""
    assert len(sent(user_data(SETTINGS))) <= USER_DATA_BYTES


def test_settings_that_are_not_given_are_left_out() -> None:
    assert '{"app":"a","region":"r"}' in user_data({"app": "a", "region": "r", "ca": [], "authorities": None})
    assert user_data(SETTINGS) == user_data(dict(reversed(SETTINGS.items())))


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The agent as the script makes it, below another root."""
    script = user_data(SETTINGS).replace("/usr/local", f"{tmp_path}/usr/local").replace("/etc/", f"{tmp_path}/etc/")
    (tmp_path / "etc/systemd/system").mkdir(parents=True)
    script = re.sub(r"^systemctl .*$", "", script, flags=re.MULTILINE)
    subprocess.run(["sh", "-e"], input=script, text=True, check=True)
    assert "[Install]" in (tmp_path / "etc/systemd/system/stairway-agent.service").read_text()
    return tmp_path / "usr/local/lib/stairway/agent.pyz"


def test_the_program_starts_and_has_all_of_its_modules(program: Path) -> None:
    said = subprocess.run([sys.executable, "-I", str(program)], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (2, "usage: agent.pyz converge|release\n")
    names = [name[:-3].replace("/", ".") for name in zipfile.ZipFile(program).namelist() if name.endswith(".py")]
    every = "\n".join(f"import {name}" for name in names if name != "__main__" and not name.endswith("__init__"))
    start = f"import sys\nsys.path.insert(0, {str(program)!r})\n{every}"
    subprocess.run([sys.executable, "-I", "-c", start], check=True)


def test_no_name_is_missing_in_what_was_left() -> None:
    for path, text in files().items():
        done = subprocess.run(
            [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F821,F401", "--stdin-filename", path, "-"],
            input=text, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


def _written(root: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (root / f"{name}.py").write_text(text)
    return root


OTHER = """'''Doc.'''
import json
import os
LIMIT = 3
REST = 4


def used(x):
    return json.dumps(LIMIT)


def unused():
    return os.name, REST
"""
THIRD = """class Thing:
    a: int = 1

    def yes(self) -> int:
        '''Doc.'''
        return 1  # why

    def no(self):
        return 2
"""
START = """from . import other
from .third import Thing


def main():
    return other.used(Thing().yes)
"""


def test_only_what_is_reached_stays(tmp_path: Path) -> None:
    root = _written(tmp_path, start=START, other=OTHER, third=THIRD, fourth="X = 1\n")
    assert packed(root, "start") == {
        "start.py": "from.import other\nfrom.third import Thing\ndef main():\n return other.used(Thing().yes)\n",
        "other.py": "import json\nLIMIT=3\ndef used(x):\n return json.dumps(LIMIT)\n",
        "third.py": "class Thing:\n a:0=1\n def yes(self):\n  return 1\n",
    }


@pytest.mark.parametrize(
    "source",
    [
        "x = f\"{a  +  b} # no comment\" 'two'\n",
        "if a:\n    b = {\n        'k': 1,  # why\n    }\nelse :\n\n    c = [x for x in y if not x]\n",
        'sql = """SELECT\n    1 -- # kept\n"""\n',
        "assert(not x)is None, 1 if 'a'else 2\n",
        "one, two = (f(a, [b, c,],),), {'k': (d,), **(e, g,),}\n",
        "nested = f\"{f'{a}'} {b!r:>{width}}\"\n",
    ],
)
def test_lean_is_the_same_program(source: str) -> None:
    short = lean(source)
    assert ast.dump(ast.parse(short)) == ast.dump(ast.parse(source))
    assert len(short) <= len(source)
