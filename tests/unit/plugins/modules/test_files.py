from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.stairway.cloud.plugins.modules import files


def run(capsys: pytest.CaptureFixture[str], **args: Any) -> dict[str, Any]:
    with patch_module_args(args), pytest.raises(SystemExit):
        files.main()
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_secret_is_nowhere_in_the_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "secret"
    for _again in range(2):
        result = run(capsys, entries=[{"path": str(path), "secret_content": "MARKER\n"}], _ansible_diff=True)
        assert "MARKER" not in json.dumps(result)
    assert result["changed"] is False
    assert path.read_text() == "MARKER\n"


def test_a_mistake_is_a_failure_in_parts(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, entries=[{"path": "relative", "content": ""}])
    assert result["failed"] is True
    assert result["error"]["where"] == "entries"


def test_check_mode_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "file"
    result = run(capsys, entries=[{"path": str(path), "content": "x"}], _ansible_check_mode=True)
    assert result["changed_paths"] == [str(path)]
    assert not path.exists()


def test_a_validator_in_check_mode_is_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], warnings: list[str]
) -> None:
    entry = {"path": str(tmp_path / "file"), "content": "x", "validate": ["false", "%s"]}
    run(capsys, entries=[entry], _ansible_check_mode=True)
    assert "is not valid" in json.dumps(warnings)
