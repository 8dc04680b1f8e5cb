from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.run import Finished
from ansible_collections.stairway.cloud.plugins.module_utils._engine import converge
from ansible_collections.stairway.cloud.plugins.module_utils._engine.converge import Engine
from ansible_collections.stairway.cloud.plugins.module_utils._engine.login import Registry
from ansible_collections.stairway.cloud.plugins.module_utils._files import systemd
from ansible_collections.stairway.cloud.plugins.module_utils._files.model import Entry


class Docker:
    """Answers ``docker version`` and ``docker login``, and writes config.json as docker does."""

    def __init__(self) -> None:
        self.version = "26.1.5"
        self.login: tuple[int, str] = (0, "Login Succeeded")
        self.started: list[tuple[str, str | None]] = []

    def run(self, argv: list[str], *, stdin: str | None = None, **_: Any) -> Finished:
        self.started.append((" ".join(argv), stdin))
        if "login" in argv:
            return Finished(tuple(argv), self.login[0], "", self.login[1])
        return Finished(tuple(argv), 0 if self.version else 1, f"{self.version}\n", "")


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> Docker:
    found = Docker()
    monkeypatch.setattr(converge, "run", found.run)
    monkeypatch.setattr(converge, "_can_validate", lambda: False)
    monkeypatch.setattr(systemd, "BOOTED", Path("/no/such/folder"))
    return found


def engine(folder: Path, options: dict[str, Any] | None, **more: Any) -> Engine:
    more.setdefault("config_dir", str(folder / "config"))
    return Engine(options=options, path=str(folder / "daemon.json"), wait_seconds=0, **more)


def test_daemon_json_is_written_once(tmp_path: Path, docker: Docker) -> None:
    wanted = engine(tmp_path, {"live-restore": True, "dns": []})
    assert converge.converge(wanted, check_mode=True)["changed"] is True
    assert not (tmp_path / "daemon.json").exists()
    assert converge.converge(wanted, check_mode=False)["changed"] is True
    assert (tmp_path / "daemon.json").read_text() == '{\n  "live-restore": true\n}\n'
    assert converge.converge(wanted, check_mode=False)["changed"] is False


def test_another_layout_of_the_same_options_is_no_change(tmp_path: Path, docker: Docker) -> None:
    (tmp_path / "daemon.json").write_text('{"live-restore":true}')
    result = converge.converge(engine(tmp_path, {"live-restore": True}), check_mode=False)
    assert result["changed"] is False


def test_without_options_the_file_is_left_alone(tmp_path: Path, docker: Docker) -> None:
    (tmp_path / "daemon.json").write_text("not even JSON")
    assert converge.converge(engine(tmp_path, None), check_mode=False)["changed"] is False


def test_live_restore_is_told_before_the_restart_that_needs_it(tmp_path: Path) -> None:
    (tmp_path / "daemon.json").write_text("{}")
    _text, unit, _diff = converge._daemon(engine(tmp_path, {"live-restore": True, "dns": ["1.1.1.1"]}))
    assert unit.reload_first
    (tmp_path / "daemon.json").write_text('{"live-restore": true}')
    _text, unit, _diff = converge._daemon(engine(tmp_path, {"live-restore": True, "dns": ["1.1.1.1"]}))
    assert not unit.reload_first


def test_an_engine_that_does_not_answer(tmp_path: Path, docker: Docker) -> None:
    docker.version = ""
    with pytest.raises(StairwayError, match="has not answered"):
        converge.converge(engine(tmp_path, {}), check_mode=False)


def test_login_by_standard_input(tmp_path: Path, docker: Docker) -> None:
    wanted = engine(tmp_path, None, registries=(Registry("r:5000", "u", "MARKER"),))
    result = converge.converge(wanted, check_mode=False)
    assert (result["changed"], result["logins"]) == (True, ["r:5000"])
    line, stdin = next(item for item in docker.started if "login" in item[0])
    assert "MARKER" not in line
    assert stdin == "MARKER"
    assert "MARKER" not in str(result)
    assert (tmp_path / "config").stat().st_mode & 0o777 == 0o700


def test_check_mode_asks_no_registry(tmp_path: Path, docker: Docker) -> None:
    wanted = engine(tmp_path, None, registries=(Registry("r:5000", "u", "p"),))
    assert converge.converge(wanted, check_mode=True)["logins"] == ["r:5000"]
    assert docker.started == []


def test_a_wrong_password(tmp_path: Path, docker: Docker) -> None:
    docker.login = (1, "401 Unauthorized")
    with pytest.raises(StairwayError, match="refuses this user and password"):
        converge.converge(engine(tmp_path, None, registries=(Registry("r", "u", "p"),)), check_mode=False)


def test_a_config_that_others_can_read_is_closed(tmp_path: Path, docker: Docker) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"auths": {"r": {"auth": "dTpw"}}}')  # u:p
    config.chmod(0o644)
    wanted = engine(tmp_path, None, registries=(Registry("r", "u", "p"),), config_dir=str(tmp_path))
    assert converge.converge(wanted, check_mode=False)["changed"] is True
    assert config.stat().st_mode & 0o777 == 0o600
    assert converge.converge(wanted, check_mode=False)["changed"] is False


def test_what_belongs_to_the_engine_goes_in_with_daemon_json_or_not_at_all(
    tmp_path: Path, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = Entry(str(tmp_path / "docker.sources"), "file", text="Types: deb\n", mode=0o644)
    wanted = engine(tmp_path, {"dns": ["1.1.1.1"]}, entries=(beside,))

    def broken(*_units: Any, **_options: Any) -> systemd.Outcome:
        raise StairwayError("docker.service did not start.")

    with monkeypatch.context() as patch:
        patch.setattr(systemd, "converge", broken)
        with pytest.raises(StairwayError, match="did not start"):
            converge.converge(wanted, check_mode=False)
    assert list(tmp_path.iterdir()) == []
    result = converge.converge(wanted, check_mode=False)
    assert [Path(path).name for path in result["changed_paths"]] == ["docker.sources", "daemon.json"]
    assert converge.converge(wanted, check_mode=False)["changed"] is False
