"""An app at a stage as a blueprint: what has to be in the account, as data. Pure: dicts out, no AWS, no kinds.

A kind is a plain word here. What a kind's fields are called is checked by a test that reads the kinds' tables.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..._app.model import App
from . import compute, edge, files, money, network, registry, secrets, shield, stores, watch
from .fargate import fargate
from .role import roles
from .site import Entry, Part, Site, joined, site_of


def blueprint(app: App, stage: str, version: str = "latest") -> list[Entry]:
    """The entries of ``app`` at ``stage``, in the order in which a person reads them.

    ``version`` is the tag of the images, which only tasks on Fargate name. Holds no value of a secret.

    :raises StairwayError: when there is no such stage, the app says of no cloud, or AWS has no such thing.
    """
    site = site_of(app, stage)
    before = [network.network(site)]
    asking = [
        secrets.secrets(site),
        stores.databases(site),
        stores.caches(site),
        files.files(site),
        registry.registry(site),
        watch.watch(site),
    ]
    asked = joined(asking)
    machines = Part()
    if site.aspects["compute"] != "external":
        machines = Part((*roles(site, asked), *_compute(site, version).entries))
    parts = joined([*before, machines, edge.edge(site), shield.shield(site), *asking, money.money(site)])
    return [_tagged(site, entry) for entry in parts.entries]


def secret_values(app: App, stage: str, hosts: Mapping[str, str] | None = None) -> dict[str, dict[str, str]]:
    """What the secrets of that blueprint are to hold: name of the entry -> key -> value. Never print it.

    ``hosts`` is where managed stores are, by name, once they are there: tasks on Fargate get their URLs whole.
    """
    return secrets.secret_values(site_of(app, stage), hosts)


def store_secrets(app: App, stage: str) -> dict[str, str]:
    """For each store that AWS runs, the entry of the secret that has its passwords."""
    site = site_of(app, stage)
    names = {store.name: secrets.store_secret(site, store) for store in site.managed(*stores.SQL, "redis")}
    return {store: name for store, name in names.items() if name is not None}


def _compute(site: Site, version: str) -> Part:
    if site.aspects["compute"] == "fargate":
        return fargate(site, version)
    return compute.fleet(site) if site.fleet else compute.host(site)


def _tagged(site: Site, entry: Entry) -> Entry:
    return {**entry, "tags": dict(site.cloud.tags)} if site.cloud.tags else entry
