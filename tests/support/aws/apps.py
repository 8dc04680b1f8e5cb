"""The apps of the inventories as blueprints, with passwords of nothing in the place of their vaults' secrets."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import yaml

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint, secret_values
from tests.support.aws.emulators import MISSING, ROOT

VAULTED = re.compile(r"\{\{ *vault_(\w+)(?: *\| *default\(none\))? *\}\}")
STAND_INS = {
    "slack_webhook": "https://hooks.example.com/T0",
    "oncall_phone": "+821012345678",
    "atlas_url": "mongodb+srv://chat:a-password@cluster.example.net/chat",
}


def app(name: str) -> App:
    """The app of an inventory, parsed."""
    return parse(
        _plain(yaml.safe_load((ROOT / "inventories" / name / "group_vars" / "all" / "app.yml").read_text())["app"])
    )


def resources(name: str, stage: str, *, on: str = "moto") -> list[dict[str, Any]]:
    """The blueprint of an app at a stage as ``stairway.cloud.blueprint`` gets it, secrets filled in.

    ``on`` leaves out what that emulator does not have.
    """
    described = app(name)
    values = secret_values(described, stage)
    every = [dict(entry) for entry in blueprint(described, stage)]
    entries = [_without(entry, MISSING[on]) for entry in every if next(iter(entry)) not in MISSING[on]]
    for entry in entries:
        if next(iter(entry)) == "secret" and entry["secret"] in values:
            entry["value"] = values[entry["secret"]]
    return entries


def _without(value: Any, kinds: Collection[str]) -> Any:
    """A field's value without the members of its lists that name an entry of one of ``kinds``."""
    if isinstance(value, dict):
        return {key: _without(one, kinds) for key, one in value.items()}
    if isinstance(value, list):
        left = [(one, _without(one, kinds)) for one in value if not _names(one, kinds)]
        return [now for before, now in left if not _emptied(before, now)]
    return value


def _emptied(before: Any, now: Any) -> bool:
    """Whether one of its lists has lost its last member: a graph without lines."""
    return isinstance(before, dict) and any(one and now[key] == [] for key, one in before.items())


def _names(value: Any, kinds: Collection[str]) -> bool:
    if isinstance(value, dict):
        return any(key in kinds or (isinstance(one, dict) and _names(one, kinds)) for key, one in value.items())
    return False


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return VAULTED.sub(lambda found: STAND_INS.get(found[1], f"a-Stand-in-4-{found[1]}".replace("_", "-")), value)
    return value


TEN = (
    ("vpc/main", "dns_hostnames", False),
    ("subnet/private-a", "public_ips", True),
    ("load_balancer/main", "idle_seconds", 90),
    ("target_group/app", "deregistration_delay_seconds", 45),
    ("database/db", "backup_keep_days", 14),
    ("cache/cache", "snapshot_keep_days", 5),
    ("log_group/app", "keep_days", 14),
    ("alarm/errors", "threshold", 20),
    ("repository/ecommerce-app", "keep_images", 9),
    ("budget/month", "monthly_limit", 300),
)


def changed(entries: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], set[tuple[str, str]]]:
    """The blueprint with ten attributes of shop changed, and which: pairs of ``kind/name`` and the field."""
    altered = [dict(entry) for entry in entries]
    for key, field, value in TEN:
        next(one for one in altered if "/".join(next(iter(one.items()))) == key)[field] = value
    return altered, {(key, field) for key, field, _value in TEN}
