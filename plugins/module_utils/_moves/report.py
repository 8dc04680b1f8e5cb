"""What was compared, for people and for programs, kept beside the journal: ``<store>.report.json`` and ``.txt``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .._common import atomic
from .._common.errors import StairwayError
from .journal import Journal, now
from .model import Survey, Verification, Wish

MOST = 20


def path_of(journal: Journal, ending: str) -> Path:
    return journal.path.with_suffix(f".report.{ending}")


def save(journal: Journal, step: str, found: Verification) -> None:
    """Add what ``step`` compared to the report of this move."""
    path = path_of(journal, "json")
    whole: dict[str, Any] = {}
    if path.exists():
        whole = json.loads(path.read_text(encoding="utf-8"))
    if whole.get("began") != journal.data["began"]:
        about = ("store", "engine", "source", "target", "began", "by", "survey")
        whole = {name: journal.data.get(name) for name in about}
    whole[step] = {"at": now(), **found.plain()}
    atomic.write(path, json.dumps(whole, indent=1, sort_keys=True) + "\n", mode=0o600)
    atomic.write(path_of(journal, "txt"), "\n".join(text(whole)) + "\n", mode=0o600)


def text(whole: dict[str, Any]) -> list[str]:
    """The report for a terminal. Pure."""
    lines = [
        f"{whole['store']} ({whole['engine']}): from {whole['source']} to {whole['target']}, begun {whole['began']}"
    ]
    for step, words in (("check", "everything, as of the copy"), ("verify", "behind the fence")):
        found = whole.get(step)
        if not found:
            continue
        wrong = len(found["differences"])
        lines += ["", f"Compared {words}, {found['at']}, {found['seconds']:.1f} s: {wrong or 'no'} difference(s)"]
        lines += [f"  {one['kind']} {one['name']}: {one['source']} | {one['target']}" for one in found["differences"]]
        for name, one in sorted(found["tables"].items()):
            lines.append(f"  {name:40} " + "  ".join(f"{key} {value}" for key, value in one.items()))
        counted = ", ".join(f"{number} {kind}" for kind, number in sorted(found["objects"].items()))
        lines.append(f"  the same on both sides: {counted or 'nothing else'}")
    return lines


def refused(wish: Wish, found: Survey) -> StairwayError:
    """The preflight's no, with everything that has to change."""
    first = found.refusals[0]
    return StairwayError(
        f"The store {wish.store} cannot be moved as it is: {first.what}",
        where=first.where or None,
        found=f"{len(found.refusals)} thing(s) that hinder; nothing was touched",
        fix=first.fix or None,
        log=[f"{one.what} ({one.where}) {one.fix}".replace(" ()", "").strip() for one in found.refusals[1:]],
    )


def differs(wish: Wish, found: Verification, journal: Journal) -> StairwayError:
    """Both sides are not the same."""
    shown = [str(one) for one in found.differences[:MOST]]
    more = len(found.differences) - len(shown)
    return StairwayError(
        f"The copy of {wish.store} is not the same as its source. The app stays where it is.",
        where=f"{wish.source.words}, {wish.target.words}",
        expected="the same rows, sequences and definitions on both sides",
        found=shown[0],
        fix=f"see {path_of(journal, 'txt')}; give the move up with -e abort=true, and begin it again",
        log=[*shown[1:], *([f"and {more} more"] if more else [])],
    )
