"""How the backups of an app are, by what its host remembers."""

from __future__ import annotations

import time
from typing import Any

from .._common.errors import StairwayError
from . import catalogue, files, restic, state, words
from .model import Settings
from .places import Host, settings, target
from .restic import Snapshot


def status(host: Host) -> dict[str, Any]:
    """``text`` for people, ``state`` for programs, ``verified`` for a plan that takes data away. Asks the host alone.

    :raises StairwayError: when the host makes no backups of the app.
    """
    given, known = settings(host), state.read(host)
    alarm = given.drill.alarm_days if given.drill is not None else None
    for store in given.stores:
        state.of_store(known, store.name)
    lines = words.standing(
        known, time.time(), rpo_minutes=given.rpo_minutes, rto_minutes=given.rto_minutes, alarm=alarm
    )
    note = (known.get("files", {}).get("drill") or {}).get("note")
    if note:
        lines.append(f"files: {note}")
    if given.seal.kind == "none":
        lines.append("These backups are not encrypted: see app.backups.encrypt.")
    return {"text": lines, "state": known, "verified": verified(given, known)}


def verified(given: Settings, known: dict[str, Any]) -> str:
    """When the oldest of the newest proven backups of every store was made; empty when a store has none. Pure."""
    times = [(state.of_store(known, store.name).get("drill") or {}).get("made") for store in given.stores]
    if not times or None in times:
        return ""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(one for one in times if one is not None)))


def listed(host: Host, only: str | None = None) -> dict[str, Any]:
    """Every backup at its place: ``text`` for people, ``backups`` for programs.

    What keeps the files from being listed stands in ``text``, and hides no store.

    :raises StairwayError: when the place of the stores cannot be read.
    """
    given = settings(host)
    place = target(given.app, given.place)
    rows: list[tuple[str, ...]] = [("store", "backup", "size", "rows", "")]
    found = []
    for store in given.stores:
        if only not in (None, store.name):
            continue
        known = catalogue.read(place, store.name)
        for one in known.whole:
            rows.append((store.name, one.id, words.size(one.bytes), str(one.rows), one.note or "good"))
            found.append({"store": store.name, "id": one.id, "bytes": one.bytes, "made": one.made, "good": one.good})
        for bad in known.bad:
            rows.append((store.name, bad.id, "-", "-", f"damaged: {bad.why}"))
            found.append({"store": store.name, "id": bad.id, "good": False, "why": bad.why})
    said: list[str] = []
    if files.wanted(given) and only in (None, "files"):
        try:
            snapshots = restic.snapshots(host, given)
            said = [] if snapshots else ["There is no backup of the files yet: ansible-playbook playbooks/backup.yml"]
        except StairwayError as error:
            snapshots, said = [], ["The backups of the files cannot be listed:", *str(error).splitlines()]
        rows += [_row(one) for one in snapshots]
        found += [
            {"store": "files", "id": one.name, "bytes": one.bytes, "made": one.made, "good": one.good}
            for one in snapshots
        ]
    return {"text": [*words.table(rows), *said], "backups": found}


def _row(one: Snapshot) -> tuple[str, ...]:
    """The name tells no time, as those of stores do."""
    size = "-" if one.bytes is None else words.size(one.bytes)
    return ("files", one.name, size, "-" if one.files is None else str(one.files), files.standing(one))
