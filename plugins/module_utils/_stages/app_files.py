"""Every file of an app as entries of the module ``stairway.cloud.files``. Pure. The entries hold secrets."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .._app.model import App
from .._app.scalars import size_bytes
from .compose import local_compose, stores_compose, with_absolute_builds
from .environment import Endpoints, environment, store_passwords
from .host import host_facts, leaving
from .stores import StoreFile, store_files

Entry = dict[str, Any]
_HEAD = "# Managed by Stairway: changes here are overwritten.\n"


def app_files(
    app: App,
    stage: str = "stage1",
    root: str = "/etc/stairway",
    endpoints: Endpoints | None = None,
    also: Collection[str] = (),
) -> list[Entry]:
    """What stands below ``/etc/stairway/<app>``: an env file for each service, and the stores' compose project.

    ``endpoints`` is where the stores are that AWS runs at this stage; ``also`` are stores whose containers stay for
    now, because the app is only about to leave them.
    """
    base = f"{root}/{app.name}"
    values_of = environment(app, stage, endpoints)
    envs = [_secret(f"{base}/env/{name}", env_file(values)) for name, values in values_of.items()]
    return [_folder(base), _folder(f"{base}/env"), *envs, *_project(app, stage, base, also)]


def stores_files(app: App, stage: str, root: str = "/etc/stairway", also: Collection[str] = ()) -> list[Entry]:
    """The stores' compose project alone: what has to run before a release may be made."""
    base = f"{root}/{app.name}"
    return [_folder(base), *_project(app, stage, base, also)]


def _project(app: App, stage: str, base: str, also: Collection[str]) -> list[Entry]:
    stores = [*host_facts(app, stage)["stores"], *leaving(app, stage, also)]
    if not stores:
        return []
    passwords = store_passwords(app)
    entries = [_folder(f"{base}/stores"), _plain(f"{base}/stores/compose.yml", dump(stores_compose(app.name, stores)))]
    for store in stores:
        files = store_files(store, passwords[store["name"]], size_bytes(store["memory"]))
        entries += _store_entries(f"{base}/stores/{store['name']}", files)
    return entries


def local_files(app: App, folder: str, version: str | None = None, source: str = ".") -> list[Entry]:
    """Stage 0 in a folder of this machine: ``compose.yml`` (mode 0600, it holds the environment) and the stores' files.

    ``source`` is where the services' ``build`` paths start.
    """
    document = local_compose(app, version)
    for name, context in with_absolute_builds(app, source).items():
        for service in [name, *(f"task-{task.name}" for task in app.tasks if task.service == name)]:
            document["services"][service]["build"] = context
    entries = [_folder(folder), _secret(f"{folder}/compose.yml", dump(document))]
    stores = host_facts(app, "local")["stores"]
    passwords = store_passwords(app)
    entries += [_folder(f"{folder}/stores")] if stores else []
    for store in stores:
        files = store_files(store, passwords[store["name"]], size_bytes(store["memory"]))
        entries += _store_entries(f"{folder}/stores/{store['name']}", files)
    return entries


def env_file(values: dict[str, str]) -> str:
    """As ``docker run --env-file`` reads it: no quoting, one variable on a line."""
    return "".join(f"{name}={value}\n" for name, value in sorted(values.items()))


def dump(document: dict[str, Any]) -> str:
    """YAML without anchors: what a person reads on a host at night."""
    # imported late: ansible-test loads module_utils without PyYAML
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return _HEAD + yaml.dump(document, Dumper=Dumper, sort_keys=False, width=120, allow_unicode=True)


def _store_entries(folder: str, files: list[StoreFile]) -> list[Entry]:
    make = [
        _secret(f"{folder}/{file.name}", file.text) if file.secret else _plain(f"{folder}/{file.name}", file.text)
        for file in files
    ]
    admin = [] if any(file.name == "redis.conf" for file in files) else [_folder(f"{folder}/admin")]
    return [_folder(folder), *admin, *make]


def _folder(path: str) -> Entry:
    return {"path": path, "state": "directory", "mode": "0700"}


def _plain(path: str, text: str) -> Entry:
    return {"path": path, "content": text, "mode": "0644"}


def _secret(path: str, text: str) -> Entry:
    return {"path": path, "secret_content": text, "mode": "0600"}
