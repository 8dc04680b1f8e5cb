"""Links to the output of containers, under names that stay."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.stairway.cloud.plugins.module_utils._docker import logs
from ansible_collections.stairway.cloud.plugins.module_utils._docker.parse import Container


def container(path: Path, number: str, name: str = "chat-api-blue-1") -> Container:
    file = path / f"{number}-json.log"
    file.write_text(number)
    return Container(number * 64, name, "an-image", "running", 0, False, 0, "", "no", {}, str(file))


def test_each_container_has_a_link_by_its_name(tmp_path: Path) -> None:
    logs.link("chat", [container(tmp_path, "1"), container(tmp_path, "2", "chat-worker-blue-1")], tmp_path / "logs")
    assert {str(one.relative_to(tmp_path)): one.read_text() for one in tmp_path.glob("logs/*/*/*")} == {
        "logs/chat/api-blue-1/111111111111.log": "1",
        "logs/chat/worker-blue-1/222222222222.log": "2",
    }


def test_links_of_removed_containers_go(tmp_path: Path) -> None:
    old, new = container(tmp_path, "1"), container(tmp_path, "2")
    logs.link("chat", [old], tmp_path / "logs")
    Path(old.log_path).unlink()
    logs.link("chat", [new], tmp_path / "logs")
    logs.link("chat", [new], tmp_path / "logs")
    assert [one.name for one in tmp_path.glob("logs/*/*/*")] == ["222222222222.log"]


def test_other_log_drivers_have_no_file(tmp_path: Path) -> None:
    one = Container("1" * 64, "chat-api-blue-1", "an-image", "running", 0, False, 0, "", "no")
    logs.link("chat", [one], tmp_path / "logs")
    assert not (tmp_path / "logs").exists()


def test_a_folder_that_cannot_be_written_stops_no_release(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    logs.link("chat", [container(tmp_path, "1")], tmp_path / "logs")
