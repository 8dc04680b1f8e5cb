#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_info
short_description: Say how the backups of an app are
version_added: 0.1.0
description:
  - Reads what the host remembers of its backups and drills, and with O(list=true) asks the place where they are.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: It only reads.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
options:
  app:
    description: The app's name.
    type: str
    required: true
  list:
    description: Whether to list every backup too, those of the files last.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Ask how the backups are
  stairway.cloud.backup_info:
    app: chat
  register: backups
"""

RETURN = r"""
state:
  description: By store, the last good backup, the last drill and the last error.
  returned: success
  type: dict
verified:
  description:
    - When the oldest of the newest backups that a drill has proven was made, in ISO 8601, as
      O(stairway.cloud.blueprint#module:give_up) takes it. Empty where a store has none.
  returned: success
  type: str
backups:
  description: Every backup at its place. Of files, C(bytes) is known from restic 0.17 on.
  returned: with O(list=true)
  type: list
  elements: dict
text:
  description: The same, as lines for a terminal.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.stairway.cloud.plugins.module_utils._backups.info import listed, status
from ansible_collections.stairway.cloud.plugins.module_utils._backups.places import Host
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule


def main() -> None:
    """Run the module."""
    module = QuietModule(
        argument_spec={"app": {"type": "str", "required": True}, "list": {"type": "bool", "default": False}},
        supports_check_mode=True,
    )
    host = Host(module.params["app"])
    try:
        result = status(host)
        if module.params["list"]:
            found = listed(host)
            result = {**result, **found, "text": [*found["text"], *result["text"]]}
    except StairwayError as error:
        module.fail_json(**error.result())
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
