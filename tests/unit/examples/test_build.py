from __future__ import annotations

import subprocess
import sys

import pytest

from examples import build


@pytest.mark.parametrize(
    ("version", "behaviour"), [("1", "normal"), ("2", "normal"), ("broken-boot", "broken-boot"), ("4f2c9d1", "normal")]
)
def test_command(version, behaviour):
    (chat,) = build.builds("chat", [version], "registry:5000")
    assert chat.command() == [
        "docker",
        "build",
        f"--build-arg=VERSION={version}",
        f"--build-arg=BEHAVIOUR={behaviour}",
        f"--tag=registry:5000/chat-api:{version}",
        "--",
        str(build.HERE / "chat"),
    ]


def test_every_image_in_every_version():
    tags = [each.tag for each in build.builds("resee", ["1", "2"], "r")]
    assert tags == ["r/resee-api:1", "r/resee-web:1", "r/resee-api:2", "r/resee-web:2"]


@pytest.mark.parametrize("app", build.APPS)
def test_version_comes_after_the_costly_layers(app):
    for each in build.builds(app, ["1"], "r"):
        lines = (each.folder / "Dockerfile").read_text().splitlines()
        after = lines[lines.index("ARG VERSION=1") :]
        assert not [line for line in after if line.startswith(("COPY", "FROM"))]
        assert (each.folder / ".dockerignore").read_text().startswith("*\n"), "only what is named is sent to Docker"


def test_failure_shows_the_end_of_the_output(monkeypatch, capsys):
    output = "\n".join(f"line {number}" for number in range(100))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, output))
    assert build.main(["chat", "1"]) == 1
    shown = capsys.readouterr()
    assert "chat-api:1 ... FAILED" in shown.out
    assert "line 99" in shown.err
    assert "line 5\n" not in shown.err


def test_runs_as_a_program_with_nothing_installed():
    result = subprocess.run(
        [sys.executable, "-I", build.__file__, "--help"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
