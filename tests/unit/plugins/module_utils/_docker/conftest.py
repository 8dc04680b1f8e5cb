from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Program = Callable[[str], Path]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a ``docker`` on PATH that is this shell script; the return is the folder that it works in."""

    def put(script: str) -> Path:
        (tmp_path / "docker").write_text(f'#!/bin/sh\ncd "$(dirname "$0")"\n{script}')
        (tmp_path / "docker").chmod(0o755)
        return tmp_path

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return put
