"""systemd units: what is wanted, what stands, and the systemctl calls between the two. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PROPERTIES = (
    "Id",
    "Names",
    "LoadState",
    "ActiveState",
    "UnitFileState",
    "NeedDaemonReload",
    "ConditionResult",
    "ConditionTimestampMonotonic",
)
_ON = ("enabled", "enabled-runtime", "static", "indirect", "alias", "generated")
_RUNS = ("active", "reloading", "activating")


@dataclass(frozen=True)
class Unit:
    """One unit as it should be.

    ``probe`` is a command that succeeds while the unit does its work; ``reload_first`` reloads it before a restart.
    """

    name: str
    enabled: bool | None = None
    state: str | None = None
    reload_on: tuple[str, ...] = ()
    restart_on: tuple[str, ...] = ()
    probe: tuple[str, ...] = ()
    optional: bool = False
    reload_first: bool = False


@dataclass(frozen=True)
class Standing:
    """One unit as ``systemctl show`` describes it."""

    loaded: bool
    active: bool
    failed: bool
    enabled: bool
    stale: bool
    condition_failed: bool


ABSENT = Standing(loaded=False, active=False, failed=False, enabled=False, stale=False, condition_failed=False)


def parse_units(raw: Iterable[dict[str, Any]]) -> tuple[Unit, ...]:
    """The module's parameter ``units``; a name without a type is a service."""
    return tuple(
        Unit(
            name=name if "." in (name := str(item["name"])) else f"{name}.service",
            enabled=item.get("enabled"),
            state=item.get("state"),
            reload_on=tuple(item.get("reload_on") or ()),
            restart_on=tuple(item.get("restart_on") or ()),
            probe=tuple(item.get("probe") or ()),
            optional=bool(item.get("optional")),
        )
        for item in raw
    )


def show(names: Iterable[str]) -> list[str]:
    """One call that describes all of them."""
    return ["systemctl", "show", f"--property={','.join(PROPERTIES)}", "--", *names]


def parse_show(output: str, names: Iterable[str]) -> dict[str, Standing]:
    """The answer of :func:`show`: blocks of ``Name=value`` in the order asked, an empty line between them."""
    blocks = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in output.split("\n\n")]
    blocks = [block for block in blocks if block]
    return {name: _standing(block) for name, block in zip(names, blocks, strict=False)}


def _standing(block: dict[str, str]) -> Standing:
    checked = block.get("ConditionTimestampMonotonic", "0") not in ("", "0")
    return Standing(
        loaded=block.get("LoadState") == "loaded",
        active=block.get("ActiveState") in _RUNS,
        failed=block.get("ActiveState") == "failed",
        enabled=block.get("UnitFileState") in _ON,
        stale=block.get("NeedDaemonReload") == "yes",
        condition_failed=checked and block.get("ConditionResult") == "no",
    )


def power(unit: Unit, standing: Standing) -> str | None:
    """``enable`` or ``disable`` where the unit's start at boot is not as wanted."""
    if unit.enabled is None or unit.enabled == standing.enabled:
        return None
    return "enable" if unit.enabled else "disable"


def action(unit: Unit, standing: Standing, labels: Iterable[str], *, working: bool = True) -> str | None:
    """What to do with the unit now: ``start``, ``stop``, ``restart``, ``reload-or-restart``, or nothing.

    ``labels`` are those of the files that changed; ``working`` is whether the probe succeeded.
    """
    if unit.state == "stopped":
        return "stop" if standing.active else None
    if not standing.active:
        return "start" if unit.state == "started" else None
    changed = set(labels)
    if changed & set(unit.restart_on):
        return "restart"
    if changed & set(unit.reload_on):
        return "reload-or-restart"
    return None if working else "restart"
