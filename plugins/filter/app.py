"""Filters that turn the app spec into what a task passes on.

What they return may be secret, so such tasks carry ``no_log``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._app.plain import plain
from ansible_collections.stairway.cloud.plugins.module_utils._app.source import merged
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.guard import FINAL
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._stages import app_files as files
from ansible_collections.stairway.cloud.plugins.module_utils._stages import backups, environment, places
from ansible_collections.stairway.cloud.plugins.module_utils._stages import displaced as displacing
from ansible_collections.stairway.cloud.plugins.module_utils._stages import moving as movings
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud import agent, between
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import (
    secret_values as values_of_secrets,
)
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import store_secrets
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.site import site_of
from ansible_collections.stairway.cloud.plugins.module_utils._stages.compose import local_ports as ports
from ansible_collections.stairway.cloud.plugins.module_utils._stages.host import leaving
from ansible_collections.stairway.cloud.plugins.module_utils._stages.presets import on_fleet


def _filter(function: Callable[..., Any]) -> Callable[..., Any]:
    """Our errors as Ansible's."""

    @wraps(function)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except StairwayError as error:
            raise AnsibleFilterError(str(error)) from error

    return wrapped


def _parsed(app: Any, overrides: Any) -> App:
    return parse(merged(plain(app), plain(overrides or {})))


def _for_cloud(app: Any, overrides: Any, own_hosts: Any, stage: str) -> App:
    parsed = _parsed(app, overrides)
    below = places.cloud_overrides(bool(own_hosts) and not on_fleet(parsed, stage))
    return parse(merged(merged(plain(app), plain(overrides or {})), below)) if below else parsed


@_filter
def agent_config(app: Any, overrides: Any = None, stage: str = "stage1") -> dict[str, Any]:
    return agent.configuration(site_of(_parsed(app, overrides), plain(stage)))


@_filter
def backup_setup(app: Any, overrides: Any = None, stage: str = "stage1", root: str = "/etc/stairway") -> dict[str, Any]:
    return backups.setup(_parsed(app, overrides), plain(stage), plain(root))


@_filter
def app_env(app: Any, overrides: Any = None, stage: str = "stage1", endpoints: Any = None) -> dict[str, dict[str, str]]:
    return environment.environment(_parsed(app, overrides), plain(stage), plain(endpoints or {}))


@_filter
def store_passwords(app: Any, overrides: Any = None) -> dict[str, str]:
    return environment.store_passwords(_parsed(app, overrides))


@_filter
def slack_webhook(app: Any, overrides: Any = None) -> str:
    return _parsed(app, overrides).alerts.slack_webhook or ""


@_filter
def app_files(
    app: Any,
    overrides: Any = None,
    stage: str = "stage1",
    root: str = "/etc/stairway",
    endpoints: Any = None,
    also: Any = None,
) -> list[dict[str, Any]]:
    return files.app_files(
        _parsed(app, overrides), plain(stage), plain(root), plain(endpoints or {}), plain(also or [])
    )


@_filter
def stores_files(
    app: Any, overrides: Any = None, stage: str = "stage1", root: str = "/etc/stairway", also: Any = None
) -> list[dict[str, Any]]:
    return files.stores_files(_parsed(app, overrides), plain(stage), plain(root), plain(also or []))


@_filter
def road(
    app: Any, overrides: Any = None, stage: str = "stage1", journal: Any = None, endpoints: Any = None
) -> dict[str, Any]:
    parsed, stage = _parsed(app, overrides), plain(stage)
    moves = places.moves(parsed, stage, plain(journal or {}), plain(endpoints or {}))
    names = [one["name"] for one in moves if one["from"] == "container"]
    before = plain(journal or {}).get("stage") or ""
    return {
        "before": before,
        "to_fleet": on_fleet(parsed, stage),
        "from_fleet": on_fleet(parsed, before),
        "turns": between.changes_edge(parsed, before or None, stage),
        "moves": moves,
        "secrets": sorted(
            {end["secret"] for one in moves for end in (one["source"], one["target"]) if "secret" in end}
        ),
        "leaving": leaving(parsed, stage, names),
    }


