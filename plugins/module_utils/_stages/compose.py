"""Compose documents.

Pure: dicts in, dicts out. Without a ``version`` and a ``name``, so that docker-compose 1.29 takes them as Compose v2
does.
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from typing import Any

from .._app.model import App, Service, Task
from .._app.scalars import size_bytes
from .environment import environment
from .host import host_facts
from .stores import COMMANDS, ENVIRONMENT, data_folder, health_check, store_files

Document = dict[str, Any]


def stores_compose(app: str, stores: Sequence[Mapping[str, Any]]) -> Document:
    """The project ``<app>-stores``: ``stores`` as in ``host_facts``.

    The network ``<app>`` is there already; nothing is published.
    """
    services = {
        store["name"]: {
            "container_name": f"{app}-{store['name']}",
            **store_service(store, f"./{store['name']}"),
            "networks": {"app": {"aliases": [store["name"]]}},
        }
        for store in stores
    }
    return {
        "services": services,
        "networks": {"app": {"external": True, "name": app}},
        "volumes": {store["name"]: {"name": volume_of(app, store["name"])} for store in stores},
    }


def volume_of(app: str, store: str) -> str:
    """A store's volume: its own, or the one that a restore has noted in the file ``.env`` beside the compose file."""
    return f"${{{volume_variable(store)}:-{app}-{store}}}"


def volume_variable(store: str) -> str:
    return f"STAIRWAY_VOLUME_{store.upper().replace('-', '_')}"


def store_service(store: Mapping[str, Any], folder: str) -> Document:
    """One store; ``folder`` holds its files."""
    engine = store["engine"]
    files = store_files(store, "", size_bytes(store["memory"]))
    mounts = [f"{folder}/{file.name}:{file.target}:ro" for file in files]
    admin = [] if engine == "redis" else [f"{folder}/admin:/stairway/admin"]
    document: Document = {
        "image": store["image"],
        "entrypoint": ["/bin/sh", "/stairway/start.sh"],
        "command": COMMANDS[engine],
        "environment": ENVIRONMENT[engine]
        | ({"MONGO_INITDB_DATABASE": store["database"]} if engine == "mongodb" else {}),
        "volumes": [f"{store['name']}:{data_folder(store)}", *mounts, *admin],
        "mem_limit": store["memory"],
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
        "healthcheck": {
            "test": [_literal(part) for part in health_check(store)],
            "interval": "10s",
            "timeout": "5s",
            "retries": 6,
            "start_period": "60s",
        },
    }
    if engine == "postgresql":
        # parallel queries need more than Docker's 64 MB
        document["shm_size"] = "128m"
    return {key: value for key, value in document.items() if value not in ({}, [])}


def _literal(text: str) -> str:
    """Compose replaces ``$NAME`` everywhere; ``$$`` is a plain dollar."""
    return text.replace("$", "$$")


def local_ports(app: App) -> dict[str, int]:
    """Where each routed service listens on this machine: its own port, or a free one near it; below 1024 it is moved
    up by 8000.
    """
    taken: dict[str, int] = {}
    for service in app.routed:
        port = service.port or 0
        port = port + 8000 if port < 1024 else port
        while port in taken.values():
            port += 1
        taken[service.name] = port
    return taken


def local_compose(app: App, version: str | None = None) -> Document:
    """Stage 0: the whole app on this machine, plain HTTP on 127.0.0.1. The file holds the app's secrets, so it
    belongs into mode 0600.

    ``version`` is the images' tag; a service with ``build`` is built instead (its image is tagged so). Release tasks
    are services of the
    profile ``tasks``: ``docker compose run --rm task-migrate``.
    """
    tag = version or "local"
    stores = host_facts(app, "local")["stores"]
    values = environment(app)
    published = local_ports(app)
    services: Document = {store["name"]: store_service(store, f"./stores/{store['name']}") for store in stores}
    needs = {store["name"]: {"condition": "service_healthy"} for store in stores}
    by_name = {service.name: service for service in app.services}
    for service in app.services:
        services[service.name] = _local_service(service, tag, values[service.name], published.get(service.name), needs)
    for task in app.tasks:
        services[f"task-{task.name}"] = _local_task(task, by_name[task.service], tag, values[task.service], needs)
    volumes = [store["name"] for store in stores] + [
        volume.name for service in app.services for volume in service.volumes
    ]
    return {"services": services, "volumes": {name: {} for name in dict.fromkeys(volumes)}}


def _local_base(service: Service, tag: str, values: Mapping[str, str], needs: Document) -> Document:
    document: Document = {
        "image": f"{service.image}:{tag}",
        "build": service.build,
        "environment": {name: _literal(value) for name, value in values.items()},
        "volumes": [f"{volume.name}:{volume.path}" for volume in service.volumes],
        "user": service.user,
        "mem_limit": service.memory,
        "depends_on": needs,
    }
    return {key: value for key, value in document.items() if value not in (None, {}, [])}


def _local_service(
    service: Service, tag: str, values: Mapping[str, str], port: int | None, needs: Document
) -> Document:
    document = _local_base(service, tag, values, needs)
    if service.command:
        document["command"] = [_literal(part) for part in service.command]
    if port is not None:
        document["ports"] = [f"127.0.0.1:{port}:{service.port}"]
    return {**document, "stop_grace_period": f"{service.stop_seconds}s", "restart": "unless-stopped"}


def _local_task(task: Task, service: Service, tag: str, values: Mapping[str, str], needs: Document) -> Document:
    document = _local_base(service, tag, values, needs)
    return {**document, "command": [_literal(part) for part in task.command], "profiles": ["tasks"]}


def with_absolute_builds(app: App, folder: str) -> dict[str, str]:
    """The build context of each service that has one; relative paths start at ``folder``."""
    return {
        service.name: os.path.normpath(os.path.join(folder, service.build)) for service in app.services if service.build
    }
