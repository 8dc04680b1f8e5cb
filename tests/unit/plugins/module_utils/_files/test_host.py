from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._files import host

# /etc/os-release as the distributions ship it, without what is not read
RELEASES = {
    "Debian 12": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
    "Debian 13": 'NAME="Debian GNU/Linux"\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nDEBIAN_VERSION_FULL=13.1\n',
    "Ubuntu 24.04": 'NAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION="24.04.1 LTS (Noble Numbat)"\nID_LIKE=debian\n',
    "Debian forky": 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nNAME="Debian GNU/Linux"\nVERSION_CODENAME=forky\n',
    "Rocky Linux 9.4": 'NAME="Rocky Linux"\nVERSION="9.4 (Blue Onyx)"\nVERSION_ID="9.4"\n',
    "Alpine Linux 3.20.1": "NAME='Alpine Linux'\nVERSION_ID=3.20.1\n",
    "an unknown system": "",
}


def answer(release: str, packages: str = "", paths: str = "") -> str:
    return f"{release}\n== packages\n{packages}== missing paths\n{paths}== end\n"


@pytest.mark.parametrize("platform", RELEASES)
def test_platform(platform: str) -> None:
    found = host.parse(answer(RELEASES[platform]))
    assert found
    assert found.platform == platform


def test_packages_and_paths() -> None:
    found = host.parse(answer(RELEASES["Debian 13"], "bash\tinstall ok installed\t\n", "/etc/a b\n/etc/c\n"))
    assert found
    assert found.packages == "bash\tinstall ok installed\t"
    assert found.missing_paths == ("/etc/a b", "/etc/c")


def test_the_line_ends_of_a_terminal() -> None:
    found = host.parse(answer(RELEASES["Debian 13"], paths="/etc/c\n").replace("\n", "\r\n"))
    assert found
    assert (found.platform, found.missing_paths) == ("Debian 13", ("/etc/c",))


def test_what_a_login_prints_first_is_no_answer() -> None:
    found = host.parse("Welcome!\nVERSION\n" + answer(RELEASES["Debian 12"]))
    assert found
    assert found.platform == "Debian 12"


@pytest.mark.parametrize("output", ["", "sudo: a password is required\n", answer("", "")[:-6]])
def test_no_answer(output: str) -> None:
    assert host.parse(output) is None


def test_the_shell_finds_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "dpkg-query").write_text("#!/bin/sh\nprintf 'bash\\tinstall ok installed\\t\\n'\n")
    (tmp_path / "dpkg-query").chmod(0o755)
    (tmp_path / "it's here").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    paths = [str(tmp_path / name) for name in ("it's here", "dangling", "not here; echo == end")]
    done = subprocess.run(
        ["/bin/sh", "-c", host.script(paths)],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        text=True,
        capture_output=True,
        check=False,
    )
    found = host.parse(done.stdout)
    assert found
    assert found.missing_paths == (paths[2],)
    assert found.packages == "bash\tinstall ok installed\t"
