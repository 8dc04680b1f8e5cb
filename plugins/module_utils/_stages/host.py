"""What one host needs to know of an app at a stage, without any secret: the edge's site, the stores, the release.

Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .._app.cloud_model import Cloud
from .._app.engines import ENGINES
from .._app.model import App, Edge, Service, Store
from .._app.slots import port_of, slot_of
from .._common.errors import StairwayError
from .environment import environment
from .places import domains_in_zone, place, places
from .presets import NAMES_SECONDS, aspects, has_agent

__all__ = ["environment", "host_facts", "host_stores", "ports"]


def ports(app: str, service: str, colour: str, replica: int, slot: int | None = None) -> int:
    """The port on 127.0.0.1 of one container; ``replica`` counts from 1, ``slot`` is the service's ``port_slot``."""
    return port_of(slot_of(app, service, slot), colour, replica)


def host_facts(app: App, stage: str) -> dict[str, Any]:
    """Everything that playbooks and roles pass on; CONTRIBUTING names the keys. Holds no secret.

    :raises StairwayError: when the stage is unknown, or wants something that is not built yet.
    """
    chosen = aspects(app, stage)
    tls = chosen["edge"] != "http"
    return {
        "app": app.name,
        "stage": stage,
        "aspects": chosen,
        "domains": list(app.domains),
        "edge": {
            "server": app.edge.server,
            "email": app.edge.email,
            "acme_directory": app.edge.acme_directory,
            "acme_ca": app.edge.acme_ca,
            "site": _site(app, tls),
        },
        "stores": [_store_facts(store) for store in host_stores(app, chosen, stage)],
        "managed": [_managed_facts(store) for store in app.stores if place(app, store, stage) == "managed"],
        "places": places(app, stage),
        "release": _release(app, stage, tls),
        "cloud": _cloud(app, app.cloud) if app.cloud is not None else None,
        "agent": has_agent(app, stage),
    }


def _cloud(app: App, cloud: Cloud) -> dict[str, Any]:
    inside = domains_in_zone(app)
    return {
        "region": cloud.region,
        "plan_max_monthly": cloud.plan_max_monthly,
        "names_seconds": NAMES_SECONDS,
        "kept_seconds": cloud.balancer.keep_alive_seconds,
        "names_elsewhere": [domain for domain in app.domains if domain not in inside],
    }


def host_stores(app: App, chosen: dict[str, str], stage: str) -> list[Store]:
    """The stores that run in containers on the host.

    :raises StairwayError: when a stage without managed stores wants one all the same: the road to it is walked by a
        move.
    """
    below = stage == "local"
    here = []
    for store in app.stores:
        where = chosen["cache" if store.engine == "redis" else "database"]
        if place(app, store, stage) == "external":
            continue
        if where != "container" and not below and app.cloud is not None:
            continue
        if where != "container":
            raise StairwayError(
                f"The store {store.name} is not in a container at this stage.",
                expected="stage.database and stage.cache: container, or a url on the store",
                found=where,
                where=f"app.stores.{store.name}",
                fix=f"give the store a url (an external store), or run a stage where {store.engine} is in a container",
            )
        here.append(store)
    return here


def leaving(app: App, stage: str, names: Collection[str]) -> list[dict[str, Any]]:
    """Those of ``names`` that are in containers no more at a stage, as ``stores`` of ``host_facts`` are."""
    gone = [store for store in app.stores if store.name in names and place(app, store, stage) != "container"]
    return [_store_facts(store) for store in gone if not store.external]


def _store_facts(store: Store) -> dict[str, Any]:
    engine = ENGINES[store.engine]
    version = store.version or engine.versions[-1]
    return {
        "name": store.name,
        "engine": store.engine,
        "version": version,
        "image": engine.image_of(version),
        "database": store.database or ("0" if store.engine == "redis" else None),
        "user": store.user,
        "memory": store.memory,
        "port": engine.port,
    }


