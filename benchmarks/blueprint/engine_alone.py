"""The engine in a process of its own, without Ansible: plans shop at stage 4 and says what it would change.

``python -m benchmarks.blueprint.engine_alone URL RESOURCES.json``; credentials come from the environment.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.engine import plan_for
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds

REGION = "ap-northeast-2"


def main(url: str, file: str) -> None:
    resources = json.loads(Path(file).read_text(encoding="utf-8"))["resources"]
    entries = read(resources, kinds(), REGION)
    goal = Goal("shop", "stage4", REGION, entries, {}, prune=True)
    plan = plan_for(Account(REGION, endpoint_url=url), goal, kinds())
    print(json.dumps([step.key for step in plan.steps if step.verb != "keep"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
