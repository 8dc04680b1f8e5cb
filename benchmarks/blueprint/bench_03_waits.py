"""How long an apply takes beside the longest chain of waits in it.

The emulator makes everything at once; its answers are changed so that a database takes 30 s, a cache 20 s, a NAT
gateway and a load balancer 10 s, and so on. The longest chain is the sum of those along the path of references that
takes longest; nobody can be faster than that. One after the other is what a playbook of single tasks would wait.
``python -m benchmarks.blueprint.bench_03_waits``
"""

from __future__ import annotations

import sys
import time

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.apply import apply
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.engine import plan_for
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.graph import needs, ordered
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from benchmarks.table import show
from tests.support.aws.apps import resources
from tests.support.aws.delays import DELAYS, SECONDS
from tests.support.aws.emulators import moto
from tests.support.aws.faults import FaultyAccount
from tests.support.aws.runs import goal

TARGET = 1.15


def longest_chain(wanted: Goal) -> tuple[float, list[str]]:
    """Seconds of the longest path of references, and the entries on it that take any."""
    graph = needs(wanted.entries, kinds())
    ends: dict[str, tuple[float, list[str]]] = {}
    for key in ordered(graph):
        before = max((ends[one] for one in graph[key]), default=(0.0, []), key=lambda end: end[0])
        own = SECONDS.get(key.split("/")[0], 0.0)
        ends[key] = (before[0] + own, [*before[1], key] if own else before[1])
    return max(ends.values(), key=lambda end: end[0])


def main(apps: list[str]) -> None:
    rows = []
    for name in apps or ["shop"]:
        with moto() as emulator:
            wanted = goal(resources(name, "stage4"), name)
            account = FaultyAccount(emulator, delays=DELAYS)
            plan = plan_for(account, wanted, kinds())
            calls, began = account.requests, time.monotonic()
            apply(account, wanted, plan, kinds())
            seconds = time.monotonic() - began
        chain, path = longest_chain(wanted)
        rows.append(
            {
                "app": name,
                "resources": len(wanted.entries),
                "apply s": f"{seconds:.1f}",
                "longest chain s": f"{chain:.0f}",
                "times as long": f"{seconds / chain:.2f}",
                "one after the other s": f"{sum(SECONDS.get(entry.kind, 0) for entry in wanted.entries):.0f}",
                "API calls": account.requests - calls,
                "chain": " -> ".join(path),
            }
        )
    show("Waits: an apply beside its longest chain", rows, f"issue: at most {TARGET}")


if __name__ == "__main__":
    main(sys.argv[1:])
