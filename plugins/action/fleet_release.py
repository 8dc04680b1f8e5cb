"""Releases a version of an app to its fleet. Runs on the controller: the machines are reached by nobody."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.stairway.cloud.plugins.module_utils._app.plain import plain
from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control.rollout import Outcome, Rollout, Wish
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import notice
from ansible_collections.stairway.cloud.plugins.plugin_utils._progress import Progress

ARGUMENTS: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "rolled_back"], "default": "present"},
    "document": {"type": "dict", "required": True},
    "fleet": {"type": "dict", "required": True, "no_log": False},
    "environment": {"type": "dict", "default": {}, "no_log": True},
    "endpoints": {"type": "dict", "default": {}},
    "version": {"type": "str", "default": ""},
    "first_version": {"type": "str", "default": ""},
    "again": {"type": "bool", "default": False},
    "actor": {"type": "str", "default": "unknown"},
    "slack_webhook": {"type": "str", "no_log": True},
    "lock_wait": {"type": "int", "default": 60},
    "poll_seconds": {"type": "float", "default": 3.0},
    "region": {"type": "str", "required": True},
    "profile": {"type": "str"},
    "endpoint_url": {"type": "str"},
}
_WISHES = ("environment", "endpoints", "version", "first_version", "again", "actor", "lock_wait", "poll_seconds")


class ActionModule(ActionBase):
    """``stairway.cloud.fleet_release``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _valid, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        options = plain(given)
        try:
            outcome = self._release(options)
        except StairwayError as error:
            self._tell(options, "failed", options["version"], 0.0, None, str(error))
            return {**result, "failed": True, **error.result()}
        if outcome.changed and not self._task.check_mode:
            what = "released" if options["state"] == "present" else "rolled back"
            self._tell(options, what, outcome.version, outcome.seconds, outcome.before, None)
        if self._task.diff:
            result["diff"] = {"before": f"{outcome.before or ''}\n", "after": f"{outcome.version}\n"}
        return {**result, **outcome.result()}

    def _release(self, options: dict[str, Any]) -> Outcome:
        aws = Account(options["region"], profile=options["profile"], endpoint_url=options["endpoint_url"])
        wish = Wish(
            facts=options["document"],
            fleet=options["fleet"],
            check_mode=bool(self._task.check_mode),
            **{name: options[name] for name in _WISHES},
        )
        with Progress() as progress:
            rollout = Rollout(aws, wish, progress.line)
            return rollout.present() if options["state"] == "present" else rollout.rolled_back()

    def _tell(
        self,
        options: dict[str, Any],
        what: str,
        version: str,
        seconds: float,
        before: str | None,
        reason: str | None,
    ) -> None:
        """A notice that does not arrive fails nothing."""
        if not options["slack_webhook"] or self._task.check_mode:
            return
        message = notice.text(
            what,
            app=options["document"]["app"],
            version=version,
            host="its fleet",
            actor=options["actor"],
            seconds=seconds,
            before=before,
            reason=reason,
        )
        why = notice.send(options["slack_webhook"], message)
        if why:
            Display().warning(f"No notice was sent: {why}")
