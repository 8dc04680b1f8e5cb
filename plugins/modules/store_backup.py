#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: store_backup
short_description: Back up the stores of an app on this host, or prove that they can be restored
version_added: 0.1.0
description:
  - Does now what the host's timers do by themselves, by the settings that a stage has written there.
  - Fails when one of the stores failed. Those before and after it are done all the same.
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
  state:
    description:
      - V(made) makes a backup of each store, and of the app's files.
      - V(proven) restores the newest backup of each in a throw-away container, compares it and takes it away. Files go
        into a folder; where the disk has no room for it, all that is stored is read instead, as RV(notes) then says.
    type: str
    choices: [made, proven]
    default: made
  stores:
    description: Only these; C(files) are the app's volumes. All of them when empty.
    type: list
    elements: str
    default: []
  accept_size:
    description:
      - Whether to believe a backup that is much smaller than those before it, or one of files that lacks a volume.
    type: bool
    default: false
  key:
    description:
      - The private key that opens the backups, for this run alone. Only needed where the host's own key does not open
        them, such as on a new host.
    type: str
  actor:
    description: Who asks, for whoever finds the lock taken.
    type: str
    default: unknown
"""

EXAMPLES = r"""
- name: Make a backup of all stores
  stairway.cloud.store_backup:
    app: chat

- name: Prove that the newest backup of the database can be restored
  stairway.cloud.store_backup:
    app: chat
    state: proven
    stores: [db]
"""

RETURN = r"""
done:
  description: Each backup or drill, with its C(id), C(bytes), C(rows) and C(seconds).
  returned: success
  type: list
  elements: dict
notes:
  description: What went wrong beside it, such as a notice that did not arrive.
  returned: success
  type: list
  elements: str
text:
  description: The same and how the backups are, as lines for a terminal.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.stairway.cloud.plugins.module_utils._backups.tasks import make, prove
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule


def main() -> None:
    """Run the module."""
    module = QuietModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["made", "proven"], "default": "made"},
            "stores": {"type": "list", "elements": "str", "default": []},
            "accept_size": {"type": "bool", "default": False},
            "key": {"type": "str", "no_log": True},
            "actor": {"type": "str", "default": "unknown"},
        },
        supports_check_mode=True,
    )
    given = module.params
    if module.check_mode:
        module.exit_json(changed=True, done=[], notes=[], text=[])
    try:
        if given["state"] == "made":
            result = make(given["app"], given["stores"], accept=given["accept_size"], actor=given["actor"])
        else:
            result = prove(given["app"], given["stores"], identity=given["key"], actor=given["actor"])
    except StairwayError as error:
        module.fail_json(**error.result())
    for note in result["notes"]:
        module.warn(note)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
