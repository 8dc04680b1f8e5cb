"""Which stores are on their way or have moved, by the journals on this host, for people and for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import journal as journals
from .journal import Journal, folder_of


def standing(app: str, state: Path = journals.STATE) -> dict[str, Any]:
    """The last move of every store that has begun one.

    :raises StairwayError: when a journal cannot be read.
    """
    paths = (path for path in sorted(folder_of(app, state).glob("*.json")) if not path.name.endswith(".report.json"))
    found = [(path.stem, Journal.load(path)) for path in paths]
    return {
        "moves": [{"name": name, **_facts(journal)} for name, journal in found],
        "text": [line for name, journal in found for line in text(name, journal)],
    }


def _facts(journal: Journal) -> dict[str, Any]:
    told = ("state", "source", "target", "began", "ended", "by", "fence_seconds", "keep_source_until")
    found = {name: journal.data.get(name) for name in told}
    # cut off in its switch: the source takes no writes until the next run of the same move has looked
    turned = journal.open and (journal.data.get("flipped") or journal.data.get("turning"))
    found["left"] = journal.data.get("source") if turned else journal.left
    return {**found, "step": journal.last, "way_back": "way_back" in journal.facts and not journal.open}


def text(name: str, journal: Journal) -> list[str]:
    """The same as lines for a terminal, with what to type next. Pure."""
    data, state = journal.data, journal.data.get("state")
    way = f"{name}: from {data.get('source')} to {data.get('target')}"
    move = f"playbooks/move.yml -e store={name}"
    if journal.open:
        begun = f"{way}, begun {data.get('began')} by {data.get('by')}"
        if data.get("flipped") or journal.last in ("unfence", "keep"):
            return [f"{begun}: switched, and not tidied up yet", "  go on: the same command again"]
        give_up = f"{move} -e to={data.get('target')} -e abort=true"
        return [
            f"{begun}: it has come to {journal.last or 'its beginning'}",
            f"  go on: the same command again; or give it up: {give_up}",
        ]
    if state != journals.MOVED:
        return [f"{way}: given up, {data.get('ended')}"]
    lines = [
        f"{way}: moved, {data.get('ended')}; nobody could write for {data.get('fence_seconds')} s",
        f"  what it left there stays, read-only, until {data.get('keep_source_until')} at least",
    ]
    if "way_back" in journal.facts:
        back = f"{move} -e to={data.get('source')}"
        lines.append(f"  a way back is kept, and takes room. To go it: {back} -e way_back={name}")
        lines.append(f"  to let go of it: {back} -e abort=true")
    return lines
