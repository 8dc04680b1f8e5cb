from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._docker import compose
from ansible_collections.stairway.cloud.plugins.module_utils._files.model import parse_entries
from ansible_collections.stairway.cloud.plugins.module_utils._project import converge as project
from ansible_collections.stairway.cloud.plugins.module_utils._project.arguments import SPEC, parse


class Docker:
    """A Docker that notes what it is told; ``broken`` fails every start."""

    def __init__(self) -> None:
        self.stands = False
        self.broken = False
        self.told: list[list[str]] = []

    def converge(
        self, _project: compose.Project, _services: set[str], *, changed_paths: list[str], **_more: Any
    ) -> bool:
        if self.stands and not changed_paths:
            return False
        self.told.append(sorted(changed_paths))
        if self.broken:
            raise StairwayError("It does not start.")
        self.stands = True
        return True


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> Docker:
    found = Docker()
    monkeypatch.setattr(project.compose, "converge", found.converge)
    monkeypatch.setattr(project.compose, "stands", lambda _project, _services: found.stands)
    return found


def wish(folder: Path, *, image: str = "mongo:7", setting: str = "a", secret: str = "s") -> project.Wish:
    entries = [
        {"path": str(folder), "state": "directory", "mode": "0700"},
        {"path": str(folder / "compose.yml"), "content": image},
        {"path": str(folder / "db" / "my.conf"), "content": setting},
        {"path": str(folder.parent / "env"), "secret_content": secret},
    ]
    return project.Wish(
        compose.Project("chat-stores", folder / "compose.yml"), frozenset({"db"}), parse_entries(entries)
    )


def own(folder: Path, *names: str) -> list[str]:
    return sorted(str(folder / name) for name in names)


def run(wanted: project.Wish, *, check_mode: bool = False) -> dict[str, Any]:
    return project.converge(wanted, check_mode=check_mode)


def test_files_first_then_the_project(tmp_path: Path, docker: Docker) -> None:
    folder = tmp_path / "stores"
    done = run(wish(folder))
    assert done["changed"] is True
    assert (folder / "compose.yml").read_text() == "mongo:7"
    assert docker.told == [own(folder, "compose.yml", "db/my.conf")], "the env file is another's"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_nothing_to_do(tmp_path: Path, docker: Docker) -> None:
    run(wish(tmp_path / "stores"))
    again = run(wish(tmp_path / "stores"))
    assert (again["changed"], again["changed_paths"], len(docker.told)) == (False, [], 1)


def test_a_file_of_another_leaves_the_project_alone(tmp_path: Path, docker: Docker) -> None:
    run(wish(tmp_path / "stores"))
    again = run(wish(tmp_path / "stores", secret="MARKER"))
    assert again["changed"] is True
    assert len(docker.told) == 1
    assert "MARKER" not in str(again["diff"])


def test_a_run_that_failed_after_the_files_is_made_good(tmp_path: Path, docker: Docker) -> None:
    folder = tmp_path / "stores"
    run(wish(folder))
    docker.broken = True
    with pytest.raises(StairwayError):
        run(wish(folder, setting="b"))
    docker.broken = False
    again = run(wish(folder, setting="b"))
    assert (again["changed_paths"], again["changed"]) == ([], True)
    assert docker.told[-1] == own(folder, "db/my.conf")
    assert run(wish(folder, setting="b"))["changed"] is False


def test_check_mode_tells_and_touches_nothing(tmp_path: Path, docker: Docker) -> None:
    folder = tmp_path / "stores"
    said = run(wish(folder), check_mode=True)
    assert (said["changed"], docker.told, list(tmp_path.iterdir())) == (True, [], [])
    run(wish(folder))
    assert run(wish(folder), check_mode=True)["changed"] is False
    assert run(wish(folder, image="mongo:8"), check_mode=True)["changed"] is True


def test_check_mode_leaves_what_the_app_has_left_out_of_it(tmp_path: Path, docker: Docker) -> None:
    """The containers of stores that moved away stay for a while, and no service of the project is asked for."""
    nothing = dataclasses.replace(wish(tmp_path / "stores"), services=frozenset(), entries=())
    assert run(nothing)["changed"] is run(nothing, check_mode=True)["changed"] is False
    assert docker.told == []


def test_arguments() -> None:
    given = {name: option.get("default") for name, option in SPEC.items()}
    found = parse({**given, "name": "chat-stores", "file": "/etc/x/compose.yml", "services": ["db", "cache"]})
    assert found.services == frozenset({"db", "cache"})
    assert found.pending == Path("/etc/x/.stairway-pending")
