"""Sets a database that AWS runs back to a moment, on the controller, so that it can say how far it is."""

from __future__ import annotations

import dataclasses
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.stairway.cloud.plugins.module_utils._app.plain import plain
from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Plan
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.text import text
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.view import view
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import Book, load
from ansible_collections.stairway.cloud.plugins.module_utils._restores.work import Asked, Restoring
from ansible_collections.stairway.cloud.plugins.plugin_utils._progress import Progress

STATES = ("prepared", "switched", "back", "discarded")
ARGUMENTS: dict[str, Any] = {
    "app": {"type": "str", "required": True},
    "store": {"type": "str", "required": True},
    "at": {"type": "str", "default": ""},
    "state": {"type": "str", "choices": list(STATES), "default": "prepared"},
    "places": {"type": "dict", "required": True},
    "managed": {"type": "list", "elements": "dict", "default": []},
    "endpoints": {"type": "dict", "default": {}},
    "give_up_replicas": {"type": "bool", "default": False},
    "prices_folder": {"type": "path"},
    "region": {"type": "str", "default": ""},
    "profile": {"type": "str"},
    "endpoint_url": {"type": "str"},
}


class ActionModule(ActionBase):
    """``stairway.cloud.database_restore``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _valid, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        asked = Asked(
            app=given["app"],
            store=given["store"],
            region=given["region"],
            at=given["at"],
            places=plain(given["places"]),
            managed=plain(given["managed"]),
            endpoints=plain(given["endpoints"]),
            give_up_replicas=given["give_up_replicas"],
            check_mode=bool(self._task.check_mode),
        )
        try:
            book = _book(given["region"], given["prices_folder"])
            aws = Account(given["region"], profile=given["profile"], endpoint_url=given["endpoint_url"])
            with Progress() as progress:
                restoring = Restoring(aws, asked, progress, lambda plan: _show(plan, book))
                outcome = getattr(restoring, given["state"])()
        except StairwayError as error:
            return {**result, "failed": True, **error.result()}
        told = dataclasses.asdict(outcome)
        return {**result, **told, "text": list(outcome.text)}


def _show(plan: Plan, book: Book) -> None:
    """What will be made, and what it costs, before it is waited for."""
    Display().display("\n".join(text(view(plan, {"database": kind("database")}, book))))


def _book(region: str, folder: str | None) -> Book:
    """Without a price book a plan has no prices, and says so line by line."""
    try:
        return load(region, folder)
    except StairwayError:
        if folder is not None:
            raise
        return Book(region, {})
