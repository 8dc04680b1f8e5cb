"""The entries for the module ``stairway.cloud.files``."""

from __future__ import annotations

from typing import Any

import yaml

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._files.model import parse_entries
from ansible_collections.stairway.cloud.plugins.module_utils._stages.app_files import app_files, env_file, local_files


def test_the_module_takes_the_entries(app: App) -> None:
    assert len(parse_entries(app_files(app))) == len(app_files(app))
    assert len(parse_entries(local_files(app, "/srv/resee"))) == len(local_files(app, "/srv/resee"))


def test_what_holds_a_secret_says_so(app: App) -> None:
    for entry in app_files(app) + local_files(app, "/srv/resee"):
        assert "üñ" not in entry.get("content", "")
        if "secret_content" in entry:
            assert entry["mode"] == "0600"


def test_folders_come_before_what_is_in_them_and_are_closed(app: App) -> None:
    seen: set[str] = set()
    for entry in app_files(app):
        if entry.get("state") == "directory":
            assert entry["mode"] == "0700"
            seen.add(entry["path"])
        else:
            assert entry["path"].rsplit("/", 1)[0] in seen


def test_each_service_has_an_env_file(app: App) -> None:
    paths = [entry["path"] for entry in app_files(app) if "/env/" in entry["path"]]
    assert paths == [f"/etc/stairway/resee/env/{name}" for name in ("api", "web", "worker", "beat")]


def test_an_app_without_stores_has_no_compose_project(data: dict[str, Any]) -> None:
    data["stores"] = {}
    data["services"]["api"]["env"] = {}
    assert not any("stores" in entry["path"] for entry in app_files(parse(data)))


def test_every_mounted_file_is_there(app: App) -> None:
    entries = {entry["path"]: entry for entry in app_files(app)}
    document = yaml.safe_load(entries["/etc/stairway/resee/stores/compose.yml"]["content"])
    for service in document["services"].values():
        for mount in service["volumes"]:
            source = mount.split(":")[0]
            if source.startswith("./"):
                assert f"/etc/stairway/resee/stores/{source[2:]}" in entries


def test_local_builds_start_at_the_source(app: App) -> None:
    entries = {entry["path"]: entry for entry in local_files(app, "/srv/resee", "1", "/home/me/inventories")}
    document = yaml.safe_load(entries["/srv/resee/compose.yml"]["secret_content"])
    assert document["services"]["api"]["build"] == "/home/me/api"
    assert document["services"]["task-migrate"]["build"] == "/home/me/api"


def test_yaml_has_no_anchors(app: App) -> None:
    entries = {entry["path"]: entry for entry in local_files(app, "/srv/resee")}
    assert "&id" not in entries["/srv/resee/compose.yml"]["secret_content"]


def test_env_file_is_plain() -> None:
    assert env_file({"B": "a=b # 'c' $d", "A": ""}) == "A=\nB=a=b # 'c' $d\n"
