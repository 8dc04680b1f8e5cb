"""Keeps the journal of an app: in an account from here, on a host by the module of the same name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.stairway.cloud.plugins.module_utils._app.plain import plain
from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._journal.run import SPEC, answer, entered, now

ACCOUNT: dict[str, Any] = {"region": {"type": "str"}, "profile": {"type": "str"}, "endpoint_url": {"type": "str"}}


class ActionModule(ActionBase):
    """``stairway.cloud.journal``."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec={**SPEC, **ACCOUNT})
        if not options["region"]:
            given = {name: value for name, value in self._task.args.items() if name not in ACCOUNT}
            return {
                **result,
                **self._execute_module(module_name="stairway.cloud.journal", module_args=given, task_vars=task_vars),
            }
        try:
            return {**result, **self._in_account(plain(options))}
        except StairwayError as error:
            return {**result, "failed": True, **error.result()}

    def _in_account(self, options: Mapping[str, Any]) -> dict[str, Any]:
        aws = Account(options["region"], profile=options["profile"], endpoint_url=options["endpoint_url"])
        name = f"/stairway/{options['app']}/record"
        found = aws.call("ssm", "get_parameter", absent=("ParameterNotFound",), Name=name)
        before = json.loads(found["Parameter"]["Value"]) if found else {}
        if options["state"] == "gone":
            if found and not self._task.check_mode:
                aws.call("ssm", "delete_parameter", absent=("ParameterNotFound",), Name=name)
            return {**answer(before, {}), "changed": bool(found)}
        after = entered(before, options, now())
        if after != before and not self._task.check_mode:
            value = json.dumps(after, sort_keys=True)
            aws.call("ssm", "put_parameter", Name=name, Value=value, Type="String", Overwrite=True)
        return answer(before, after)
