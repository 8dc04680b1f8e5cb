"""Filters over a plan of ``stairway.cloud.blueprint``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._app.plain import plain
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.guard import FINAL
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds


def holding(plan: Any) -> dict[str, Any]:
    """What a plan leaves because it holds data: ``snapshot`` is what can leave a last snapshot, as ``give_up`` takes
    it; ``named`` is what the run has to name by itself.
    """
    known = kinds()
    kept = [
        (step["kind"], f"{step['kind']}/{step['name']}")
        for step in plain(plan)["steps"]
        if step["verb"] == "keep" and known[step["kind"]].data
    ]
    return {
        "snapshot": {key: FINAL for kind, key in kept if known[kind].snapshot is not None},
        "named": [key for kind, key in kept if known[kind].snapshot is None],
    }


class FilterModule:
    """The filters of the collection that read plans."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"holding": holding}
