"""Stores that app.yml puts where they are not: what a release has to know before it starts anything. Pure.

A release changes no store, so it does not lead the app to where app.yml says. Nor does it go on with where the store
is: the next walk would still move it, and a notice in the log of a deploy that went well is read by nobody. It stops,
with users as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._app.model import App, Store
from .places import before, place


def displaced(app: App, stage: str, journal: Mapping[str, Any]) -> list[str]:
    """One line for each store that is elsewhere, by the journal of stages, with both ways out. A new store is nowhere
    yet.
    """
    was = before(app, journal)
    wanted = {store.name: place(app, store, stage) for store in app.stores}
    return [
        f"{store.name} is at {was[store.name]}, and app.yml puts it at {wanted[store.name]}. To keep it there, write "
        f"{_write(store, was[store.name])} into app.yml. To move it: {_go(store, wanted[store.name], stage)}."
        for store in app.stores
        if was.get(store.name) not in (None, wanted[store.name])
    ]


def retired(app: App, stage: str, moves: Sequence[Mapping[str, Any]], going: Sequence[str] = ()) -> list[str]:
    """One line for each store that app.yml puts where a move has left what takes no writes any more, by the journals of
    moves. They know it also where a run was killed behind its switch, before the journal of stages could be told. Those
    that are ``going`` there are the business of their move.
    """
    left = {one["name"]: one for one in moves if one.get("left") and one["name"] not in going}
    return [
        f"{store.name} has left {one['left']} by a move, what it left there takes no writes, and app.yml puts it "
        f"there. First type the command of that move again, which ends what was cut off: "
        f"{_go(store, str(one['target']), stage)}, or the playbook of the stage that it went to. Then, to keep it "
        f"there, write {_write(store, one['target'])} into app.yml. To move it back: "
        f"{_go(store, str(one['left']), stage)}."
        for store in app.stores
        for one in [left.get(store.name, {})]
        if one and place(app, store, stage) == one["left"]
    ]


def _aspect(store: Store) -> str:
    return "cache" if store.engine == "redis" else "database"


def _write(store: Store, where: str | None) -> str:
    """What in app.yml says that a store is there."""
    chosen = f"stage: {{{_aspect(store)}: {'container' if where == 'container' else 'managed'}}}"
    if where == "external":
        return chosen if store.external or store.managed.url else f"{chosen} and the managed.url of {store.name}"
    if store.external:
        return f"{chosen}, and no url of {store.name},"
    return f"{chosen}, and no managed.url of {store.name}," if where == "managed" and store.managed.url else chosen


def _go(store: Store, where: str, stage: str) -> str:
    """What moves it to where app.yml says; a store with a URL of its own has no other place on any stage."""
    if store.external:
        return f"ansible-playbook playbooks/{stage}.yml"
    to = "container" if where == "container" else "managed"
    return f"ansible-playbook playbooks/move.yml -e store={store.name} -e to={to}"
