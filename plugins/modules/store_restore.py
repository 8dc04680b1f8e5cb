#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: store_restore
short_description: Bring a store back from a backup, beside the one in use, and switch to it
version_added: 0.1.0
description:
  - Restores into a volume of its own, and compares what is there with the backup's manifest. Nothing of the app is
    touched until O(state=switched).
  - A backup that is damaged, incomplete, of another key or engine is refused, and what was restored of it is gone.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Does nothing, and says that it would.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
options:
  app:
    description: The app's name.
    type: str
    required: true
  store:
    description: The store's name in the app, or C(files) for the app's volumes.
    type: str
    required: true
  backup:
    description:
      - The backup's name as O(stairway.cloud.backup_info#module:list) has it, or V(latest) for the newest good one.
    type: str
    default: latest
  state:
    description:
      - V(prepared) restores and compares. What an earlier call has restored is taken, unless the app has used it.
      - Where an earlier switch has left a volume, it is refused. Go back first, or throw that one away.
      - V(switched) does so too, and lets the store stand on it. The volume before stays.
      - V(back) lets the store stand on the volume before the last switch.
      - V(discarded) throws away the volume that is not in use.
    type: str
    choices: [prepared, switched, back, discarded]
    default: prepared
  key:
    description:
      - The private key that opens the backup, for this run alone. Only needed where the host's own key does not open
        it, such as on a new host.
    type: str
  actor:
    description: Who asks, for whoever finds the lock taken.
    type: str
    default: unknown
"""

EXAMPLES = r"""
- name: Restore the newest backup of the database beside it
  stairway.cloud.store_restore:
    app: chat
    store: db

- name: Let the app use it
  stairway.cloud.store_restore:
    app: chat
    store: db
    state: switched
"""

RETURN = r"""
volume:
  description: The volume that was restored into, or that the store stands on now.
  returned: success
  type: str
before:
  description: The volume that the store stood on.
  returned: when it was switched
  type: str
standing:
  description: Whether the store stood on what was asked for already, by an earlier call.
  returned: when it was restored
  type: bool
rows:
  description: The rows by table, as they were compared.
  returned: when it was restored
  type: dict
text:
  description: What was done, as lines for a terminal.
  returned: when it was restored
  type: list
  elements: str
"""

from ansible_collections.stairway.cloud.plugins.module_utils._backups.tasks import bring_back
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule


def main() -> None:
    """Run the module."""
    module = QuietModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "store": {"type": "str", "required": True},
            "backup": {"type": "str", "default": "latest"},
            "state": {"type": "str", "choices": ["prepared", "switched", "back", "discarded"], "default": "prepared"},
            "key": {"type": "str", "no_log": True},
            "actor": {"type": "str", "default": "unknown"},
        },
        supports_check_mode=True,
    )
    given = module.params
    if module.check_mode:
        module.exit_json(changed=True, text=[])
    try:
        result = bring_back(
            given["app"],
            given["store"],
            given["backup"],
            state=given["state"],
            identity=given["key"],
            actor=given["actor"],
        )
    except StairwayError as error:
        module.fail_json(**error.result())
    module.exit_json(**result)


if __name__ == "__main__":
    main()
