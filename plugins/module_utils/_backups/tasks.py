"""What modules ask for: the same work as that of the timers, and restores, with results that tasks can show."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from .._common.errors import StairwayError
from . import files, restore, words
from .info import status
from .keys import ring
from .places import Host, settings, target
from .run import Report, Wish, backup, drills, locked

FILES = "files"


def make(app: str, stores: Sequence[str], *, accept: bool, actor: str) -> dict[str, Any]:
    """Backups now.

    :raises StairwayError: when one of them failed; the good ones are there.
    """
    return _result(app, backup(Host(app), Wish(tuple(stores), accept, actor)))


def prove(app: str, stores: Sequence[str], *, identity: str | None, actor: str) -> dict[str, Any]:
    """Drills now.

    :raises StairwayError: when one of them failed.
    """
    return _result(app, drills(Host(app), Wish(tuple(stores), False, actor), forced=True, identity=identity))


def bring_back(app: str, store: str, backup_id: str, *, state: str, identity: str | None, actor: str) -> dict[str, Any]:
    """One step of a restore: ``prepared``, ``switched``, ``back`` or ``discarded``.

    :raises StairwayError: when it cannot be done; until ``switched`` nothing of the app was touched.
    """
    host = Host(app)
    given = settings(host)
    with locked(host, actor, "a restore"):
        if store == FILES:
            return _files(host, backup_id, state)
        if state == "back":
            return restore.back(host, given, store)
        if state == "discarded":
            return restore.discard(host, given, store)
        with ring(host, given, identity) as keys:
            found = restore.prepare(host, given, target(given.app, given.place), keys, store, backup_id)
        told = {**found, "changed": not found["again"], "text": _prepared(store, found)}
        if state == "switched":
            switched = restore.switch(host, given, store, found["volume"])
            before = switched["before"]
            stays = f"the volume before is {before}" if before else "the volume before was thrown away"
            text = [*told["text"], f"{store} stands on it; {stays}."]
            return {**told, **switched, "text": text}
        return told


def _files(host: Host, wanted: str, state: str) -> dict[str, Any]:
    """Files are brought into a folder beside, and put in their place by a person: a volume is shared with what runs."""
    if state != "prepared":
        raise StairwayError(
            "Files are not switched.",
            expected="state: prepared",
            found=state,
            fix="take what you need from the folder that the restore has made",
        )
    found = files.restore(host, settings(host), wanted)
    made = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(found["made"]))
    text = [
        f"{found['id']} of the files, made {made}, was brought back beside the volumes:",
        *(f"{name}: {path}" for name, path in sorted(found["volumes"].items())),
        f"It takes room on the host's disk. When you have taken what you need: rm -r {found['folder']}",
    ]
    return {**found, "changed": True, "text": text}


def _prepared(store: str, found: dict[str, Any]) -> list[str]:
    made = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(found["made"]))
    rows = sum(found["rows"].values())
    if found["standing"]:
        return [
            f"{store} stands on {found['id']}, made {made}, already: on the volume {found['volume']}.",
            "What was written since the switch is in it too. To restore it once more, first throw away the volume "
            f"before: -e store={store} -e discard=true",
        ]
    return [
        f"{found['id']} of {store}, made {made}, was restored into the volume {found['volume']}",
        f"and compared with its manifest: {len(found['rows'])} tables, {rows} rows, in {words.span(found['seconds'])}.",
    ]


def _result(app: str, report: Report) -> dict[str, Any]:
    if report.failed:
        raise StairwayError(
            f"The {report.what} of {', '.join(sorted(report.failed))} failed.",
            where=app,
            found="; ".join(why for _name, why in sorted(report.failed.items())),
            expected=f"all of them good; good were {', '.join(one['name'] for one in report.done) or 'none'}",
        )
    text = [_line(one) for one in report.done] + list(status(Host(app))["text"])
    return {"changed": bool(report.done), "done": report.done, "notes": report.notes, "text": text}


def _line(one: dict[str, Any]) -> str:
    return f"{one['name']}: {one['id']}, {words.size(one['bytes'])}, {words.span(one['seconds'])}"
