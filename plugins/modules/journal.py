#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: journal
short_description: Note where an app stands, and how far a walk to another stage has come
version_added: 0.1.0
description:
  - Keeps the journal of an app in its record on the host, C(/etc/stairway/<app>.json), or with O(region) as the
    parameter C(/stairway/<app>/record) of an account.
  - It says which stage the app last stood still on, where its stores were, and of a walk that goes on who began it, and
    which steps were begun and done. Holds no secret.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Says what the journal would be, and notes nothing.
    support: full
  diff_mode:
    description: Shows what would change or has changed.
    support: none
options:
  app:
    description: The app's name.
    type: str
    required: true
  state:
    description:
      - V(opened) begins a walk to O(stage), or goes on with one that was cut off; nothing where the app stands there.
      - V(begun) notes that O(step) begins, and that those before it are done.
      - V(settled) notes that the app stands on O(stage).
      - V(gone) takes the journal away.
    type: str
    choices: [read, opened, begun, settled, gone]
    default: read
  stage:
    description: The stage.
    type: str
  step:
    description: The step.
    type: str
  by:
    description: Who walks.
    type: str
    default: unknown
  places:
    description: Where each store is.
    type: dict
    default: {}
  endpoints:
    description: Where the stores are that AWS runs.
    type: dict
    default: {}
  region:
    description: The region of the account that keeps the journal. Without it, the host does.
    type: str
  profile:
    description: The AWS profile.
    type: str
  endpoint_url:
    description: Another address than that of AWS, for an emulator.
    type: str
"""

EXAMPLES = r"""
- name: Note that the stores come now
  stairway.cloud.journal:
    app: chat
    state: begun
    step: stores
"""

RETURN = r"""
journal:
  description: The journal.
  returned: success
  type: dict
walking:
  description: Whether the app is on its way to another stage.
  returned: success
  type: bool
text:
  description: The same, as lines for a terminal.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._journal import host
from ansible_collections.stairway.cloud.plugins.module_utils._journal.run import SPEC, answer, entered, now


def main() -> None:
    """Run the module on a host; with a region the action plugin of the same name does the work."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    path = host.path_of(module.params["app"])
    try:
        record, before = host.load(path)
        after = entered(before, module.params, now())
        if after != before and not module.check_mode:
            host.save(path, record, after)
    except StairwayError as error:
        module.fail_json(**error.result())
    module.exit_json(**answer(before, after))


if __name__ == "__main__":
    main()
