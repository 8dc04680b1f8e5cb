"""Says whether names lead to a place. Runs on the controller, whose name server is asked."""

from __future__ import annotations

import socket
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.stairway.cloud.plugins.module_utils._app.plain import plain
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError

ARGUMENTS: dict[str, Any] = {
    "names": {"type": "list", "elements": "str", "required": True},
    "to": {"type": "str", "required": True},
    "again": {"type": "str", "required": True},
}


class ActionModule(ActionBase):
    """``stairway.cloud.names_info``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _valid, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        options = plain(given)
        found = {name: addresses(name) for name in options["names"]}
        try:
            check(found, options["to"], addresses(options["to"]), options["again"])
        except StairwayError as error:
            return {**result, "failed": True, **error.result()}
        return {**result, "changed": False, "addresses": {name: sorted(one) for name, one in found.items()}}


def addresses(name: str) -> set[str]:
    """The addresses of a name, or of an address itself; none where the name is not known."""
    try:
        return {str(one[4][0]) for one in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}
    except OSError:
        return set()


def check(found: dict[str, set[str]], to: str, there: set[str], again: str) -> None:
    """Pure.

    :raises StairwayError: names those that lead somewhere else, and what to write where they are looked after.
    """
    elsewhere = {name: where for name, where in found.items() if not where & there}
    if not elsewhere:
        return
    record = "A" if to in there else "CNAME (at the top of a domain: ALIAS, or what your DNS calls it)"
    leads = [f"{name} leads to {', '.join(sorted(where)) or 'nothing'}" for name, where in elsewhere.items()]
    raise StairwayError(
        "The app serves in its new place, and users still come to the old one: names are to be changed by hand.",
        expected=f"{', '.join(elsewhere)}: {record} {to}",
        found="; ".join(leads),
        where="the DNS of the app's names, which is not in this account",
        fix=f"change them there, wait until they are known, and run again: {again} "
        "(behind a proxy, which hides where they lead, add -e names_switched=true)",
    )
