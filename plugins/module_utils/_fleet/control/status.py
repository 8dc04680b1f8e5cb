"""Where a fleet stands: which machine serves which version, and why one does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..._aws.account import Account
from ..._aws.limits import advice
from . import calls, lease, note, order, parameters, publish
from .view import Member, View


def status(aws: Account, app: str, group: str) -> dict[str, Any]:
    """The current release, the good ones, a rollout that is not at its end, and each machine; ``text`` for people."""
    current, _at = publish.current(aws, app)
    found = calls.group(aws, group)
    view = calls.look(aws, app, group) if found else View(0, ())
    noted = note.read(aws, app)
    refresh = (
        next((one for one in calls.refreshes(aws, group) if one["Status"] not in order.ENDED), None) if found else None
    )
    holder, _version = parameters.data(aws, lease.path(app))
    release = current.release if current else ""
    answer = {
        "current": None
        if current is None
        else {"release": current.release, "version": current.version, "at": current.at, "by": current.by},
        "complete": bool(current) and view.complete(release),
        "desired": view.desired,
        "unable": view.unable,
        "machines": [machine(one, release) for one in view.members],
        "outdated": sorted(calls.outdated(aws, found)) if found else [],
        "releases": [asdict(one) for one in publish.good(aws, app)],
        "rollout": asdict(noted) if noted else None,
        "lock": dict(holder) if isinstance(holder, Mapping) else None,
        "refresh": None if refresh is None else {"id": refresh["InstanceRefreshId"], "status": refresh["Status"]},
    }
    return {**answer, "text": text(app, answer)}


def machine(one: Member, release: str) -> dict[str, Any]:
    said = one.machine
    return {
        "instance": one.instance,
        "zone": one.zone,
        "version": said.version if said else None,
        "release": one.release,
        "serves": one.serves(release),
        "healthy": one.well,
        "state": said.state if said else None,
        "why": one.why_ill or ("" if one.lifecycle == "InService" else one.lifecycle),
        "error": dict(said.error) if said and said.error else None,
    }


def text(app: str, answer: Mapping[str, Any]) -> list[str]:
    """As lines for a terminal. Pure."""
    current = answer["current"]
    if current is None:
        return [f"{app}: nothing was released to the fleet yet"]
    serving = sum(one["serves"] for one in answer["machines"])
    lines = [f"{app} {current['version']}, released {current['at']} by {current['by']}"]
    lines.append(f"  {serving} of {answer['desired']} machines serve it")
    for one in answer["machines"]:
        state = "serves" if one["healthy"] else one["why"] or one["state"] or "has not said anything yet"
        older = ", from an older launch template" if one["instance"] in answer["outdated"] else ""
        lines.append(f"  {one['instance']} in {one['zone']}: {one['version'] or '-'}, {state}{older}")
        if one["error"]:
            lines.append(f"    {one['error'].get('message')}")
    if answer["unable"]:
        lines.append(f"  no more machines start: {answer['unable']}")
        lines.append(f"    {advice(answer['unable']) or 'see the activities of the Auto Scaling group'}")
    noted = answer["rollout"]
    if noted:
        way = "on the way back from" if noted["way"] == note.BACK else "on the way to"
        lines.append(f"  {way} {noted['version']}, begun {noted['at']} by {noted['by']}")
        if not answer["lock"]:
            lines.append("    nobody works on it: run release.yml with that version again, or rollback.yml")
    kept = [f"{one['version']} ({one['at']}, {one['state']})" for one in answer["releases"]]
    if kept:
        lines.append(f"  last releases: {', '.join(kept)}")
    return lines