def _managed_facts(store: Store) -> dict[str, Any]:
    """A store that AWS runs; its image has the client that speaks to it."""
    return {**_store_facts(store), "tls": store.managed.encryption == "full"}


def _site(app: App, tls: bool) -> dict[str, Any]:
    edge: Edge = app.edge
    limit = edge.rate_limit
    return {
        "name": app.name,
        "domains": list(app.domains),
        "tls": tls,
        "state_dir": f"/var/lib/stairway/{app.name}/edge",
        "max_body": edge.max_body,
        "hsts_seconds": edge.hsts_seconds,
        "rate_limit": None
        if limit is None
        else {"requests": limit.requests, "per_seconds": limit.per_seconds, "burst": limit.burst},
        "behind": edge.behind,
        "certificate": f"/etc/stairway/tls/{app.name}/fullchain.pem",
        "private_key": f"/etc/stairway/tls/{app.name}/privkey.pem",
        "routes": _routes(app),
        "static": [
            {"path": one.path, "root": volume_path(app.name, one.volume), "cache_seconds": one.cache_seconds}
            for one in sorted(edge.static, key=lambda one: (-len(one.path), one.path))
        ],
    }


def volume_path(app: str, volume: str) -> str:
    """Where the files of a volume stand on the host."""
    return f"/var/lib/stairway/{app}/volumes/{volume}"


def _routes(app: App) -> list[dict[str, Any]]:
    """One route for each path, the longest first, as both edges match them."""
    routes = [
        {
            "path": path,
            "service": service.name,
            "blue": [f"127.0.0.1:{port}" for port in _colour(app, service, "blue")],
            "green": [f"127.0.0.1:{port}" for port in _colour(app, service, "green")],
            "hold": f"/run/stairway/{app.name}/{service.name}.sock",
            "read_timeout_seconds": service.read_timeout_seconds,
        }
        for service in app.routed
        for path in service.paths
    ]
    return sorted(routes, key=lambda route: (-len(str(route["path"])), str(route["path"])))


def _colour(app: App, service: Service, colour: str) -> list[int]:
    return [ports(app.name, service.name, colour, number + 1, service.port_slot) for number in range(service.replicas)]


def _release(app: App, stage: str, tls: bool) -> dict[str, Any]:
    release, proof = app.release, app.release.proof
    return {
        "app": app.name,
        "domain": app.domain,
        "tls": tls,
        # a rollback asks whether a store has changed its place since
        "stores": places(app, stage),
        "services": [_service(app, service) for service in app.services],
        "tasks": [
            {
                "name": task.name,
                "service": task.service,
                "command": list(task.command),
                "timeout_seconds": task.timeout_seconds,
            }
            for task in app.tasks
        ],
        "keep": release.keep,
        "watch_seconds": release.watch_seconds,
        "drain_seconds": release.drain_seconds,
        "proof": None
        if proof is None
        else {
            "path": proof.path,
            "per_second": proof.per_second,
            "max_failed": proof.max_failed,
            "max_p99_ms": proof.max_p99_ms,
        },
    }


def _service(app: App, service: Service) -> dict[str, Any]:
    health = service.health
    return {
        "name": service.name,
        "kind": service.kind,
        "image": service.image,
        "port": service.port,
        "command": list(service.command),
        "memory": service.memory,
        "stop_seconds": service.stop_seconds,
        "replicas": service.replicas,
        "ports": {colour: _colour(app, service, colour) for colour in ("blue", "green")}
        if service.port
        else {"blue": [], "green": []},
        "health": None
        if health is None
        else {
            "path": health.path,
            "interval_seconds": health.interval_seconds,
            "timeout_seconds": health.timeout_seconds,
            "start_seconds": health.start_seconds,
        },
        "volumes": [{"name": volume.name, "path": volume.path} for volume in service.volumes],
        "user": service.user,
    }
