"""The journal of an app: which stage it stands on, and how far a walk to another one has come. Pure.

A journal is a dictionary without any secret: ``stage``, ``places`` (where each store is) and ``endpoints`` say where
the app last stood still. ``walk`` is there while it is on its way: since when, by whom, from where, where to, and which
``steps`` were begun and done; ``last`` is the walk before. A walk that was cut off goes on with its steps, as all of
them may be done again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Journal = dict[str, Any]
SCHEMA = 1


def opened(journal: Mapping[str, Any], app: str, stage: str, by: str, now: str) -> Journal:
    """The journal with a walk to ``stage``; nothing changes when the app stands there already."""
    found: Journal = {"schema": SCHEMA, "app": app, "stage": None, **journal}
    walk = found.get("walk")
    if walk and walk["to"] == stage:
        return {**found, "walk": {**walk, "by": by}}
    if not walk and found["stage"] == stage:
        return found
    began: Journal = {"from": found["stage"], "to": stage, "by": by, "began": now, "steps": {}}
    if walk:
        began["instead_of"] = walk["to"]
    return {**found, "walk": began}


def begun(journal: Mapping[str, Any], step: str, now: str) -> Journal:
    """``step`` begins, and the ones before it are done. Without a walk nothing is noted."""
    walk = journal.get("walk")
    if not walk:
        return dict(journal)
    steps = {name: {**one, "done": one.get("done") or now} for name, one in walk["steps"].items() if name != step}
    return {**journal, "walk": {**walk, "steps": {**steps, step: {"begun": now}}}}


def settled(
    journal: Mapping[str, Any],
    stage: str,
    now: str,
    *,
    places: Mapping[str, str],
    endpoints: Mapping[str, Any],
) -> Journal:
    """The app stands on ``stage``; the walk is over."""
    here = {**journal, "schema": SCHEMA, "stage": stage, "places": dict(places), "endpoints": dict(endpoints)}
    walk = here.pop("walk", None)
    if walk:
        steps = {name: {**one, "done": one.get("done") or now} for name, one in walk["steps"].items()}
        here["last"] = {**walk, "steps": steps, "ended": now}
    if walk or journal.get("stage") != stage:
        here["since"] = now
    return here


def text(journal: Mapping[str, Any]) -> list[str]:
    """Where the app stands, as lines for a terminal."""
    app = journal.get("app", "the app")
    stage = journal.get("stage")
    if not stage and not journal.get("walk"):
        return [f"{app}: no stage has been reached yet"]
    since = f" since {journal['since']}" if journal.get("since") else ""
    lines = [f"{app}: stands on {stage}{since}" if stage else f"{app}: no stage has been reached yet"]
    for name, place in (journal.get("places") or {}).items():
        where = (journal.get("endpoints") or {}).get(name)
        lines.append(f"  {name}: {place}" + (f" at {where['host']}:{where['port']}" if where else ""))
    walk = journal.get("walk")
    if walk:
        lines.append(f"  on its way to {walk['to']}, begun {walk['began']} by {walk['by']}")
        for name, one in walk["steps"].items():
            lines.append(f"    {name:10} " + (f"done {one['done']}" if one.get("done") else f"begun {one['begun']}"))
        lines.append(f"  it goes on with: ansible-playbook playbooks/{walk['to']}.yml")
    return lines
