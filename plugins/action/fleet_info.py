"""Says where a fleet stands. Runs on the controller."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.stairway.cloud.plugins.module_utils._app.plain import plain
from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control.status import status

ARGUMENTS: dict[str, Any] = {
    "app": {"type": "str", "required": True},
    "group": {"type": "str", "required": True},
    "region": {"type": "str", "required": True},
    "profile": {"type": "str"},
    "endpoint_url": {"type": "str"},
}


class ActionModule(ActionBase):
    """``stairway.cloud.fleet_info``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _valid, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        options = plain(given)
        try:
            aws = Account(options["region"], profile=options["profile"], endpoint_url=options["endpoint_url"])
            found = status(aws, options["app"], options["group"])
        except StairwayError as error:
            return {**result, "failed": True, **error.result()}
        return {**result, "changed": False, **found}
