"""What a host gets so that it makes backups by itself: its settings, the program, and the timers. Pure but for reading
the sources of the program.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from .._app.model import App, Backups
from .._app.scalars import size_bytes
from .._fleet.pack import whole
from .compose import store_service
from .host import host_facts, volume_path
from .presets import on_fleet
from .stores import data_folder, store_files

ENTRY = "_backups.main"
# The first letters are a name of their own, so that these packages are nobody else's.
PACKAGE = "stairway"
PROGRAM = "/usr/local/lib/stairway/backups"
UNITS = "/etc/systemd/system"
DRILL_MINUTES_LATER = 90
MODULE_UTILS = Path(__file__).resolve().parent.parent
_BANNER = "# Managed by Stairway: changes here are overwritten.\n"
_SERVICE = """{banner}[Unit]
Description=Stairway: {what} of {app}
Wants=network-online.target
After=network-online.target docker.service

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -I -B {program} {app} {word}
ExecStopPost=-/usr/bin/python3 -I -B {program} {app} ended
Environment=STAIRWAY_HOST=%H
TimeoutStartSec=13h
KillMode=mixed
Nice=10
IOSchedulingClass=best-effort
IOSchedulingPriority=7
UMask=0077
"""
_TIMER = """{banner}[Unit]
Description=Stairway: when there is a {what} of {app}

[Timer]
OnCalendar=*-*-* {at}:00 {timezone}
Persistent=true
AccuracySec=1min

