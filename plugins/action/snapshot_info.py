"""Says what AWS keeps of the stores that it runs, on the controller."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.stairway.cloud.plugins.module_utils._app.plain import plain
from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._snapshots.survey import lines, survey

ARGUMENTS: dict[str, Any] = {
    "stores": {"type": "list", "elements": "dict", "required": True},
    "endpoints": {"type": "dict", "required": True},
    "region": {"type": "str", "required": True},
    "profile": {"type": "str"},
    "endpoint_url": {"type": "str"},
}


class ActionModule(ActionBase):
    """``stairway.cloud.snapshot_info``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _valid, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        stores = plain(given["stores"])
        try:
            aws = Account(given["region"], profile=given["profile"], endpoint_url=given["endpoint_url"])
            kept = survey(aws, stores, plain(given["endpoints"]))
        except StairwayError as error:
            return {**result, "failed": True, **error.result()}
        now = datetime.now(timezone.utc)
        told = [{key: _text(value) for key, value in dataclasses.asdict(one).items()} for one in kept]
        return {**result, "changed": False, "kept": told, "text": lines(kept, stores, now)}


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
