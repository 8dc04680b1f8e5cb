"""The plan of an example app as ``plan.yml`` prints it for an account with nothing in it."""

from __future__ import annotations

import functools
import json
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal, make_plan
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.view import View, view
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import load
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.inventories import app

# an Atlas cluster has been made by hand before stage 2
VAULT: dict[str, str | None] = {"vault_atlas_url": "mongodb+srv://chat:p%40s@cluster.example.mongodb.net/chatdb"}


def goal(name: str, stage: str, over: dict[str, Any] | None = None) -> Goal:
    """What ``plan.yml`` asks for: the preset of an inventory at a stage, with ``over`` laid over its app."""
    given = app(name, over, VAULT)
    assert given.cloud is not None
    region = given.cloud.region
    return Goal(given.name, stage, region, read(blueprint(given, stage), kinds(), region), {}, prune=True)


@functools.cache
def printed(name: str, stage: str, over: str = "{}") -> View:
    """That plan with its prices. ``over`` is JSON."""
    wanted = goal(name, stage, json.loads(over))
    return view(make_plan(wanted, {}, kinds()), kinds(), load(wanted.region))
