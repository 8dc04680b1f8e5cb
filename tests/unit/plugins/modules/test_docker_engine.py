from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._engine.converge import Engine
from ansible_collections.stairway.cloud.plugins.modules import docker_engine

ARGS = {
    "options": {"live-restore": True},
    "registries": [{"server": "ghcr.io", "username": "acme", "password": "MARKER"}],
}


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: Any) -> dict[str, Any]:
    monkeypatch.setattr(docker_engine, "converge", answer)
    with patch_module_args(ARGS), pytest.raises(SystemExit):
        docker_engine.main()
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_parameters_arrive_and_the_password_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, warnings: list[str]
) -> None:
    seen: list[Engine] = []

    def converge(engine: Engine, *, check_mode: bool) -> dict[str, Any]:
        seen.append(engine)
        return {"changed": True, "notes": ["waited for apt"]}

    result = run(capsys, monkeypatch, converge)
    assert seen[0].registries[0].password == "MARKER"
    assert seen[0].options == {"live-restore": True}
    assert "MARKER" not in json.dumps(result)
    assert warnings == ["waited for apt"]


def test_an_error_is_shown_in_parts(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def converge(engine: Engine, *, check_mode: bool) -> dict[str, Any]:
        raise StairwayError("No login.", where="ghcr.io", log=["password MARKER"])

    result = run(capsys, monkeypatch, converge)
    assert (result["failed"], result["error"]["where"]) == (True, "ghcr.io")
    assert "MARKER" not in json.dumps(result)