@_filter
def moving(
    app: Any,
    overrides: Any = None,
    road: Any = None,
    administrators: Any = None,
    left_behind: Any = None,
    how: Any = None,
    replace: Any = None,
    way_back: Any = None,
) -> list[dict[str, Any]]:
    return movings.moving(
        _parsed(app, overrides),
        plain(road or {"moves": [], "to_fleet": False, "from_fleet": False}),
        plain(administrators or []),
        left_behind=str(plain(left_behind or "")),
        how=str(plain(how or "auto")),
        replace=str(plain(replace or "")),
        way_back=str(plain(way_back or "")),
    )


@_filter
def placed(app: Any, overrides: Any = None, store: Any = None, to: Any = None) -> dict[str, Any]:
    return movings.placed(_parsed(app, overrides), plain(overrides or {}), str(plain(store)), str(plain(to)))


@_filter
def displaced(app: Any, overrides: Any = None, stage: str = "stage1", journal: Any = None) -> list[str]:
    return displacing.displaced(_parsed(app, overrides), plain(stage), plain(journal or {}))


@_filter
def retired(app: Any, overrides: Any = None, stage: str = "stage1", moves: Any = None, going: Any = None) -> list[str]:
    return displacing.retired(_parsed(app, overrides), plain(stage), plain(moves or []), plain(going or []))


@_filter
def endpoints(
    app: Any, overrides: Any = None, stage: str = "stage1", outputs: Any = None, pending: bool = False
) -> dict[str, dict[str, Any]]:
    parsed, given = _parsed(app, overrides), plain(outputs or {})
    found = places.endpoints(parsed, plain(stage), given, pending=bool(pending))
    for store, name in store_secrets(parsed, plain(stage)).items() if found else ():
        if store in found:
            found[store]["secret"] = given.get(f"secret/{name}", {}).get("id", "")
    return found


@_filter
def local_files(
    app: Any, overrides: Any = None, folder: str = ".", version: Any = None, source: str = "."
) -> list[dict[str, Any]]:
    tag = None if version in (None, "") else str(plain(version))
    return files.local_files(_parsed(app, overrides), plain(folder), tag, plain(source))


@_filter
def local_ports(app: Any, overrides: Any = None) -> dict[str, int]:
    return ports(_parsed(app, overrides))


@_filter
def resources(
    app: Any,
    overrides: Any = None,
    stage: str = "stage1",
    own_hosts: bool = False,
    before: Any = None,
    switched: bool = False,
) -> list[dict[str, Any]]:
    parsed = _for_cloud(app, overrides, own_hosts, plain(stage))
    return between.between(parsed, plain(before) or None, plain(stage), switched=bool(switched))


@_filter
def secret_values(
    app: Any, overrides: Any = None, stage: str = "stage1", own_hosts: bool = False
) -> dict[str, dict[str, str]]:
    return values_of_secrets(_for_cloud(app, overrides, own_hosts, plain(stage)), plain(stage))


def holding(plan: Any) -> dict[str, Any]:
    """What a plan leaves because it holds data: ``snapshot`` is what can leave a last snapshot, as ``give_up`` takes
    it; ``named`` is what the run has to name by itself.
    """
    known = kinds()
    steps = [step for step in plain(plan)["steps"] if step["held"]]
    with_last: dict[bool, list[str]] = {True: [], False: []}
    for step in steps:
        with_last[known[step["kind"]].snapshot is not None].append(f"{step['kind']}/{step['name']}")
    return {"snapshot": dict.fromkeys(with_last[True], FINAL), "named": with_last[False]}


def url(
    scheme: str,
    host: str,
    port: int | None = None,
    user: str | None = None,
    password: str | None = None,
    path: str | None = None,
) -> str:
    number = None if port is None else int(port)
    return environment.url(plain(scheme), plain(host), number, plain(user), plain(password), plain(path))


class FilterModule:
    """The filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "agent_config": agent_config,
            "app_env": app_env,
            "app_files": app_files,
            "backup_setup": backup_setup,
            "displaced": displaced,
            "endpoints": endpoints,
            "holding": holding,
            "local_files": local_files,
            "local_ports": local_ports,
            "moving": moving,
            "placed": placed,
            "resources": resources,
            "retired": retired,
            "road": road,
            "secret_values": secret_values,
            "slack_webhook": slack_webhook,
            "store_passwords": store_passwords,
            "stores_files": stores_files,
            "url": url,
        }
