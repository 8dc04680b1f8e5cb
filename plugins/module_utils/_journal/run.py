"""One entry into a journal, wherever it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .model import Journal, begun, opened, settled, text

SPEC: dict[str, Any] = {
    "app": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["read", "opened", "begun", "settled", "gone"], "default": "read"},
    "stage": {"type": "str"},
    "step": {"type": "str"},
    "by": {"type": "str", "default": "unknown"},
    "places": {"type": "dict", "default": {}},
    "endpoints": {"type": "dict", "default": {}},
}


def now() -> str:
    """The time as RFC 3339 in UTC, to the second."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def entered(journal: Mapping[str, Any], options: Mapping[str, Any], at: str) -> Journal:
    """The journal with what ``options`` ask for."""
    state = options["state"]
    if state == "opened":
        return opened(journal, options["app"], options["stage"], options["by"], at)
    if state == "begun":
        return begun(journal, options["step"], at)
    if state == "settled":
        given = {"places": options["places"], "endpoints": options["endpoints"]}
        return settled({"app": options["app"], **journal}, options["stage"], at, **given)
    return dict(journal)


def answer(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What the module says. A step that was noted is no change; a stage that was reached is one."""
    return {
        "changed": before.get("stage") != after.get("stage"),
        "journal": dict(after),
        "walking": bool(after.get("walk")),
        "text": text(after),
    }
