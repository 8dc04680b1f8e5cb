"""Where each store of an app lives at a stage, and what that asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._app.engines import ENGINES
from .._app.model import App, Store
from .presets import aspects, on_fleet

# Stands for the address of what a run in check mode would only make.
PENDING = "made-by-this-run.invalid"


def place(app: App, store: Store, stage: str) -> str:
    """``container``, ``managed`` (AWS runs it) or ``external`` (a URL says where it is)."""
    chosen = aspects(app, stage)["cache" if store.engine == "redis" else "database"]
    if store.external or (chosen == "managed" and store.managed.url is not None):
        return "external"
    return chosen


def places(app: App, stage: str) -> dict[str, str]:
    return {store.name: place(app, store, stage) for store in app.stores}


def needs_account(app: App, stage: str, *, own_hosts: bool) -> bool:
    """Whether a stage makes anything in an account. An app on hosts of its own (``own_hosts``) needs one only for the
    stores that AWS runs.
    """
    if app.cloud is None or stage == "local":
        return False
    return not own_hosts or on_fleet(app, stage) or "managed" in places(app, stage).values()


def domains_in_zone(app: App) -> list[str]:
    """The app's names that a DNS zone of the account holds."""
    zone = app.cloud.zone.name if app.cloud is not None and app.cloud.zone is not None else None
    return [name for name in app.domains if zone and (name == zone or name.endswith(f".{zone}"))]


def cloud_overrides(own_hosts: bool) -> dict[str, Any]:
    """What is laid over the app for its blueprint: with hosts of its own, no machine is made."""
    return {"stage": {"compute": "external"}} if own_hosts else {}


def endpoints(
    app: App, stage: str, outputs: Mapping[str, Mapping[str, Any]], *, pending: bool = False
) -> dict[str, dict[str, Any]]:
    """Where the managed stores are, by the outputs of a blueprint: store -> ``{host, port, tls}``.

    With ``pending`` a store that is not there yet gets a name that leads nowhere, so that check mode can go on.
    """
    found: dict[str, dict[str, Any]] = {}
    for store in app.stores:
        if place(app, store, stage) != "managed":
            continue
        kind = "cache" if store.engine == "redis" else "database"
        out = outputs.get(f"{kind}/{store.name}", {})
        host = out.get("endpoint") or (PENDING if pending else None)
        if host:
            port = int(out.get("port") or ENGINES[store.engine].port)
            found[store.name] = {"host": str(host), "port": port, "tls": store.managed.encryption == "full"}
    return found


def before(app: App, journal: Mapping[str, Any]) -> dict[str, str]:
    """Where each store was when the app last stood still: as the journal says, or as its stage implies."""
    if journal.get("places"):
        return dict(journal["places"])
    return places(app, journal["stage"]) if journal.get("stage") else {}


def moves(app: App, stage: str, journal: Mapping[str, Any], endpoints: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The stores that change their place, each with where its data is (``source``) and where it belongs (``target``):
    a ``container``, or ``host``, ``port`` and ``tls``, or nothing that is known. A store that was nowhere yet does not
    move.
    """
    was = before(app, journal)
    found = []
    for store in app.stores:
        old, new = was.get(store.name), place(app, store, stage)
        if old in (None, new):
            continue
        engine = ENGINES[store.engine]
        found.append(
            {
                "name": store.name,
                "engine": store.engine,
                "image": engine.image_of(store.version or engine.versions[-1]),
                "user": store.user or "",
                "database": store.database or "",
                "from": old,
                "to": new,
                "source": _address(app, store, old, journal.get("endpoints") or {}),
                "target": _address(app, store, new, endpoints),
            }
        )
    return found


def _address(app: App, store: Store, where: str | None, known: Mapping[str, Any]) -> dict[str, Any]:
    if where == "container":
        return {"container": f"{app.name}-{store.name}"}
    one = known.get(store.name) or {}
    return {name: one[name] for name in ("host", "port", "tls", "secret") if one.get(name) not in (None, "")}
