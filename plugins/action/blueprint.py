"""Makes an AWS account match a blueprint. Runs on the controller, so that it can say how far it is."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.apply import ApplyError, apply
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.engine import plan_for
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.graph import without
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.guard import GiveUp
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Timed
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.data import data
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.limit import check_limit
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.markdown import markdown
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.text import text
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.view import view
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import Book, load
from ansible_collections.stairway.cloud.plugins.plugin_utils._progress import Progress

ARGUMENTS: dict[str, Any] = {
    "app": {"type": "str", "required": True},
    "stage": {"type": "str", "default": ""},
    "region": {"type": "str", "required": True},
    "resources": {"type": "list", "elements": "dict", "required": True, "no_log": True},
    "tags": {"type": "dict", "default": {}},
    "prune": {"type": "bool", "default": False},
    "later": {"type": "list", "elements": "str", "default": []},
    "give_up": {"type": "dict", "default": {}},
    "secret_values": {"type": "dict", "default": {}, "no_log": True},
    "max_monthly": {"type": "float"},
    "prices_folder": {"type": "path"},
    "free_tier": {"type": "bool", "default": False},
    "show": {"type": "bool", "default": True},
    "profile": {"type": "str"},
    "endpoint_url": {"type": "str"},
}
# Nobody waited for what was shorter.
LEAST_SECONDS = 0.1
DONE = {"keep": "", "make": "created", "change": "changed", "link": "linked", "remove": "deleted"}


class ActionModule(ActionBase):
    """``stairway.cloud.blueprint``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _valid, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        try:
            return {**result, **self._converge(arguments)}
        except ApplyError as error:
            return {**result, "failed": True, **error.result(), "timeline": _timeline(error.times)}
        except StairwayError as error:
            return {**result, "failed": True, **error.result()}

    def _converge(self, arguments: dict[str, Any]) -> dict[str, Any]:
        known = kinds()
        region = arguments["region"]
        entries = read(_with_values(arguments["resources"], arguments["secret_values"]), known, region)
        if arguments["prune"] and arguments["later"]:
            raise StairwayError(
                "What is left for later would be taken away.", expected="prune or later", found="both of them"
            )
        goal = Goal(
            app=arguments["app"],
            stage=arguments["stage"],
            region=region,
            entries=without(entries, arguments["later"], known),
            tags={key: str(value) for key, value in arguments["tags"].items()},
            prune=arguments["prune"],
            give_up=GiveUp({key: str(value) for key, value in arguments["give_up"].items()}),
        )
        aws = Account(region, profile=arguments["profile"], endpoint_url=arguments["endpoint_url"])
        plan = plan_for(aws, goal, known)
        gc.freeze()  # botocore's models stay until this worker process ends: nobody need look through them for garbage
        seen = view(plan, known, _book(region, arguments["prices_folder"]), free_tier=arguments["free_tier"])
        shown = text(seen)
        if arguments["show"] and (plan.changed or self._task.check_mode):
            Display().display("\n".join(shown))
        check_limit(seen, arguments["max_monthly"])
        result = {
            "changed": plan.changed,
            "differs": plan.changed,
            "plan": data(seen),
            "text": shown,
            "markdown": markdown(seen),
        }
        if self._task.diff:
            result["diff"] = [{"prepared": "\n".join(text(seen, details=True)) + "\n"}]
        if not self._task.check_mode:
            with Progress() as progress:
                outcome = apply(aws, goal, plan, known, progress)
            result["outputs"] = {key: dict(value) for key, value in outcome.outputs.items()}
            result["timeline"] = _timeline(outcome.times)
        else:
            result["outputs"] = plan.outputs()
        return {**result, "calls": dict(aws.calls)}


def _with_values(resources: list[dict[str, Any]], values: dict[str, Any]) -> list[dict[str, Any]]:
    """The resources with what their secrets are to hold: apart until here, so that a blueprint can be shown."""
    return [{**one, "value": values[name]} if (name := one.get("secret")) in values else one for one in resources]


def _book(region: str, folder: str | None) -> Book:
    """Without a price book a plan has no prices, and says so line by line."""
    try:
        return load(region, folder)
    except StairwayError:
        if folder is not None:
            raise
        return Book(region, {})


def _timeline(times: Sequence[Timed]) -> list[dict[str, Any]]:
    """What took time, and what that had waited for, in the order in which it ended."""
    kept: list[Timed] = []
    named: set[str | None] = set()
    for one in reversed(times):
        if one.failed or one.ended - one.began >= LEAST_SECONDS or one.name in named:
            kept.append(one)
            named.add(one.waited_for)
    return [
        {**asdict(one), "does": DONE[one.does], "began": round(one.began, 1), "ended": round(one.ended, 1)}
        for one in reversed(kept)
    ]
