"""The example apps as a run would see them: app.yml with overlays, and a made-up value for each vaulted variable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._app.source import merged

ROOT = Path(__file__).parents[2] / "inventories"
SEEDS = ("chat", "resee", "iamvet", "shop", "promo")
# an overlay and what it is laid over
OVERLAYS = {
    "shop_waf": "shop",
    "shop_phase2": "shop",
    "shop_phase3": "shop",
    "shop_phase4": "shop",
    "iamvet_fargate": "iamvet",
    "iamvet_vercel": "iamvet",
    "promo_mvp": "promo",
    "promo_staging": "promo",
    "promo_ecs": "promo",
}
# What cannot be any text. A test's vault can say otherwise; None is a variable that nobody has set.
VAULT: dict[str, str | None] = {
    "vault_atlas_url": None,
    "vault_oncall_phone": "+821012345678",
    "vault_slack_webhook": "https://hooks.example.com/T/B/x",
    "vault_supabase_url": "postgresql://postgres:p%40s@db.example.supabase.co:5432/postgres",
    "vault_upstash_url": "rediss://default:p%40s@eu1.example.upstash.io:6379",
}
_REFERENCE = re.compile(r"\{\{ (vault_\w+)(?: \| default\(none\))? \}\}")


def files(name: str) -> list[Path]:
    """The files of an inventory that define ``app``: its own, or first those that it is laid over."""
    folder = ROOT / name / "group_vars" / "all"
    return [*(files(OVERLAYS[name]) if name in OVERLAYS else []), *sorted(folder.glob("*.yml"))]


def raw(name: str, vault: dict[str, str | None] | None = None) -> dict[str, Any]:
    """``app`` with ``app_overrides`` laid over it."""
    values: dict[str, Any] = {}
    for path in files(name):
        values.update(_rendered(yaml.safe_load(path.read_text(encoding="utf-8")), {**VAULT, **(vault or {})}))
    result: dict[str, Any] = merged(values["app"], values.get("app_overrides", {}))
    return result


def app(name: str, over: dict[str, Any] | None = None, vault: dict[str, str | None] | None = None) -> App:
    """The app of one inventory; ``over`` is laid over it."""
    return parse(merged(raw(name, vault), over or {}), name)


def _rendered(value: Any, vault: dict[str, str | None]) -> Any:
    if isinstance(value, dict):
        return {key: _rendered(item, vault) for key, item in value.items()}
    if isinstance(value, list):
        return [_rendered(item, vault) for item in value]
    whole = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return vault.get(whole[1], f"test-value-of-{whole[1]}".replace("_", "-")) if whole else value
