"""Learns what a role decides by, in one round trip and without a module on the host."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._files import host, packages

SPEC: dict[str, Any] = {
    "platforms": {"type": "dict", "required": True},
    "packages": {"type": "list", "elements": "str", "default": []},
    "paths": {"type": "list", "elements": "str", "default": []},
    "advice": {"type": "str"},
}


class ActionModule(ActionBase):
    """``stairway.cloud.host_info``."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=SPEC)
        try:
            found = self._ask(options["paths"])
            here = _here(found, options)
        except StairwayError as error:
            return {**result, "failed": True, **error.result()}
        wanted = [*options["packages"], *here.get("packages", ())]
        missing = packages.missing(wanted, packages.installed(found.packages))
        return {
            **result,
            "changed": False,
            "platform": found.platform,
            "here": here,
            "missing_packages": list(missing),
            "missing_paths": list(found.missing_paths),
            "complete": not missing and not found.missing_paths,
        }

    def _ask(self, paths: list[str]) -> host.Host:
        done = self._low_level_execute_command(host.script(paths))
        found = host.parse(str(done.get("stdout", "")))
        if found is None:
            raise StairwayError(
                "The host did not say what it runs.",
                expected="a shell that can read /etc/os-release",
                fix="Try it: ansible HOST -m ansible.builtin.raw -a 'cat /etc/os-release'",
                log=f"{done.get('stdout', '')}\n{done.get('stderr', '')}".strip().splitlines()[-5:],
            )
        return found


def _here(found: host.Host, options: dict[str, Any]) -> dict[str, Any]:
    """What the caller's table says about this platform."""
    here = options["platforms"].get(found.platform)
    if here is None:
        raise StairwayError(
            f"This host runs {found.platform}, which is not supported.",
            expected=", ".join(options["platforms"]),
            found=found.platform,
            fix=options["advice"],
        )
    return dict(here)
