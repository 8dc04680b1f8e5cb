"""Where each store of an app lives at a stage, and what that asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._app.engines import ENGINES
from .._app.model import App, Store
from .presets import aspects

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
    return not own_hosts or "managed" in places(app, stage).values()


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


def moved(before: Mapping[str, str], app: App, stage: str) -> list[dict[str, str]]:
    """The stores whose data would be left behind: ``{name, engine, from, to}``, for those that change their place.
    ``before`` is where each was; a store that was nowhere yet has nothing to leave.
    """
    return [
        {"name": store.name, "engine": store.engine, "from": before[store.name], "to": place(app, store, stage)}
        for store in app.stores
        if store.name in before and before[store.name] != place(app, store, stage)
    ]
