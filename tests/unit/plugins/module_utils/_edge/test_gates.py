from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._edge import gates
from ansible_collections.stairway.cloud.plugins.module_utils._edge.site import state_files
from ansible_collections.stairway.cloud.plugins.module_utils._edge.switch import EdgeState

SERVICES = {"api": {"blue": [20480], "green": [20484]}}


@pytest.fixture
def state(tmp_path: Path) -> EdgeState:
    return EdgeState(tmp_path / "lib" / "edge", tmp_path / "run" / "chat")


def test_the_gate_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(gates.source())
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


def test_the_unit_that_is_started(state: EdgeState) -> None:
    order = gates.order_of(state, SERVICES, 30, stamp=17)
    argv = gates.start_argv("chat", order, "/run/stairway/gate.py")
    assert argv[0] == "systemd-run"
    assert "--unit=stairway-gate-chat:17" in argv
    assert "--service-type=notify" in argv
    hold = f"{state.runtime}/hold.17"
    assert f"--property=ExecStopPost=-/bin/rm -f {hold} {hold}.result" in argv
    assert argv[argv.index("--") + 1 :][:2] == [sys.executable, "-I"]
    assert json.loads(argv[-1])["services"]["api"] == {
        "socket": str(state.socket("api")),
        "blue": [20480],
        "green": [20484],
    }


def test_hold_starts_the_gate_and_sends_its_program(state: EdgeState, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(gates, "check", lambda argv, **_more: started.append(argv) or "")
    gates.hold("chat", 10, SERVICES, state)
    assert len(started) == 1
    assert (state.runtime.parent / "gate.py").read_text() == gates.source()


@pytest.mark.parametrize("seconds", [0, -1, 301])
def test_a_hold_has_a_bound(state: EdgeState, seconds: float) -> None:
    with pytest.raises(StairwayError, match="has to end") as error:
        gates.hold("chat", seconds, SERVICES, state)
    assert error.value.expected == "1 to 300 seconds"


def test_a_host_without_routes_is_told_what_to_run(state: EdgeState) -> None:
    with pytest.raises(StairwayError, match="which ports") as error:
        gates.hold("chat", 10, None, state)
    assert error.value.fix == "ansible-playbook playbooks/stage1.yml"


def test_releasing_nothing(state: EdgeState) -> None:
    assert gates.release_hold("chat", state) is None


def test_releasing_after_the_gate_was_killed_does_not_wait(state: EdgeState) -> None:
    state.prepare()
    state.hold_file.symlink_to(state.runtime / "hold.1")  # systemd's ExecStopPost removed hold.1
    assert gates.release_hold("chat", state) is None


def test_held_lets_go_also_when_the_block_fails(state: EdgeState, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(gates, "hold", lambda *_args: calls.append("hold"))
    monkeypatch.setattr(gates, "release_hold", lambda *_args: calls.append("release"))
    with pytest.raises(StairwayError, match="start failed"), gates.held("chat", 5, SERVICES, state):
        raise StairwayError("start failed")
    assert calls == ["hold", "release"]


def test_the_role_writes_what_the_gate_reads(state: EdgeState) -> None:
    site: dict[str, Any] = {
        "state_dir": str(state.path),
        "routes": [
            {
                "service": "api",
                "blue": ["127.0.0.1:20480"],
                "green": ["127.0.0.1:20484"],
                "hold": "/run/stairway/chat/api.sock",
            }
        ],
    }
    entries = {entry["path"]: entry for entry in state_files([site])}
    state.prepare()
    state.routes_file.write_text(entries[str(state.routes_file)]["content"])
    assert gates.routes(state) == {"api": {"socket": "/run/stairway/chat/api.sock", **SERVICES["api"]}}
    assert entries[f"{state.path}/hold"]["link"] == "/run/stairway/chat/hold"
    assert entries[f"{state.path}/maintenance.html"]["create_only"] is True
