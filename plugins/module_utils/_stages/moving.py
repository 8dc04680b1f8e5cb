"""Stores that change their place: which take their data along, and what the module that does it is told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._app.model import App
from .._common.errors import StairwayError
from .environment import store_passwords

# Whose data travels; the engines of ``_moves`` (a test compares the two).
TRAVELLING = ("mariadb", "mongodb", "mysql", "postgresql", "redis")

Options = dict[str, Any]
# Where a move says which place an end is.
ENDS = {"source": "from", "target": "to"}


def travels(app: App, road: Mapping[str, Any], move: Mapping[str, Any], left_behind: str) -> bool:
    """Whether a store takes its data along. To and from a fleet it does not yet, nor where an end is not known."""
    if road["to_fleet"] or road["from_fleet"] or move["name"] in left_behind.split(","):
        return False
    ends = [_end(app, move, which, {}) for which in ENDS]
    return move["engine"] in TRAVELLING and all({"container", "host", "url"} & one.keys() for one in ends)


def moving(
    app: App,
    road: Mapping[str, Any],
    administrators: Sequence[Mapping[str, Any]],
    *,
    left_behind: str = "",
    how: str = "auto",
    replace: str = "",
    way_back: str = "",
) -> list[Options]:
    """The option ``moves`` of the module ``store_move``; it holds passwords. ``administrators`` are the results of
    ``secret_info`` for the secrets that ``road`` names; ``left_behind``, ``replace`` and ``way_back`` name stores, with
    commas.
    """
    known = {one["item"]: one.get("value") or {} for one in administrators if "item" in one}
    passwords = store_passwords(app)
    return [
        {
            "name": move["name"],
            "engine": move["engine"],
            "image": move["image"],
            "from": move["from"],
            "to": move["to"],
            "database": move["database"],
            "user": move["user"],
            "password": passwords.get(move["name"], ""),
            **{which: _end(app, move, which, known) for which in ENDS},
            "how": how,
            "replace_target": move["name"] in replace.split(","),
            "way_back": move["name"] in way_back.split(","),
        }
        for move in road["moves"]
        if travels(app, road, move, left_behind)
    ]


def _end(app: App, move: Mapping[str, Any], which: str, known: Mapping[str, Mapping[str, Any]]) -> Options:
    """An address; that of a store which somebody else runs (Atlas, Supabase, Upstash) is its whole URL."""
    address: Mapping[str, Any] = move[which]
    if move[ENDS[which]] == "external":
        (url,) = [one.managed.url or one.url for one in app.stores if one.name == move["name"]] or [None]
        return {"url": url} if url else {}
    found = {name: value for name, value in address.items() if name != "secret"}
    password = known.get(address.get("secret", ""), {}).get("admin_password")
    return {**found, "admin_password": password} if password else found


def placed(app: App, overrides: Mapping[str, Any], store: str, to: str) -> Options:
    """``overrides`` with the store at another place; stores that share its aspect go with it.

    :raises StairwayError: when there is no such store or place.
    """
    names = [one.name for one in app.stores]
    if store not in names:
        raise StairwayError("There is no such store.", expected=" or ".join(names), found=store, fix="-e store=<name>")
    if to not in ("container", "managed"):
        raise StairwayError("There is no such place.", expected="container or managed", found=to, fix="-e to=managed")
    engine = next(one.engine for one in app.stores if one.name == store)
    stage = dict(overrides.get("stage") or {})
    return {**overrides, "stage": {**stage, "cache" if engine == "redis" else "database": to}}
