"""An app on its way from one stage to another, as a blueprint: what either of the two needs. Pure.

While the app moves, requests come by the old way and by the new one. So nothing of the old stage goes yet: a security
group lets in whom either stage lets in, a role may do what either stage needs, and the app's names lead to the old edge
until they are switched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._app.model import App
from ..presets import on_fleet
from .blueprint import blueprint
from .site import Entry

NAMES = "dns_record"
# RFC 8555, section 8.3
CHALLENGES = "/.well-known/acme-challenge/*"


def between(app: App, before: str | None, stage: str, *, switched: bool = False) -> list[Entry]:
    """The entries of ``stage``, and with them what ``before`` has and ``stage`` has not.

    ``before`` is None for an app that stands nowhere yet. Once ``switched``, its names lead to the edge of ``stage``.

    :raises StairwayError: as ``blueprint`` does.
    """
    new = blueprint(app, stage)
    if before is None or before == stage or "local" in (before, stage):
        return new
    old = {_key(entry): entry for entry in blueprint(app, before)}
    keys = {_key(entry) for entry in new}
    merged = [_both(old.get(_key(entry)), entry, switched=switched) for entry in new]
    every = merged + [entry for key, entry in old.items() if key not in keys]
    return _with_challenges(every) if on_fleet(app, before) and not on_fleet(app, stage) else every


def changes_edge(app: App, before: str | None, stage: str) -> bool:
    """Whether users are to find the app somewhere else: a fleet where one host was, or the other way round."""
    if before is None:
        return False
    return on_fleet(app, before) != on_fleet(app, stage)


def _with_challenges(entries: list[Entry]) -> list[Entry]:
    """A host gets its certificate before users come to it: until then the load balancer hands it what the authority
    asks for.
    """
    found = {_key(entry): entry for entry in entries}
    group, door = found.get(("security_group", "alb")), found.get(("listener", "http"))
    if group is None or door is None or ("instance", "app") not in found:
        return entries
    way = {"port": 80, "to": "app", "description": "challenges of the certificate authority"}
    rule = {"priority": 1, "paths": [CHALLENGES], "action": {"forward": "challenges"}}
    changed = {
        ("security_group", "alb"): {**group, "egress": _joined([way], group.get("egress", []))},
        ("listener", "http"): {**door, "rules": [rule, *door.get("rules", [])]},
    }
    return [*(changed.get(_key(entry), entry) for entry in entries), _challenges(group["vpc"])]


def _challenges(vpc: str) -> Entry:
    # an edge answers anything on port 80 with a redirect at least
    health = {"path": "/", "interval_seconds": 5, "timeout_seconds": 2, "healthy_threshold": 2, "codes": "200-499"}
    return {
        "target_group": "challenges",
        "vpc": vpc,
        "port": 80,
        "protocol": "HTTP",
        "health_check": health,
        "instances": ["app"],
    }


def _key(entry: Mapping[str, Any]) -> tuple[str, str]:
    kind, name = next(iter(entry.items()))
    return kind, name


def _both(old: Entry | None, new: Entry, *, switched: bool) -> Entry:
    if old is None:
        return new
    kind = next(iter(new))
    if kind == NAMES:
        return new if switched else old
    merge = _MERGED.get(kind)
    return {**new, **merge(old, new)} if merge else new


def _doors(old: Entry, new: Entry) -> Entry:
    """A group without rules for the way out lets everything out, which is more than any rule."""
    merged: Entry = {"ingress": _joined(old.get("ingress", []), new.get("ingress", []))}
    if "egress" in old and "egress" in new:
        merged["egress"] = _joined(old["egress"], new["egress"])
    return merged


def _rights(old: Entry, new: Entry) -> Entry:
    before, after = old.get("statements", {}), new.get("statements", {})
    names = [*after, *(name for name in before if name not in after)]
    return {
        "policies": _joined(old.get("policies", []), new.get("policies", [])),
        "statements": {name: _joined(before.get(name, []), after.get(name, [])) for name in names},
    }


def _joined(old: list[Any], new: list[Any]) -> list[Any]:
    """What is new, then what only the old has; the words that describe a rule make it no other one."""
    there = [_nameless(one) for one in new]
    return new + [one for one in old if _nameless(one) not in there]


def _nameless(one: Any) -> Any:
    return {key: value for key, value in one.items() if key != "description"} if isinstance(one, dict) else one


_MERGED = {"security_group": _doors, "role": _rights}
