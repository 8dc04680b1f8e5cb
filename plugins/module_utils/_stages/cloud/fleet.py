"""What a release over a fleet has to know beside the release itself, without any secret. Pure.

The names are those that the blueprint's entries get in AWS: ``<app>-app`` for the Auto Scaling group, ``<app>/<name>``
for repositories and secrets.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..._app.engines import ENGINES
from ..._app.model import App, Service, Store
from ..places import place
from ..presets import aspects
from .edge import fleet_ports
from .registry import repository_of
from .site import Site, site_of

ENVIRONMENT = "fleet/env"


def fleet_facts(app: App, stage: str) -> dict[str, Any] | None:
    """The ``fleet`` part of the app's facts; None where a stage has no machines of one sort.

    ``images`` names for each service its ``repository`` in ECR, or its ``image`` anywhere else; ``ports`` is where the
    balancer sends to; ``stores`` are those that AWS runs, without where they are.
    """
    if app.cloud is None or aspects(app, stage)["compute"] != "fleet":
        return None
    site = site_of(app, stage)
    return {
        "group": f"{app.name}-app",
        "secret": f"{app.name}/{ENVIRONMENT}",
        "ports": fleet_ports(site),
        "images": {service.name: _image(site, service) for service in app.services},
        "stores": [_store(store) for store in app.stores if place(app, store, stage) == "managed"],
        "strategy": _strategy(app),
    }


def _strategy(app: App) -> dict[str, Any]:
    given = asdict(app.release.fleet)
    return {**given, "checkpoints": list(given["checkpoints"]), "alarms": list(given["alarms"])}


def _image(site: Site, service: Service) -> dict[str, str]:
    name = repository_of(site, service.image)
    return {"repository": f"{site.name}/{name}"} if name else {"image": service.image}


def _store(store: Store) -> dict[str, Any]:
    engine = ENGINES[store.engine]
    return {
        "name": store.name,
        "engine": store.engine,
        "image": engine.image_of(store.version or engine.versions[-1]),
        "database": store.database or "",
        "user": store.user or "",
    }
