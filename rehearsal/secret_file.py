"""Random secrets for the rehearsal's inventory: every ``vault_`` name that an app of this checkout refers to."""

from __future__ import annotations

import json
import re
import secrets
from urllib.parse import urlsplit

from . import layout, state
from .errors import RehearsalError

FILE = state.ROOT / "inventories" / "rehearsal" / "group_vars" / "all" / "secrets.yml"
REGISTRY = "rehearsal_registry_password"
ATLAS = "vault_atlas_url"
_MONGODB = "mongodb://"
_NAME = re.compile(r"\bvault_[a-z0-9_]+")
_LINE = re.compile(r'^([a-z0-9_]+): (".*")$', re.MULTILINE)
_HEAD = (
    "# Made by python3 -m rehearsal up. These secrets are worth nothing outside this machine, and git ignores them.\n"
)


def names_in(texts: list[str]) -> set[str]:
    """Every ``vault_`` variable that one of the texts names. Pure."""
    return {name for text in texts for name in _NAME.findall(text)}


def completed(existing: str, names: set[str], fixed: dict[str, str]) -> str:
    """The file with a value for each name; what has a good one keeps it, except that ``fixed`` says otherwise."""
    kept = {name: str(json.loads(value)) for name, value in _LINE.findall(existing)}
    values = {name: value for name, value in kept.items() if _fits(name, value)}
    for name in sorted(names):
        values.setdefault(name, _random(name))
    values.update(fixed)
    return _HEAD + "".join(f"{name}: {json.dumps(values[name])}\n" for name in sorted(values))


def ensure() -> bool:
    """The file exists in each overlay and names everything that is asked for; whether it had to be written."""
    inventories = state.ROOT / "inventories"
    asked = [path.read_text() for path in sorted(inventories.glob("*/group_vars/**/*.yml")) if path.name != FILE.name]
    existing = FILE.read_text() if FILE.exists() else ""
    fixed = {REGISTRY: state.REGISTRY_PASSWORD.read_text().strip()}
    wanted = completed(existing, names_in(asked), fixed)
    files = [overlay / "group_vars" / "all" / FILE.name for overlay in sorted(inventories.glob("rehearsal*"))]
    stale = [file for file in files if not file.exists() or file.read_text() != wanted]
    for file in stale:
        state.write(file, wanted, mode=0o600)
    return bool(stale)


def atlas() -> tuple[str, str]:
    """User and password of the database that stands for Atlas.

    :raises RehearsalError: when no inventory asks for one.
    """
    values = dict(_LINE.findall(FILE.read_text() if FILE.exists() else ""))
    if ATLAS not in values:
        raise RehearsalError("No inventory has a URL of Atlas.", fix="python3 -m rehearsal up")
    url = urlsplit(json.loads(values[ATLAS]))
    return url.username or "", url.password or ""


def _random(name: str) -> str:
    if name.endswith("webhook"):
        return f"http://{layout.HOOKS.domain}:{layout.HOOKS.port}/services/{secrets.token_urlsafe(12)}"
    if name.endswith("phone"):
        return f"+8210{secrets.randbelow(10**8):08}"
    if name == ATLAS:
        where = f"{layout.ATLAS.domain}:{layout.ATLAS.port}"
        return f"{_MONGODB}chat:{secrets.token_hex(24)}@{where}/chatdb?authSource=admin"
    return secrets.token_hex(24) if name.endswith("cache_password") else secrets.token_urlsafe(24)


def _fits(name: str, value: str) -> bool:
    """Whether AWS takes it: a telephone has a number, and the passwords of ElastiCache have few signs."""
    if name.endswith("phone"):
        return value.startswith("+")
    if name == ATLAS:
        return value.startswith(_MONGODB)
    return not name.endswith("cache_password") or value.isalnum()
