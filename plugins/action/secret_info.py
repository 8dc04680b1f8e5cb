"""Reads a secret of Secrets Manager, on the controller."""

from __future__ import annotations

import json
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError

ARGUMENTS: dict[str, Any] = {
    "secret": {"type": "str", "required": True, "no_log": False},
    "region": {"type": "str", "required": True},
    "profile": {"type": "str"},
    "endpoint_url": {"type": "str"},
}


class ActionModule(ActionBase):
    """``stairway.cloud.secret_info``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _valid, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        if not given["secret"]:
            return {**result, "changed": False, "value": {}}
        try:
            aws = Account(given["region"], profile=given["profile"], endpoint_url=given["endpoint_url"])
            text = aws.call("secretsmanager", "get_secret_value", SecretId=given["secret"])["SecretString"]
        except StairwayError as error:
            return {**result, "failed": True, **error.result()}
        return {**result, "changed": False, "value": dict(json.loads(text))}