[Install]
WantedBy=timers.target
"""
Entry = dict[str, Any]


def backs_up(app: App, stage: str) -> bool:
    """Whether a host of this stage has anything to back up."""
    if app.backups is None or stage == "local" or on_fleet(app, stage):
        return False
    return bool(host_facts(app, stage)["stores"] or (app.backups.files_password and _volumes(app)))


def setup(app: App, stage: str, root: str = "/etc/stairway") -> dict[str, Any]:
    """``entries``, ``packages`` and ``units`` for ``stairway.cloud.files``. Holds secrets."""
    names = [f"stairway-{word}-{app.name}" for word in ("backup", "drill")]
    if not backs_up(app, stage) or app.backups is None:
        gone = [f"{UNITS}/{name}.{kind}" for name in names for kind in ("timer", "service")]
        entries = [{"path": path, "state": "absent"} for path in [*gone, f"{root}/{app.name}/backups/settings.json"]]
        return {"entries": entries, "packages": [], "units": []}
    backups = app.backups
    told = json.dumps(settings(app, stage, root), indent=1, sort_keys=True) + "\n"
    drills = backups.drill.every_days > 0
    units = [*_units(app, "backup", backups.at, backups.timezone)]
    if drills:
        units += _units(app, "drill", later(backups.at, DRILL_MINUTES_LATER), backups.timezone)
    return {
        "entries": [
            *(
                {"path": path, "state": "directory", "mode": "0700"}
                for path in (f"{root}/{app.name}", f"{root}/{app.name}/backups")
            ),
            {"path": f"{root}/{app.name}/backups/settings.json", "secret_content": told, "mode": "0600"},
            *program(),
            *units,
        ],
        "packages": packages(backups),
        "units": [
            {"name": f"{name}.timer", "enabled": True, "state": "started", "restart_on": [name]}
            for name in (names if drills else names[:1])
        ],
    }


def settings(app: App, stage: str, root: str = "/etc/stairway") -> dict[str, Any]:
    """As ``_backups/model.py`` reads them."""
    backups = app.backups
    if backups is None:
        return {}
    alerts, drill = app.alerts, backups.drill
    region = backups.region or (app.cloud.region if app.cloud is not None else "us-east-1")
    return {
        "app": app.name,
        "place": {
            "to": backups.to,
            "region": region,
            "endpoint": backups.endpoint,
            "access_key": backups.access_key,
            "secret_key": backups.secret_key,
        },
        "keep_days": backups.keep_days,
        "keep_least": backups.keep_least,
        "seal": {
            "age": list(backups.encrypt.age) if backups.encrypt else [],
            "gpg": backups.encrypt.gpg if backups.encrypt else None,
        },
        "slack": alerts.slack_webhook,
        "slack_success": backups.notify == "always",
        "drill": None
        if not drill.every_days
        else {
            "every_days": drill.every_days,
            "alarm_days": drill.alarm_days,
            "probes": [{"store": one.store, "query": one.query, "expect": one.expect} for one in drill.probes],
        },
        "rto_minutes": backups.rto_minutes,
        "rpo_minutes": backups.rpo_minutes,
        "stores": [_store(app.name, one, f"{root}/{app.name}/stores/{one['name']}") for one in _stores(app, stage)],
        "volumes": _volumes(app),
        "files_password": backups.files_password,
    }


def packages(backups: Backups) -> list[str]:
    """The Debian packages that this needs."""
    kind = [] if backups.encrypt is None else ["age"] if backups.encrypt.age else ["gpg", "gpg-agent"]
    return ["zstd", *kind, *(["restic"] if backups.files_password else [])]


@functools.cache
def _sources() -> tuple[tuple[str, str], ...]:
    modules = {f"{PACKAGE}/{path}": text for path, text in whole(MODULE_UTILS, ENTRY).items()}
    folders = {str(parent) for path in modules for parent in Path(path).parents if parent.name}
    start = f"import sys\n\nfrom {PACKAGE}.{ENTRY} import main\n\nsys.exit(main(sys.argv[1:]))\n"
    found = {"__main__.py": start, **{f"{folder}/__init__.py": "" for folder in folders}, **modules}
    return tuple(sorted(found.items()))


def program() -> list[Entry]:
    """The program, file by file, as somebody on the host can read it."""
    sources = _sources()
    folders = sorted({str(Path(f"{PROGRAM}/{path}").parent) for path, _text in sources})
    return [
        *({"path": folder, "state": "directory", "mode": "0755"} for folder in ("/usr/local/lib/stairway", *folders)),
        *({"path": f"{PROGRAM}/{path}", "content": text, "mode": "0644"} for path, text in sources),
    ]


def later(at: str, minutes: int) -> str:
    """A time of the day so many minutes after another."""
    hour, minute = (int(part) for part in at.split(":"))
    moved = (hour * 60 + minute + minutes) % (24 * 60)
    return f"{moved // 60:02d}:{moved % 60:02d}"


def _units(app: App, word: str, at: str, timezone: str) -> list[Entry]:
    what = {"backup": "backup", "drill": "restore drill"}[word]
    names = {"banner": _BANNER, "app": app.name, "program": PROGRAM, "what": what, "word": word}
    name = f"stairway-{word}-{app.name}"
    return [
        {"path": f"{UNITS}/{name}.service", "content": _SERVICE.format(**names), "mode": "0644"},
        {
            "path": f"{UNITS}/{name}.timer",
            "content": _TIMER.format(**names, at=at, timezone=timezone),
            "mode": "0644",
            "label": name,
        },
    ]


def _stores(app: App, stage: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = host_facts(app, stage)["stores"]
    return found


def _volumes(app: App) -> list[dict[str, str]]:
    names = dict.fromkeys(volume.name for service in app.services for volume in service.volumes)
    return [{"name": name, "path": volume_path(app.name, name)} for name in names]


def _store(app: str, store: dict[str, Any], folder: str) -> dict[str, Any]:
    service = store_service(store, folder)
    files = store_files(store, "", size_bytes(store["memory"]))
    mounts = [{"source": f"{folder}/{one.name}", "target": one.target, "writable": False} for one in files]
    if store["engine"] != "redis":
        mounts.append({"source": f"{folder}/admin", "target": "/stairway/admin", "writable": True})
    return {
        "name": store["name"],
        "engine": store["engine"],
        "image": store["image"],
        "database": store["database"] or "",
        "user": store["user"] or "",
        "container": f"{app}-{store['name']}",
        "volume": f"{app}-{store['name']}",
        "folder": data_folder(store),
        "memory": store["memory"],
        "mounts": mounts,
        "environment": service.get("environment", {}),
        "command": service.get("command", []),
    }
