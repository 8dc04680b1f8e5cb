"""Bringing the engine of this host where it should be: files beside it, daemon.json, the service, logins."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._common.errors import StairwayError
from .._common.run import run
from .._common.wait import until
from .._files import converge as files
from .._files import systemd
from .._files.model import Entry
from .._files.units import Unit
from . import daemon, login
from .login import Registry

LOGIN_SECONDS = 60


@dataclass(frozen=True)
class Engine:
    """What is asked for. Without ``options`` daemon.json is left alone.

    ``entries`` and ``units`` go onto the host with daemon.json and the service: all of it, or none.
    """

    options: dict[str, Any] | None
    path: str = "/etc/docker/daemon.json"
    registries: tuple[Registry, ...] = ()
    config_dir: str = "/root/.docker"
    wait_seconds: float = 60
    entries: tuple[Entry, ...] = ()
    units: tuple[Unit, ...] = ()


def converge(engine: Engine, *, check_mode: bool) -> dict[str, Any]:
    """The arguments for ``module.exit_json``.

    :raises StairwayError: when daemon.json is refused, the engine does not answer, or a registry refuses the login.
    """
    entries, unit, kept = _daemon(engine)
    wish = files.Wish(entries=(*engine.entries, *entries), units=(*engine.units, unit))
    done = files.converge(wish, check_mode=check_mode)
    result = {**done.result(), "kept_options": kept, "notes": done.notes}
    if not check_mode:
        result["version"] = _answer(engine.wait_seconds)
    result["logins"] = _log_in(engine, check_mode)
    if result["logins"]:
        result["changed"] = True
        text = "".join(f"login to {server}\n" for server in result["logins"])
        result["diff"].append(
            {"before_header": "registries", "after_header": "registries", "before": "", "after": text}
        )
    return result


def _daemon(engine: Engine) -> tuple[tuple[Entry, ...], Unit, list[str]]:
    """The entry for daemon.json and the unit that has to hear of it."""
    unit = Unit("docker.service", enabled=True, state="started", reload_on=("reload",), restart_on=("restart",))
    if engine.options is None:
        return (), unit, []
    path = Path(engine.path)
    found = daemon.parse(path.read_text(encoding="utf-8") if path.is_file() else "", engine.path)
    after = daemon.wanted(engine.options, found)
    restart = daemon.needs_restart(found, after)
    entry = Entry(
        path=engine.path,
        kind="file",
        text=_text_for(path, found, after),
        mode=0o644,
        validate=("dockerd", "--validate", "--config-file", "%s") if found != after and _can_validate() else (),
        label="restart" if restart else "reload",
    )
    # With live-restore told first, the restart that follows leaves containers running.
    soften = restart and bool(after.get("live-restore")) and not found.get("live-restore")
    unit = Unit(
        unit.name,
        enabled=True,
        state="started",
        reload_on=unit.reload_on,
        restart_on=unit.restart_on,
        reload_first=soften,
    )
    return (entry,), unit, sorted(key for key in after if key not in engine.options)


def _text_for(path: Path, found: dict[str, Any], after: dict[str, Any]) -> str:
    """The text to write. A file that says the same in another layout is left as it is."""
    if path.is_file() and found == after:
        return path.read_text(encoding="utf-8")
    return daemon.render(after)


def _can_validate() -> bool:
    return shutil.which("dockerd") is not None and daemon.can_validate(run(["dockerd", "--version"]).stdout)


def _answer(seconds: float) -> str:
    """The version of the engine that answers."""

    def ask() -> str | None:
        done = run(["docker", "version", "--format", "{{.Server.Version}}"], timeout=20)
        return done.stdout.strip() if done.ok and done.stdout.strip() else None

    version = until(ask, seconds=seconds, every=0.3)
    if version is None:
        tail = run(["docker", "version"], timeout=20).tail(3)
        journal = run(["journalctl", "--no-pager", "--output=cat", "--lines=15", "--unit=docker.service"]).tail(15)
        raise StairwayError(
            f"The Docker Engine has not answered for {seconds:g} s.",
            where="docker.service",
            fix="systemctl status docker; journalctl -u docker" if systemd.booted() else "Start dockerd.",
            log=[*tail, *journal],
        )
    return version


def _log_in(engine: Engine, check_mode: bool) -> list[str]:
    """Log in where config.json does not hold the login yet; the registry is asked only then."""
    path = Path(engine.config_dir) / "config.json"
    servers = []
    for registry in engine.registries:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if login.holds(text, registry, str(path)):
            continue
        servers.append(registry.server)
        if not check_mode:
            _ask(registry, engine.config_dir)
    if path.is_file() and path.stat().st_mode & 0o077 and not check_mode and engine.registries:
        path.chmod(0o600)
        servers = servers or [engine.registries[0].server]
    return servers


def _ask(registry: Registry, folder: str) -> None:
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    done = run(login.argv(registry, folder), stdin=registry.password, timeout=LOGIN_SECONDS)
    if not done.ok:
        raise login.refused(registry, f"{done.stdout}\n{done.stderr}", done.tail(4))
